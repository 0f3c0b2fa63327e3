"""A class takes the machine alone once for several measurements, and works on meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

import pytest

from harness.cohort.measurement_batch import MeasurementBatch
from harness.engine.machine_lock import Exclusivity

GUARD_S: Final = 10.0


class Road:
    """A machine lock that counts how often it was held alone, and which runs hold it."""

    def __init__(self) -> None:
        self.emptied = 0
        self.inside = 0
        self.is_never_quiet = False

    @asynccontextmanager
    async def alone_or_beside(self, exclusivity: Exclusivity) -> AsyncIterator[bool]:
        """As `machine_lock`."""
        await asyncio.sleep(0)
        if exclusivity is Exclusivity.ALONE:
            if self.is_never_quiet:
                raise TimeoutError
            assert not self.inside
            self.emptied += 1
        self.inside += 1
        try:
            yield exclusivity is Exclusivity.ALONE
        finally:
            self.inside -= 1


class Class:
    """Hand-ins that measure, and the order in which they measured and ended."""

    def __init__(self, at_work: int, length: int) -> None:
        self.road = Road()
        self.batch = MeasurementBatch(at_work, length=length, through=self.road.alone_or_beside)
        self.told: list[str] = []
        self.never_quiet: list[str] = []
        self.measuring = 0

    async def hand_in(
        self, name: str, *, measures: bool = True, ends: Awaitable[object] | None = None
    ) -> None:
        """Be at work in exclusivity until `ends`, then measure."""
        try:
            async with self.batch.alone_or_beside(Exclusivity.SHARED) as alone:
                assert not alone
                await (ends or asyncio.sleep(0))
            if measures:
                await self._measure(name)
        finally:
            self.told.append(f"{name} ends")
            self.batch.leave()

    async def _measure(self, name: str) -> None:
        try:
            async with self.batch.alone_or_beside(Exclusivity.ALONE) as alone:
                assert alone
                self.measuring += 1
                assert self.measuring == 1
                await asyncio.sleep(0)
                self.told.append(f"{name} measures")
                self.measuring -= 1
        except TimeoutError:
            self.never_quiet.append(name)

    async def all_of(self, names: str) -> None:
        """One hand-in a letter."""
        async with asyncio.TaskGroup() as group:
            for name in names:
                await self.batch.enter()
                group.create_task(self.hand_in(name))
            self.batch.nobody_else_comes()


def let(happen: Callable[[], Awaitable[None]]) -> None:
    async def guarded() -> None:
        async with asyncio.timeout(GUARD_S):
            await happen()

    asyncio.run(guarded())


@pytest.mark.parametrize(
    ("at_work", "length", "times"), [(1, 1, 6), (2, 3, 2), (3, 3, 2), (3, 6, 1), (3, 50, 1), (8, 2, 1)]
)
def test_a_lane_is_emptied_once_for_a_convoy(at_work: int, length: int, times: int) -> None:
    async def happen() -> None:
        seen = Class(at_work, length)
        await seen.all_of("abcdef")
        assert sorted(seen.told) == sorted(
            f"{x} {did}" for x in "abcdef" for did in ("measures", "ends")
        )
        assert 1 <= seen.road.emptied <= times
        assert not seen.road.inside

    let(happen)


def test_who_waits_gives_room_to_others_and_nobody_is_forgotten() -> None:
    async def happen() -> None:
        seen = Class(at_work=1, length=2)
        may_end = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            await seen.batch.enter()
            group.create_task(seen.hand_in("waits"))
            await seen.batch.enter()  # though only one may be at work, and the first has not ended
            group.create_task(seen.hand_in("works", measures=False, ends=may_end.wait()))
            seen.batch.nobody_else_comes()
            await asyncio.sleep(0.02)
            assert not seen.told
            may_end.set()
        assert seen.told == ["works ends", "waits measures", "waits ends"]

    let(happen)


def test_a_lane_that_is_never_quiet_is_everybodys_own_misfortune() -> None:
    async def happen() -> None:
        seen = Class(at_work=2, length=3)
        seen.road.is_never_quiet = True
        await seen.all_of("abc")
        assert sorted(seen.never_quiet) == ["a", "b", "c"]
        seen.road.is_never_quiet = False
        await seen.batch.enter()
        await seen.hand_in("d")
        assert "d measures" in seen.told

    let(happen)


def test_who_breaks_in_a_convoy_lets_the_others_through() -> None:
    async def breaks(seen: Class) -> None:
        async with seen.batch.alone_or_beside(Exclusivity.ALONE):
            raise ZeroDivisionError

    async def happen() -> None:
        seen = Class(at_work=2, length=2)
        await seen.batch.enter()
        await seen.batch.enter()
        broken, other = await asyncio.gather(breaks(seen), seen.hand_in("other"), return_exceptions=True)
        assert isinstance(broken, ZeroDivisionError)
        assert other is None
        assert seen.told == ["other measures", "other ends"]
        assert not seen.road.inside

    let(happen)
