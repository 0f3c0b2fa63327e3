"""The quiet lane: a measurement is alone on the machine, and does not wait for ever."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

import pytest

import harness
from harness.engine.machine_lock import Exclusivity, machine_lock

GUARD_S: Final = 10.0
A_WHILE_S: Final = 0.03


class MachineLock:
    """The runs that want one lock, and the order in which they get it."""

    def __init__(self, folder: Path) -> None:
        self.let_in: list[str] = []
        self._folder = folder
        self._may_leave: dict[str, asyncio.Event] = {}
        self._visits: dict[str, asyncio.Task[None]] = {}

    async def comes(self, name: str, exclusivity: Exclusivity = Exclusivity.SHARED) -> None:
        """A run asks for the lock, and has time to get it."""
        self._may_leave[name] = asyncio.Event()
        self._visits[name] = asyncio.create_task(self._visit(name, exclusivity))
        await asyncio.sleep(A_WHILE_S)

    async def leaves(self, name: str) -> None:
        """A run gives the lock back as soon as it has had it."""
        self._may_leave[name].set()
        await self._visits[name]

    async def gives_up(self, name: str) -> None:
        """A run gives up waiting."""
        self._visits[name].cancel()
        with pytest.raises(asyncio.CancelledError):
            await self._visits[name]

    async def keeps_the_gate(self) -> None:
        """Wait until the measuring run holds the entry lock."""
        with (self._folder / "forkspec-gate.lock").open() as gate:
            while True:
                try:
                    fcntl.flock(gate, fcntl.LOCK_SH | fcntl.LOCK_NB)
                except BlockingIOError:
                    return
                fcntl.flock(gate, fcntl.LOCK_UN)
                await asyncio.sleep(A_WHILE_S)

    async def _visit(self, name: str, exclusivity: Exclusivity) -> None:
        async with machine_lock(exclusivity, str(self._folder)):
            self.let_in.append(name)
            await self._may_leave[name].wait()


@pytest.fixture
def tell(tmp_path: Path) -> Callable[[Callable[[MachineLock], Awaitable[None]]], None]:
    """Play a story of runs that want the lock; it must end."""

    async def told(happens: Callable[[MachineLock], Awaitable[None]]) -> None:
        async with asyncio.timeout(GUARD_S):
            await happens(MachineLock(tmp_path))

    return lambda happens: asyncio.run(told(happens))


Tell = Callable[[Callable[[MachineLock], Awaitable[None]]], None]


def test_those_who_do_not_measure_share_the_lane(tell: Tell) -> None:
    async def happens(lane: MachineLock) -> None:
        await lane.comes("one")
        await lane.comes("two")
        await lane.leaves("two")
        await lane.leaves("one")
        assert lane.let_in == ["one", "two"]

    tell(happens)


def test_a_measurement_waits_for_those_inside_and_newcomers_wait_for_it(tell: Tell) -> None:
    async def happens(lane: MachineLock) -> None:
        await lane.comes("guest")
        await lane.comes("measurement", Exclusivity.ALONE)
        await lane.keeps_the_gate()
        await lane.comes("newcomer")
        assert lane.let_in == ["guest"]
        await lane.leaves("guest")
        await lane.leaves("measurement")
        await lane.leaves("newcomer")
        assert lane.let_in == ["guest", "measurement", "newcomer"]

    tell(happens)


def test_a_measurement_is_alone(tell: Tell) -> None:
    async def happens(lane: MachineLock) -> None:
        await lane.comes("measurement", Exclusivity.ALONE)
        await lane.comes("guest")
        await lane.comes("another measurement", Exclusivity.ALONE)
        assert lane.let_in == ["measurement"]
        await lane.leaves("measurement")
        await asyncio.gather(lane.leaves("guest"), lane.leaves("another measurement"))
        assert set(lane.let_in) == {"measurement", "guest", "another measurement"}

    tell(happens)


def test_who_gives_up_waiting_holds_nobody_up(tell: Tell) -> None:
    async def happens(lane: MachineLock) -> None:
        await lane.comes("guest")
        await lane.comes("measurement", Exclusivity.ALONE)
        await lane.keeps_the_gate()
        await lane.gives_up("measurement")
        await lane.comes("newcomer")
        await lane.leaves("newcomer")
        await lane.leaves("guest")
        assert lane.let_in == ["guest", "newcomer"]

    tell(happens)


@pytest.mark.parametrize(
    ("before", "let_in"),
    [(Exclusivity.ALONE, ["first", "measures"]), (Exclusivity.SHARED, ["first"])],
)
def test_a_measurement_waits_longer_for_others_that_measure(
    tell: Tell, monkeypatch: pytest.MonkeyPatch, before: Exclusivity, let_in: list[str]
) -> None:
    monkeypatch.setattr("harness.engine.machine_lock._PATIENCE_S", 2 * A_WHILE_S)

    async def happens(lane: MachineLock) -> None:
        await lane.comes("first", before)
        await lane.comes("measures", Exclusivity.ALONE)
        await asyncio.sleep(4 * A_WHILE_S)
        await lane.leaves("first")
        with contextlib.suppress(TimeoutError):
            await lane.leaves("measures")
        assert lane.let_in == let_in

    tell(happens)


def test_who_leaves_by_an_error_leaves_all_the_same(tmp_path: Path) -> None:
    async def breaks() -> None:
        with pytest.raises(ZeroDivisionError):
            async with machine_lock(Exclusivity.ALONE, str(tmp_path)):
                raise ZeroDivisionError
        async with asyncio.timeout(GUARD_S), machine_lock(Exclusivity.ALONE, str(tmp_path)):
            pass

    asyncio.run(breaks())


def test_a_folder_without_room_for_the_lock_is_one_sentence(tmp_path: Path) -> None:
    async def enter() -> None:
        async with machine_lock(Exclusivity.SHARED, str(tmp_path / "none")):
            pass

    with pytest.raises(harness.HarnessError, match=r"cannot be opened \(No such file.*chmod 1777"):
        asyncio.run(enter())
