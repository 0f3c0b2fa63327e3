"""One judged student, for grade books and the files of course systems."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final, Self

from harness.judge.diagnosis import Diagnosis, diagnose
from harness.judge.requirement import Requirement
from harness.judge.story import Group
from harness.judge.verdict import Evidence, Outcome, Verdict, blocked
from harness.record.events import (
    BuildFailed,
    Built,
    Ended,
    Event,
    Exited,
    Printed,
    Reaped,
    Sanitized,
    Stood,
    Submitted,
)
from harness.record.recording import Recording

from .marking import Feedback, Marks
from .result import Result

_LINES: Final = (Stood, Sanitized)
_BUILDS: Final = (Submitted, Built, BuildFailed)
_ENDINGS: Final = (Exited, Reaped)


@dataclass(frozen=True, slots=True)
class Student:
    """A result for each role, and the points; no result where the work was `refused` (the reason).

    `identity` holds the course system's columns for the student; `partners` holds those of the students
    who handed in with them.
    """

    name: str
    identity: Mapping[str, str]
    remarks: tuple[str, ...]
    refused: str
    results: tuple[Result, ...]
    marks: Marks
    partners: tuple[Mapping[str, str], ...] = ()

    @property
    def level(self) -> int | None:
        """The level that the server has reached; None without one."""
        return next((each.level for each in self.results if each.level is not None), None)

    @property
    def level_told(self) -> str:
        """The level in words: "at least 2" where the next one is INCONCLUSIVE; "" without a level."""
        return next((each.level_told for each in self.results if each.level is not None), "")

    @property
    def total(self) -> float | None:
        """The points; None where they are not published: refused work, or too much pending."""
        if self.marks.is_settled:
            return self.marks.earned
        return None if self.refused or not self.marks.is_published else self.marks.earned

    @property
    def pending(self) -> list[str]:
        """The ids of requirements that could not be told, and that no person has settled."""
        return [
            each.id
            for result in self.results
            for each in result.requirements
            if result.verdicts[each.id].outcome is Outcome.INCONCLUSIVE and not self._is_settled(each)
        ]

    def _is_settled(self, requirement: Requirement) -> bool:
        """Whether a person has decided on it, on all lines that need it, or on the total."""
        if self.marks.is_settled or any(o.name == requirement.id for o in self.marks.overrides):
            return True
        lines = [each for each in self.marks.marks if each.award.covers(requirement)]
        return bool(lines) and all(each.is_settled for each in lines)

    def abridged(self) -> Self:
        """This student without most of the recordings."""
        return replace(self, results=tuple(each.abridged() for each in self.results))

    @property
    def diagnosis(self) -> str:
        """The diagnosis of the first result, without lines of source."""
        return self.results[0].diagnosis.sentence if self.results else ""


def _told(verdict: Verdict, feedback: Feedback, now: str) -> Verdict:
    """The verdict, without the name of a hidden requirement that blocks it."""
    if verdict.blocked_by and feedback.hides(verdict.blocked_by, now):
        return replace(blocked(""), evidence=Evidence("not judged: another requirement fails"))
    return verdict


def as_told(result: Result, feedback: Feedback, now: str) -> Result:
    """A result as the student may see it at a moment (ISO 8601): perhaps without verdicts or cures.

    Points are told once for all roles. The assignment has its name, not its path. Nothing is drawn of a
    recording that a hidden requirement reads.
    """
    hidden = tuple(each for each in result.requirements if feedback.hides(each.id, now))
    shown = tuple(each for each in result.requirements if not feedback.hides(each.id, now))
    verdicts = {each.id: _told(result.verdicts[each.id], feedback, now) for each in shown}
    file = result.assignment.source.rpartition("/")[2]
    result = replace(result, assignment=replace(result.assignment, source=file, marking=None))
    diagnosis = diagnose(result.recordings, verdicts, shown)
    result = _without_unseen(result, hidden)
    if feedback.tells_cause(now):
        return replace(result, requirements=shown, verdicts=verdicts, diagnosis=diagnosis)
    result = replace(result, assignment=replace(result.assignment, hints={}))
    bare = {
        identifier: replace(verdict, evidence=replace(verdict.evidence, cause="", where=""))
        for identifier, verdict in verdicts.items()
    }
    diagnosis = Diagnosis(diagnosis.design, diagnosis.reaping, "")
    seen = {name: _without_lines(recording) for name, recording in result.recordings.items()}
    return replace(result, requirements=shown, verdicts=bare, diagnosis=diagnosis, recordings=seen)


def _without_unseen(result: Result, hidden: Sequence[Requirement]) -> Result:
    """A result without the recordings that would show what hidden requirements find.

    A scenario that a hidden requirement reads keeps only what its build printed. Zombies can be seen in
    every scenario in which a process exits: where a requirement of reaping is hidden, none of these
    scenarios is drawn.
    """
    scenarios = {each.scenario for each in hidden}
    hides_reaping = any(each.group is Group.REAPING for each in hidden)
    seen = dict(result.recordings)
    for name, recording in seen.items():
        if name in scenarios:
            seen[name] = _only(_BUILDS, recording)
        elif hides_reaping and _tells_endings(recording):
            seen[name] = _only((*_BUILDS, Printed), recording)
    retried = tuple(each for each in result.retried if each not in scenarios)
    return replace(result, recordings=seen, retried=retried)


def _tells_endings(recording: Recording) -> bool:
    """Whether a process exited, was a zombie or was gone before forkspec ended the run."""
    ended = next((index for index, _ in recording.all(Ended)), len(recording.events))
    has_exits = any(isinstance(each, _ENDINGS) for each in recording.events[:ended])
    looks = recording.snapshots()
    pids = [{process.pid for process in each.processes} for each in looks]
    is_gone = any(before - after for before, after in pairwise(pids))
    return has_exits or is_gone or any(each.zombies for each in looks)


def _only(kinds: tuple[type[Event], ...], recording: Recording) -> Recording:
    """A recording that tells these things alone."""
    return replace(recording, events=tuple(e for e in recording.events if isinstance(e, kinds)))


def _without_lines(recording: Recording) -> Recording:
    """A recording without the events that show lines of the student's source."""
    events = tuple(each for each in recording.events if not isinstance(each, _LINES))
    return replace(recording, events=events)
