"""The lecture's servers, recorded once: a run that breaks off, and one that is judged again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.engine import catalogue, recordings_file, targets
from harness.engine.session import Options, examine_all, judge_recordings
from harness.judge.verdict import Outcome
from harness.record.recording import Recording

if TYPE_CHECKING:
    from pathlib import Path

    from harness.judge.requirement import Requirement
    from harness.results.result import Result

OPTIONS = Options(seed=1)
REQUIREMENTS = catalogue.load().requirements
lecture_only_once = pytest.mark.xdist_group("lecture recordings")


@pytest.fixture(scope="module")
def lecture() -> list[Result]:
    """The four servers of the lecture, run for these tests."""
    return examine_all([targets.prepare(name) for name in targets.LECTURE], OPTIONS)


def told_by(lecture: list[Result], requirement: Requirement) -> list[Recording]:
    """Its scenario's recordings; what measures time is not played where a baseline fails."""
    name = requirement.scenario
    return [result.recordings[name] for result in lecture if name in result.recordings]


@pytest.fixture(params=REQUIREMENTS, ids=lambda each: each.id)
def requirement(request: pytest.FixtureRequest) -> Requirement:
    """Each requirement in turn; its own judgement, without its baselines."""
    chosen: Requirement = request.param
    return chosen


@lecture_only_once
def test_a_run_that_breaks_off_never_passes(lecture: list[Result], requirement: Requirement) -> None:
    for whole in told_by(lecture, requirement):
        for length in range(len(whole.events)):
            outcome = requirement.decide(whole.cut(length)).outcome
            assert outcome not in {Outcome.PASS, Outcome.NOT_APPLICABLE}, length


@lecture_only_once
def test_a_run_that_breaks_off_fails_only_what_fails(
    lecture: list[Result], requirement: Requirement
) -> None:
    for whole in told_by(lecture, requirement):
        if requirement.decide(whole).outcome is not Outcome.FAIL:
            for length in range(len(whole.events)):
                verdict = requirement.decide(whole.cut(length))
                assert verdict.outcome is not Outcome.FAIL, (length, verdict.evidence.observed)


@lecture_only_once
def test_a_run_without_its_last_word_is_not_finished(lecture: list[Result]) -> None:
    for result in lecture:
        for whole in result.recordings.values():
            assert whole.is_finished
            assert not whole.cut(len(whole.events) - 1).is_finished


@lecture_only_once
def test_recording_reloading_and_judging_gives_equal_verdicts(
    lecture: list[Result], tmp_path: Path
) -> None:
    file = tmp_path / "lecture.jsonl"
    file.write_text(recordings_file.written(lecture))
    again = [judge_recordings(recordings, OPTIONS) for recordings in recordings_file.read(file)]
    assert [result.subject for result in again] == [result.subject for result in lecture]
    for before, after in zip(lecture, again, strict=True):
        assert after.verdicts == before.verdicts
        assert after.diagnosis == before.diagnosis
        assert after.level == before.level
        assert after.exit_status == before.exit_status


@lecture_only_once
def test_the_lecture_reaches_level_1_2_3_and_then_ours_4(lecture: list[Result]) -> None:
    assert [result.level for result in lecture] == [1, 2, 3, 4]
