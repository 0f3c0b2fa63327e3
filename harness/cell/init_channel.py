"""The keeper's channel to init: it asks, reads answers, hears of reaped processes, translates pids."""

import os
import socket
from collections.abc import Sequence
from typing import Final, TypeVar, cast

from harness.observe import procfs

from . import wire
from .init_protocol import FROM_INIT, UNABLE, EndAll, Gone, InitAnswer, Unable
from .message import AnsweredBy, answer_to

_LONGEST: Final = 128
GONE: Final = 1 << 30  # above any pid_max (proc(5)): nobody's
Expected = TypeVar("Expected")


class InitGone(Exception):
    """Init has ended, or was killed: the cell is over."""


class InitLine:
    """Orders to init and their answers. `reaped` holds raw wait statuses by the pids init sees."""

    def __init__(self, channel: socket.socket, bell: socket.socket, *, numbers_its_own: bool) -> None:
        """With `numbers_its_own` init lives in a pid namespace of its own.

        At the `bell` it says the newest pid there.
        """
        self.channel = channel
        self._bell = bell
        self.reaped: dict[int, int] = {}
        self._inbox = wire.Inbox(channel, FROM_INIT)
        self._answers: list[InitAnswer] = []
        self._numbers_its_own = numbers_its_own

    def hear(self) -> None:
        """Take in what init says, and wait for it; raises InitGone where nothing more will come."""
        if not self._inbox.read():
            raise InitGone
        while (heard := self._inbox.take()) is not None:
            message, _ = heard
            if isinstance(message, Gone):
                self.reaped[message.pid] = message.status
            else:
                self._answers.append(message)

    def last_pid(self) -> int | None:
        """How many pids the cell's namespace has given out: counts forks too short to be seen."""
        if not self._numbers_its_own:
            return None
        try:
            self._bell.send(b"?")
            told = self._bell.recv(_LONGEST)
        except OSError:
            raise InitGone from None
        if not told:
            raise InitGone
        if told.startswith(UNABLE):
            number = int(told.removeprefix(UNABLE))
            raise OSError(number, os.strerror(number))
        return int(told.split()[-1])

    def ask(self, order: AnsweredBy[Expected], fds: Sequence[int] = ()) -> Expected:
        """One order, the descriptors that go along with it, and its answer. Raises as `answer`."""
        wire.send(self.channel, order, fds)
        return cast("Expected", self.answer(answer_to(type(order))))

    def end_all(self) -> bool:
        """End all processes but init; whether nobody and nothing of theirs is left, nor any news."""
        ended = self.ask(EndAll())
        self.reaped.clear()
        return ended

    def answer(self, expected: type[Expected]) -> Expected:
        """The next thing init says that is no reaping: it answers in the order it was asked.

        Raises:
            InitGone: nothing more will come.
            OSError: the system refused it what it was asked.
        """
        while not self._answers:
            self.hear()
        answer = self._answers.pop(0)
        if isinstance(answer, Unable):
            raise OSError(answer.number, os.strerror(answer.number))
        if not isinstance(answer, expected):
            raise TypeError(f"init answers {answer!r} where {expected.__name__} was asked for")
        return answer

    def pid_here(self, init: int, inside: int) -> int:
        """The pid out here of a child of init, never its number inside; GONE once it has gone."""
        if not self._numbers_its_own:
            return inside
        below = procfs.children(init, [init])
        return next((pid for pid in below if pid_inside(pid, init) == inside), GONE)


def pid_inside(pid: int, init: int) -> int:
    """The pid as the pid namespace of the cell's init numbers it; 0 once it has gone.

    The process may have made a namespace of its own below that (pid_namespaces(7)).
    """
    numbers, level = _numbers(pid), len(_numbers(init)) - 1
    return numbers[level] if 0 <= level < len(numbers) else 0


def _numbers(pid: int) -> list[int]:
    """Its numbers from our pid namespace to its own (proc(5), NSpid); none once it has gone."""
    status = procfs.read(f"/proc/{pid}/status") or b""
    at = status.find(b"\nNSpid:")
    return (
        [int(word) for word in status[at : status.index(b"\n", at + 1)].split()[1:]] if at >= 0 else []
    )
