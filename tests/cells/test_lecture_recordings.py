"""The lecture's servers, recorded once: a run that breaks off, and one that is judged again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from harness.engine import catalogue
from harness.judge.verdict import Outcome
from harness.record.recording import Recording
from harness.report.formats.json import as_json
from tests.recordings import cut

if TYPE_CHECKING:
    from harness.judge.requirement import Requirement
    from harness.results.result import Result
    from tests.lecture_seen import LectureSeen

REQUIREMENTS = catalogue.load().requirements
pytestmark = pytest.mark.xdist_group("lecture")


@pytest.fixture(scope="module")
def lecture(lecture_seen: LectureSeen) -> list[Result]:
    """The four servers of the lecture, examined in this run of the tests."""
    return lecture_seen.results


def told_by(lecture: list[Result], requirement: Requirement) -> list[Recording]:
    """The recordings of its scenario; one that measures time is not played where a baseline fails."""
    name = requirement.scenario
    return [result.recordings[name] for result in lecture if name in result.recordings]


@pytest.fixture(params=REQUIREMENTS, ids=lambda each: each.id)
def requirement(request: pytest.FixtureRequest) -> Requirement:
    """Each requirement in turn; its own judgement, without its baselines."""
    chosen: Requirement = request.param
    return chosen


def test_a_run_that_breaks_off_never_passes(lecture: list[Result], requirement: Requirement) -> None:
    for whole in told_by(lecture, requirement):
        for length in range(len(whole.events)):
            outcome = requirement.decide(cut(whole, length)).outcome
            assert outcome not in {Outcome.PASS, Outcome.NOT_APPLICABLE}, length


def test_a_run_that_breaks_off_fails_only_what_fails(
    lecture: list[Result], requirement: Requirement
) -> None:
    for whole in told_by(lecture, requirement):
        if requirement.decide(whole).outcome is not Outcome.FAIL:
            for length in range(len(whole.events)):
                verdict = requirement.decide(cut(whole, length))
                assert verdict.outcome is not Outcome.FAIL, (length, verdict.evidence.observed)


def test_a_run_without_its_last_word_is_not_finished(lecture: list[Result]) -> None:
    for result in lecture:
        for whole in result.recordings.values():
            assert whole.is_finished
            assert not cut(whole, len(whole.events) - 1).is_finished


def test_recording_reloading_and_judging_gives_equal_verdicts(lecture_seen: LectureSeen) -> None:
    again = json.loads(as_json(lecture_seen.judged_again()))
    for before, after in zip(lecture_seen.said(), again, strict=True):
        del before["retried"], after["retried"]  # a recording does not know that it is the second
        assert after == before


def test_the_lecture_reaches_level_1_2_3_and_then_ours_4(lecture: list[Result]) -> None:
    assert [result.level for result in lecture] == [1, 2, 3, 4]
