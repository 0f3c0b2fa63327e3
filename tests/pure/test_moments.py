"""How many points are tried: what can be told, what the report says of it, and how it is seen again."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Final

import pytest

from harness.engine.session import Options, judge_recordings, most_moments
from harness.observe.call_point import Point, Within, instructions, spread
from harness.record.recording import Recording
from harness.report.failure_lines import again
from harness.report.words import points_tried
from harness.results.result import Result
from tests.stories.moments import (
    followed,
    it_reads_the_handlers_text,
    its_functions_are_its_own,
    its_handler_is_given_the_loops_memory,
    one_came,
    the_signal_came_within_malloc,
)

ANY_TIME: Final = "moments/signal-any-time"


def judged(recording: Recording) -> Result:
    return judge_recordings([recording], Options(only=(ANY_TIME,)))


def it_sleeps_on(points: int, of: int) -> Recording:
    """At the first of so many points that were drawn it sleeps although the child has ended."""
    tale = one_came(followed(points=points), "before pause", of=of)
    tale.reaps("stays 2").sleeps("pause").quiet()
    tale.connects("stays 3").queues(1).quiet().asks("stays 3").quiet().leaves("stays 3").quiet()
    return tale.asks("comes 2").answers("comes 2").over()


def all_goes_well(points: int) -> Recording:
    """A child ends at one of twice so many points."""
    tale = one_came(followed(points=points), "after close", of=1).reaps("stays 2").quiet()
    return tale.joins("stays 3").gets_its_answer("comes 2").gets_its_answer("stays 3").over()


@pytest.mark.parametrize(
    ("points", "of", "more"),
    [(20, 24, " --seed 7 --moments 24"), (12, 24, ""), (2, 3, " --seed 7 --moments 3")],
)
def test_a_point_that_was_drawn_is_found_again(points: int, of: int, more: str) -> None:
    result = judged(it_sleeps_on(points, of))
    (requirement,) = (each for each in result.requirements if each.id == ANY_TIME)
    assert again(result, requirement).endswith(f"--only {ANY_TIME}{more}")


def test_the_report_says_how_many_points_were_tried() -> None:
    passed = judged(all_goes_well(20)).verdicts[ANY_TIME]
    told = "Tried at 1 of 40 points, drawn by the seed (--moments all tries each)."
    assert points_tried(passed) == told
    static = points_tried(passed.with_facts(static=True))
    assert static == f"{told} None is within a function: the C library is part of the program."
    assert not points_tried(judged(it_sleeps_on(2, 4)).verdicts[ANY_TIME])


@pytest.mark.parametrize(("told", "most"), [("1", 1), ("100", 100), ("all", sys.maxsize)])
def test_a_number_or_all(told: str, most: int) -> None:
    assert most_moments(told) == most


@pytest.mark.parametrize("told", ["0", "-1", "1.5", "many", "", "٣x", "²"])
def test_nothing_else_is_a_number_of_moments(told: str) -> None:
    with pytest.raises(ValueError, match="is neither a number from 1 on nor 'all'"):
        most_moments(told)


@pytest.mark.parametrize(
    ("tale", "told"),
    [
        (
            the_signal_came_within_malloc,
            "1 of 46 points beside the system calls of its parent, and",
        ),
        (the_signal_came_within_malloc, "functions like those that its handler calls (malloc)"),
        (
            its_handler_is_given_the_loops_memory,
            "within malloc(), called by asprintf(), at instruction 28",
        ),
        (it_reads_the_handlers_text, "its parent was just back from inet_ntoa()"),
        (its_functions_are_its_own, "cannot be told: the C library is part of it"),
    ],
)
def test_a_point_within_a_function_is_told(tale: Callable[[], Recording], told: str) -> None:
    assert told in judged(tale()).verdicts[ANY_TIME].evidence.observed


def within(steps: int, *locked: int) -> Point:
    return Point("within", "accept", 1, within=Within("malloc", "", 64, 32, 0, steps, locked))


def steps(points: Sequence[Point]) -> list[int]:
    return [point.within.step for point in points if point.within is not None]


def test_points_are_spread_over_all_instructions_of_a_function() -> None:
    assert steps(spread([within(40)], 5)) == [0, 10, 20, 30, 40]
    assert steps(spread([within(3)], 48)) == [0, 1, 2, 3]
    assert steps(spread([within(40)], sys.maxsize)) == list(range(41))
    assert steps(spread([within(3), within(8)], 6)) == [0, 1, 3, 0, 4, 8]
    assert instructions([within(3), within(8)]) == 13


def test_half_of_them_lie_where_a_lock_may_be_held() -> None:
    assert steps(spread([within(100, 20, 40)], 8)) == [0, 20, 26, 33, 40, 66, 100]


def test_no_more_are_tried_than_one_says() -> None:
    assert steps(spread([within(3), within(8)], 1)) == [0]
    assert not spread([within(3)], 0)
    assert not spread([], 48)
