"""A sleep in the middle of something is waited for; a clock that ticks anyway is not."""

from __future__ import annotations

from typing import Final

from harness.observe.census import Process
from harness.observe.motion import Look
from harness.observe.syscalls import Call
from harness.observe.tasks import Masks, Task
from harness.observe.timed_sleeps import LONGEST_NS, Naps, Sleep

TID: Final = 100
NAP, WAIT = Call("clock_nanosleep", (0, 0, 0, 0, 0, 0)), Call("poll", (0, 1, 20, 0, 0, 0))


NOBODY: Final = Look(0, [], [])


def look(switches: int, *, call: Call = NAP, state: str = "S", at_ns: int = 0) -> Look:
    task = Task(TID, state, (switches, 0), Masks(0, 0, 0, 0), call)
    return Look(at_ns, [Process(TID, 1, 0, state, 0, 0, 0, (task,))], [])


def since(switches: int, at_ns: int = 0) -> dict[Sleep, int]:
    return {(TID, (switches, 0)): at_ns}


def test_who_fell_asleep_since_we_acted_is_waited_for() -> None:
    assert Naps(NOBODY).go_on(look(7), since(7))


def test_who_slept_before_is_not() -> None:
    assert not Naps(look(7)).go_on(look(7), since(7))


def test_nor_who_sleeps_until_something_comes() -> None:
    assert not Naps(NOBODY).go_on(look(7, call=WAIT), since(7))


def test_who_polls_nothing_sleeps() -> None:
    assert Naps(NOBODY).go_on(look(7, call=Call("poll", (0, 0, 20, 0, 0, 0))), since(7))
    assert not Call("select", (0, 0, 0, 0, 0, 0)).is_nap
    assert Call("select", (0, 0, 0, 0, 0x7FFF, 0)).is_nap


def test_a_loop_that_sleeps_again_is_not_waited_for_twice() -> None:
    naps = Naps(NOBODY)
    assert naps.go_on(look(7), since(7))
    assert naps.go_on(look(7, at_ns=10), since(7))
    assert not naps.go_on(look(8, at_ns=20), since(8, at_ns=15))


def test_nor_one_that_slept_between_its_rounds_before_we_acted() -> None:
    assert not Naps(look(7)).go_on(look(8), since(8))


def test_who_waited_for_something_and_then_naps_is_at_work() -> None:
    assert Naps(look(7, call=WAIT)).go_on(look(8), since(8))


def test_nor_is_a_long_sleep_waited_for_to_its_end() -> None:
    naps = Naps(NOBODY)
    assert naps.go_on(look(7, at_ns=LONGEST_NS - 1), since(7))
    assert not naps.go_on(look(7, at_ns=LONGEST_NS), since(7))
