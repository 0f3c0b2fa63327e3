"""How many points are tried: what can be told, what the report says of it, and how it is seen again."""

from __future__ import annotations

import sys
from typing import Final

import pytest

from harness.engine.session import Options, judge_recordings, most_moments
from harness.record.recording import Recording
from harness.report.words import again, moments
from harness.results.result import Result
from tests.stories.moments import followed, one_came

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
    assert list(moments(judged(all_goes_well(20)))) == [
        f"{ANY_TIME}: 1 of 40 points tried (--moments all tries every one)"
    ]
    assert not list(moments(judged(it_sleeps_on(2, 4))))


@pytest.mark.parametrize(("told", "most"), [("1", 1), ("100", 100), ("all", sys.maxsize)])
def test_a_number_or_all(told: str, most: int) -> None:
    assert most_moments(told) == most


@pytest.mark.parametrize("told", ["0", "-1", "1.5", "many", "", "٣x", "²"])
def test_nothing_else_is_a_number_of_moments(told: str) -> None:
    with pytest.raises(ValueError, match="is neither a number from 1 on nor 'all'"):
        most_moments(told)
