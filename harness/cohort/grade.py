"""Judges all students who handed in, several at a time, none of them twice, and keeps the results."""

import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Final

import harness
from harness.cell.cells import CellKind
from harness.engine import catalogue
from harness.engine.assignment_file import AssignmentFile
from harness.engine.session import Options, judge_recordings
from harness.judge.verdict import inconclusive
from harness.record.recording import Recording
from harness.record.role import Role
from harness.results.lateness import LATE, Lateness, lateness
from harness.results.marking import TOTAL, Marking, Marks, Override, mark, of_the_lecture
from harness.results.result import Result, inconclusive_scenarios
from harness.results.rubric import Rubric
from harness.results.student import Student
from harness.subject import content_store as contents
from harness.subject.folder import UnusableTarget

from .class_list import NOTHING
from .examine import Examination, ExamSettings, Observation, PendingWork, here, why_refused
from .packed_work import PackedWork, packed
from .store import Row, Store
from .student_work import StudentWork, plain

_WORK: Final = "handed-in"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a class has come: the latest student, how many of how many, the seconds left."""

    newest: Student
    done: int
    of: int
    left_s: float


class Grading:
    """A class under one assignment."""

    def __init__(
        self,
        store: Store,
        settings: AssignmentFile,
        *,
        cell: CellKind | None = None,
        seed: int = 0,
        forced: bool = False,
    ) -> None:
        """Results go to `store`; `seed` is that of all random orders; `forced` as in ExamSettings."""
        self._store = store
        self._settings = settings
        self.how = ExamSettings(settings, cell, seed, forced=forced)
        self.options = Options(
            rubric=Rubric(settings.tier or Rubric().tier), cell=cell, assignment=settings.assignment
        )

    @property
    def terms(self) -> str:
        """A short digest of everything that decides what is observed. The rubric is not part of it."""
        contract = self._settings.assignment.contract
        handed_in = self._settings.handed_in
        further = [] if handed_in.packages is None else [repr(handed_in.packages)]
        if self._settings.assignment.surprise:
            further.append(f"surprise {self._settings.assignment.surprise}")
        told = repr(contract.to_dict() if contract else {}), repr(handed_in)
        return contents.digest(*told, *further)

    def run(
        self,
        students: Sequence[StudentWork],
        folder: Path,
        progress: Callable[[Progress], None],
        examine: Examination = here,
        *,
        again: bool = False,
    ) -> None:
        """Judge the students who are not judged yet; hand-ins are unpacked below `folder`.

        A student with an inconclusive verdict is judged once more, and with `again` each time; only
        inconclusive verdicts can change. `examine` says where; on this machine by default.

        Raises:
            HarnessError: there is no cell or no room; ours or the machine's. What is finished is kept.
        """
        known = {row.key for row in self._store.students()}
        todo: list[StudentWork] = []
        judged: list[StudentWork] = []
        for each in students:
            (judged if each.key in known and self._is_finished(each) else todo).append(each)
        untold = {each.key for each in judged if self._is_to_be_tried(each, again=again)}
        todo += [each for each in judged if each.key in untold]
        start_s, done = time.monotonic(), 0

        def keep(due: PendingWork, shown: Observation) -> None:
            nonlocal done
            if cells := {recording.cell for role in shown.seen for recording in role}:
                self._store.grounds.observed_in(cells)
            is_again = due.hand_in.key in untold
            before = self._store.recordings(due.parcel.digest) if is_again else None
            self._store.keep(
                due.hand_in,
                due.parcel.digest,
                told_more(before, shown.seen) if before and shown.seen else shown.seen,
                again=is_again,
                refused=without_folder(shown.refused, due.hand_in),
                seconds=shown.seconds,
                parcel=due.parcel.archive,
            )
            done += 1
            left_s = (time.monotonic() - start_s) / done * (len(todo) - done)
            newest = self._graded(self._store.of_key(due.hand_in.key))
            progress(Progress(newest, len(students) - len(todo) + done, len(students), left_s))

        def unseen() -> Iterator[PendingWork]:
            for each in todo:
                due = _packed(each)
                if isinstance(due, str):
                    keep(PendingWork(each, PackedWork(each.student)), Observation(refused=due))
                elif each.key not in untold and (seen := self._store.recordings(due.parcel.digest)):
                    keep(due, Observation(seen))
                else:
                    yield due

        try:
            examine(self.how, unseen(), keep, folder / _WORK)
        finally:
            shutil.rmtree(folder / _WORK, ignore_errors=True)

    def _is_finished(self, hand_in: StudentWork) -> bool:
        """Whether this student's present work was judged. The student's name may be another one now."""
        due = _packed(hand_in)
        if isinstance(due, str) or not self._store.is_finished(hand_in.key, due.parcel.digest):
            return False
        self._store.recognise(hand_in)
        return True

    def _is_to_be_tried(self, hand_in: StudentWork, *, again: bool) -> bool:
        """Whether a judged student has an inconclusive verdict that is worth another try."""
        row = self._store.of_key(hand_in.key)
        if not again and self._store.was_tried_again(row.digest):
            return False
        return bool(self._graded(row).pending)

    def graded(self, name: str) -> Student:
        """Judge a student's recordings and write down the points; raises HarnessError if unknown."""
        return self._graded(self.row(name))

    def row(self, name: str) -> Row:
        """The stored row of a student; raises as `graded`."""
        row = self._store.student(name)
        if row is None:
            names = {plain(each.name): each.name for each in self._store.students()}
            close = get_close_matches(plain(name), names, cutoff=0.5) or [
                n for n in names if plain(name) in n
            ]
            meant = f"; did you mean {names[close[0]]!r}?" if close else ""
            raise harness.HarnessError(f"{name}: nobody of that name has handed in{meant}")
        return row

    def _graded(self, row: Row) -> Student:
        """As `graded`, for a row that is known."""
        seen = self._store.recordings(row.digest) or []
        results = tuple(named(judge_recordings(each, self.options), row.name) for each in seen)
        assignment, given = self._settings.assignment, self._store.overrides(row.key)
        if row.refused == NOTHING and assignment.missing_is_zero:
            given = [Override(TOTAL, 0.0, NOTHING, sets=True), *given]
        days = next((each.points for each in given if each.name == LATE), None)
        late = lateness(assignment.late, row.handed_in, days)
        marks = marks_of(results, assignment.marking, given, late)
        remarks = (*row.remarks, late.told) if late else row.remarks
        student = Student(row.name, row.identity, remarks, row.refused, results, marks, row.partners)
        self._store.mark(row.key, student.total, marks.of, student.level)
        return student

    def everybody(self) -> Iterator[Student]:
        """All students who were judged, by name."""
        for row in self._store.students():
            yield self._graded(row)


def named(result: Result, name: str) -> Result:
    """The result under the student's name and role, its commands for the folder that was handed in."""
    role = catalogue.role_of(result.recordings)
    known = {key: replace(each, target=".") for key, each in result.recordings.items()}
    subject = name if role is Role.SERVER else f"{name} ({role})"
    return replace(result, subject=subject, recordings=known)


def told_more(
    before: Sequence[Sequence[Recording]], now: Sequence[Sequence[Recording]]
) -> list[list[Recording]]:
    """The earlier recordings of a student; where they were inconclusive, the new ones instead."""
    if len(before) != len(now):
        return [list(role) for role in now]
    return [list(_told_more(*pair).values()) for pair in zip(before, now, strict=True)]


def _told_more(before: Sequence[Recording], now: Sequence[Recording]) -> dict[str, Recording]:
    old, new = ({each.scenario: each for each in role} for role in (before, now))
    if (role := catalogue.role_of(old)) is not catalogue.role_of(new):
        return new
    doubtful = inconclusive_scenarios(catalogue.load(role).requirements, old)
    return {
        **new,
        **{name: each for name, each in old.items() if name not in doubtful or name not in new},
    }


def marks_of(
    results: Sequence[Result],
    marking: Marking | None,
    overrides: Sequence[Override] = (),
    late: Lateness | None = None,
) -> Marks:
    """The points of one student: of all roles, and those that a person gave, less late days."""
    requirements = [each for result in results for each in result.requirements]
    verdicts = {i: verdict for result in results for i, verdict in result.verdicts.items()}
    if not results:
        requirements = list(catalogue.load().requirements)
        verdicts = {each.id: inconclusive("it could not be judged") for each in requirements}
    rubric = marking or of_the_lecture(requirements)
    return mark(rubric, requirements, verdicts, overrides, named_count=True, late=late)


def without_folder(refused: str, hand_in: StudentWork) -> str:
    """A reason without the name of the student's folder, which a course system has given it."""
    folders = [path.name for path in hand_in.files.values() if path.is_dir()]
    return refused.removeprefix(f"{folders[0]}: ") if len(folders) == 1 else refused


def _packed(hand_in: StudentWork) -> PendingWork | str:
    """A hand-in as pending work; or a sentence that says why not, without a file's own name."""
    if hand_in.refused:
        return hand_in.refused
    try:
        return PendingWork(hand_in, packed(hand_in))
    except (OSError, UnusableTarget) as error:
        told = why_refused(error, hand_in.student)
        for plain, path in hand_in.files.items():
            told = told.replace(path.name, plain)
        return told
