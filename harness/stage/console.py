"""One interactive client on a pty: a person at a keyboard, under pexpect.

Source: the lecture's tcpclient2 (slides 6-8): it connects, prompts, waits, and sends what is typed.
"""

import asyncio
import contextlib
import os
from typing import Final, cast

import pexpect
from pexpect.fdpexpect import fdspawn

from harness.record import answers
from harness.record.contract import Contract
from harness.record.events import Left, Prompted, Shown, Typed

from .pseudo_terminal import deliver
from .rest import Actor, News, Progress, Rest

_PROMPT: Final = b"Please type a short sentence"


class Console(Actor):
    """A running client program and its terminal. What it shows goes into the journal as it comes."""

    def __init__(
        self, rest: Rest, contract: Contract, name: str, master: int, *, knows_prompt: bool = True
    ) -> None:
        """Takes the terminal's `master` over.

        Without `knows_prompt` all that is shown before anything was typed is the prompt.
        """
        self.name = name
        self.shown = b""
        self.pid = 0
        self.has_prompted = not knows_prompt
        self._has_typed = knows_prompt
        self.has_ended = False
        self._rest = rest
        self._contract = contract
        self._journal = rest.journal
        self._loop = asyncio.get_running_loop()
        self._terminal = fdspawn(master, use_poll=True)
        self._terminal.delaybeforesend = None
        self._master = master
        self._loop.add_reader(master, self.drain)

    def catch_up(self, _: Progress) -> News:
        """Read what the program has printed; no process waits for that."""
        self.drain()
        return News()

    def drain(self) -> None:
        """Read what the program has printed."""
        while not self.has_ended:
            try:
                data = cast("bytes", self._terminal.read_nonblocking(65_536, timeout=0))
            except pexpect.TIMEOUT:
                return
            except pexpect.EOF:
                self.has_ended = True
                self._loop.remove_reader(self._master)
                self._journal.note(Left, self.name)
                return
            self.shown += data
            kind = Shown if self.has_prompted and self._has_typed else Prompted
            self.has_prompted = self.has_prompted or _PROMPT in self.shown
            self._journal.note(kind, self.name, data)

    async def press_enter(self, line: bytes) -> None:
        """Type a line and Enter; come back with the reply, or with the proof that none can come."""
        before = len(self.shown)
        self.type_line(line)
        await self._rest.quiet(
            unless=lambda: answers.is_on_screen(self._contract, line, self.shown[before:])
        )

    def type_line(self, line: bytes) -> None:
        """Type a line and Enter, and wait for nothing."""
        self._has_typed = True
        self._journal.note(Typed, self.name, line)
        with contextlib.suppress(OSError):
            self._terminal.send(line)
            deliver(self._master)

    def close(self) -> None:
        """Hang up the terminal."""
        with contextlib.suppress(OSError, ValueError):
            self._loop.remove_reader(self._master)
        with contextlib.suppress(OSError):
            os.close(self._master)
        self._master, self.has_ended = -1, True
