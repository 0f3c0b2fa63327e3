"""Measures what the server's family uses, and how large it is; never judges it."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from harness.cell.cell import Cell
from harness.cell.look_protocol import CountFamily, FamilyCount, StockTaken, TakeStock
from harness.cell.server_protocol import MeasureIdle
from harness.record.events import Idled

from .rest import Rest

_IDLE_WINDOW_NS: Final = 500_000_000
_LEAST_PAUSE_S, _PAUSES, _LEFT_BEHIND_S = 0.1, 10, 0.5


class Usage:
    """Measures one family."""

    def __init__(self, cell: Cell, rest: Rest) -> None:
        self._cell = cell
        self._rest = rest
        self._journal = rest.journal

    async def measure_idle(self, when: str) -> None:
        """Measure for half a second what the family uses while no client asks."""
        used = await self._cell.ask(MeasureIdle(_IDLE_WINDOW_NS, self._rest.deadline_ns))
        self._journal.note(
            Idled, "stage", when=when, window_ns=used.window_ns, cpu_ns=used.cpu_ns, wakings=used.wakings
        )

    @asynccontextmanager
    async def counted(self, counts: list[FamilyCount]) -> AsyncIterator[None]:
        """Within the block and half a second longer, count the family again and again.

        At most a tenth of a processor goes into it: the larger the family, the fewer the counts.
        """

        async def count() -> float:
            began_s = time.monotonic()
            counts.append(await self._cell.ask(CountFamily()))
            return time.monotonic() - began_s

        async def go_on() -> None:
            while True:
                took_s = await count()
                await asyncio.sleep(max(_LEAST_PAUSE_S, _PAUSES * took_s))

        counting = asyncio.create_task(go_on())
        try:
            yield
            await asyncio.sleep(_LEFT_BEHIND_S)
        finally:
            counting.cancel()
        await count()

    async def stock(self) -> StockTaken:
        """The family's holdings now, and what it has used so far."""
        return await self._cell.ask(TakeStock())
