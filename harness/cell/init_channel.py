"""The keeper's line to init: ask, be answered, hear who was reaped; and pids on both sides of it."""

from __future__ import annotations

import socket
from typing import Final

from harness.observe import census

from . import wire

GONE: Final = 1 << 30  # above any pid_max (proc(5)): nobody's


class InitGone(Exception):
    """Init has ended, or was killed: the cell is over."""


class InitLine:
    """Orders to init and their answers. `reaped` holds raw wait statuses by the pids init sees."""

    def __init__(self, channel: socket.socket, *, numbers_its_own: bool) -> None:
        """With `numbers_its_own` init lives in a pid namespace of its own."""
        self.channel = channel
        self.reaped: dict[int, int] = {}
        self._inbox = wire.Inbox(channel)
        self._answers: list[wire.Message] = []
        self._numbers_its_own = numbers_its_own

    def hear(self) -> None:
        """Take in what init says; blocks when it says nothing.

        Raises:
            InitGone: nothing more will come.
        """
        if not self._inbox.read():
            raise InitGone
        while (message := self._inbox.take()) is not None:
            if "reaped" in message[0]:
                self.reaped[message[0]["reaped"]] = message[0]["status"]
            else:
                self._answers.append(message[0])

    def answer(self) -> wire.Message:
        """The next thing init says that is no reaping; raises as `hear`."""
        while not self._answers:
            self.hear()
        return self._answers.pop(0)

    def ask(self, order: wire.Message, fds: list[int] | None = None) -> wire.Message:
        """One order and its answer; raises as `hear`."""
        wire.send(self.channel, {**order, "fds": len(fds or [])}, fds)
        return self.answer()

    def last_pid(self) -> int | None:
        """How many pids the cell's namespace has given out: counts forks too short to be seen."""
        return int(self.ask({"order": "last pid"})["last_pid"]) if self._numbers_its_own else None

    def pid_here(self, init: int, inside: int) -> int:
        """The pid as seen from here of a child of init; GONE once it has gone.

        Never its number inside: out here that is somebody else's.
        """
        if not self._numbers_its_own:
            return inside
        return next((pid for pid in census.children(init, [init]) if pid_inside(pid) == inside), GONE)


def pid_inside(pid: int) -> int:
    """The pid as the process's own pid namespace numbers it; 0 once it has gone."""
    status = census.read(f"/proc/{pid}/status") or b""
    at = status.find(b"\nNSpid:")
    return int(status[at : status.index(b"\n", at + 1)].split()[-1]) if at >= 0 else 0
