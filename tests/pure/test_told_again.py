"""Students with an inconclusive verdict: the same command judges them once more, never for the worse."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from harness.cohort import roster
from harness.cohort.examine import ExamSettings, Observation, PendingWork
from harness.cohort.grade import Grading, told_more
from harness.cohort.store import Store
from harness.commands.class_commands import _summary
from harness.engine.assignment_file import AssignmentFile
from harness.judge.verdict import Outcome
from harness.record.recording import Recording
from tests.recordings import Story, story

STARTING: Final = story("starting").starts().quiet().over()
BROKEN: Final = Story("starting", "server").breaks_off()
TALK: Final = story("conversation").starts().quiet().over()


class Machine:
    """An examination that gives what it was made with, and counts its calls."""

    def __init__(self, *shows: Sequence[Recording]) -> None:
        self.shows = list(shows)
        self.asked: list[str] = []

    def examine(
        self,
        _: ExamSettings,
        dues: Iterator[PendingWork],
        keep: Callable[[PendingWork, Observation], None],
        __: Path,
    ) -> None:
        """An Examination."""
        for due in dues:
            self.asked.append(due.hand_in.student)
            keep(due, Observation([list(self.shows.pop(0))]))


def test_who_was_not_told_is_judged_once_more_by_the_same_command(tmp_path: Path) -> None:
    machine = Machine([BROKEN], [BROKEN], [STARTING])
    students = [roster.of_target("tcpserver.py")]
    with Store(tmp_path) as store:

        def grade(*, again: bool = False) -> Outcome:
            grading = Grading(store, AssignmentFile())
            grading.run(students, tmp_path, lambda _: None, machine.examine, again=again)
            (student,) = grading.everybody()
            return student.results[0].verdicts["contract/starts"].outcome

        assert grade() is Outcome.INCONCLUSIVE
        assert len(machine.asked) == 1
        assert grade() is Outcome.INCONCLUSIVE, "tried again by itself"
        assert len(machine.asked) == 2
        assert grade() is Outcome.INCONCLUSIVE, "and not for ever"
        assert len(machine.asked) == 2
        assert grade(again=True) is Outcome.PASS
        assert len(machine.asked) == 3
        (student,) = Grading(store, AssignmentFile()).everybody()
        assert "not told in full, which lowers no level: tcpserver.py (" in _summary([student], tmp_path)


def test_what_was_told_stays_as_it_was_told() -> None:
    ((first, second),) = told_more([[STARTING, TALK]], [[BROKEN, TALK]])
    assert {first.scenario, second.scenario} == {"starting", "conversation"}
    assert STARTING in (first, second)


def test_what_could_not_be_told_is_taken_from_the_new_run() -> None:
    ((found,),) = told_more([[BROKEN]], [[STARTING]])
    assert found == STARTING
