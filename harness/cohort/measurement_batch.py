"""Collects the hand-ins of a class that want to measure time, and lets them measure one after another.

A measurement waits until all other runs have ended, and processors are idle meanwhile. A class waits
once for several measurements. This file knows hand-ins only by how many of them are at work.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

from harness.engine.machine_lock import Exclusivity, MachineLock, machine_lock

_LENGTH: Final = 8


class MeasurementBatch:
    """The hand-ins at work, and those that have given their place to others and wait to measure.

    The batch measures when it is long enough, or when no other hand-in is at work.
    """

    def __init__(
        self, at_work: int, *, length: int = _LENGTH, through: MachineLock = machine_lock
    ) -> None:
        """At most `at_work` hand-ins work at once; `length` of them make a batch."""
        self._room = asyncio.Semaphore(at_work)
        self._length = length
        self._through = through
        self._at_work = 0
        self._waiting = 0
        self._is_last = False
        self._is_inside = False
        self._sets_out = asyncio.Event()
        self._in_front = asyncio.Lock()
        self._held = AsyncExitStack()

    async def enter(self) -> None:
        """Wait for a place, and hold it until `leave`."""
        await self._room.acquire()
        self._at_work += 1

    def leave(self) -> None:
        """Give the place to another hand-in."""
        self._at_work -= 1
        self._room.release()
        self._set_out_if_due()

    def nobody_else_comes(self) -> None:
        """Say that all hand-ins have entered: those that wait need not wait for a longer batch."""
        self._is_last = True
        self._set_out_if_due()

    @asynccontextmanager
    async def alone_or_beside(self, exclusivity: Exclusivity) -> AsyncIterator[bool]:
        """The machine's lock for a hand-in at work; yields and raises as `machine_lock`."""
        if exclusivity is not Exclusivity.ALONE:
            async with self._through(exclusivity) as alone:
                yield alone
            return
        self._waiting += 1
        self.leave()
        try:
            await self._sets_out.wait()
            async with self._in_front:
                if not self._is_inside:
                    self._is_inside = await self._held.enter_async_context(self._through(exclusivity))
                yield True
        finally:
            self._waiting -= 1
            if not self._waiting:
                self._is_inside = False
                self._sets_out.clear()
                await self._held.aclose()
            await self.enter()

    def _set_out_if_due(self) -> None:
        if self._waiting >= self._length or (self._is_last and self._waiting and not self._at_work):
            self._sets_out.set()
