"""The person at the keyboard of a client on trial."""

import asyncio
import contextlib
import os
from collections.abc import Awaitable, Callable
from typing import Final

from harness.observe.family_state import FamilyReport
from harness.record.client_run import CLIENT
from harness.record.events import Shown, Typed

from .pseudo_terminal import deliver, open_terminal
from .rest import Actor, News, Progress, Rest

_CHUNK: Final = 1 << 16
_MOST: Final = 1 << 20
_MOST_CHUNKS: Final = 16  # at a time: a program that prints for ever is not to keep us for ever
_END_OF_INPUT: Final = b"\x04"
Start = Callable[[int], Awaitable[FamilyReport]]


class Person(Actor):
    """Starts the client on a terminal of its own, types, and reads what it prints."""

    def __init__(self, rest: Rest, start: Start) -> None:
        """`start(terminal)` launches the client there and returns the report of its proof of rest."""
        self._rest = rest
        self._journal = rest.journal
        self._start = start
        self._read_so_far = 0
        self._master = -1
        self._loop = asyncio.get_running_loop()

    async def start(self) -> None:
        """Start the client anew, and wait for rest: at its prompt, or at its end."""
        self.close()
        self._master, slave = open_terminal()
        self._loop.add_reader(self._master, self._read)
        await self._rest.note_launch(await self._start(slave))

    async def type_line(self, line: bytes, *, unless: Callable[[], bool] | None = None) -> None:
        """Type a line and Enter, and wait for rest; `unless` is as `Rest.quiet` has it."""
        self._journal.note(Typed, CLIENT, line)
        await self._type(line, unless)

    async def end_input(self) -> None:
        """Type ^D at the beginning of a line: the end of input (termios(3), VEOF); wait for rest."""
        self._journal.note(Typed, CLIENT, b"")
        await self._type(_END_OF_INPUT)

    async def _type(self, data: bytes, unless: Callable[[], bool] | None = None) -> None:
        with contextlib.suppress(OSError):
            os.write(self._master, data)
            deliver(self._master)
        await self._rest.quiet(unless=unless)

    def catch_up(self, _: Progress) -> News:
        """Read what the client has printed; that wakes no process."""
        self._read()
        return News()

    def _read(self) -> None:
        for _ in range(_MOST_CHUNKS):
            try:
                data = os.read(self._master, _CHUNK)
            except (BlockingIOError, OSError):
                return
            if not data:
                return
            if self._read_so_far < _MOST:
                self._journal.note(Shown, CLIENT, data)
                self._read_so_far += len(data)

    def close(self) -> None:
        """Hang up the terminal."""
        if self._master >= 0:
            self._loop.remove_reader(self._master)
            os.close(self._master)
            self._master = -1
