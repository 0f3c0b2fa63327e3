"""Judges one hand-in once and keeps nothing: for a system with a fresh container for each hand-in.

What gives points is observed first. What was not observed when the time is over is pending.
"""

import asyncio
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import harness
from harness.cell.cells import CellKind, Cells
from harness.engine import catalogue
from harness.engine.assignment_file import AssignmentFile
from harness.engine.session import Options, judge_recordings, run, seed_of
from harness.record.recording import Recording
from harness.record.role import Role
from harness.results.marking import of_the_lecture
from harness.results.rubric import Rubric
from harness.results.student import Student
from harness.subject.subject import Subject

from .examine import Examiner, ExamSettings, why_refused
from .grade import marks_of, named
from .packed_work import packed
from .student_work import StudentWork

_TOO_LATE: Final = "judging was ended after {:g} s: what was not seen by then is pending"
Tell = Callable[[Student], None]


@dataclass(frozen=True, slots=True)
class Single:
    """One student's hand-in and its assignment."""

    target: Path
    name: str
    settings: AssignmentFile
    cell: CellKind | None = None

    def judge(self, within_s: float, tell: Tell) -> None:
        """Observe for at most `within_s`; `tell` when points are known, and at the end.

        A build that hangs is ended a minute after it began, when `tell` has been called.
        """
        run(self._judge(within_s, tell))

    async def _judge(self, within_s: float, tell: Tell) -> None:
        seen: list[dict[str, Recording]] = []
        refused = ""
        remarks: tuple[str, ...] = ()
        try:
            async with asyncio.timeout(within_s):
                await self._observe(seen, lambda: tell(self._student(seen)))
        except TimeoutError:
            remarks = (_TOO_LATE.format(within_s),)
        except (harness.HarnessError, OSError) as error:
            refused = why_refused(error, self.name)
        tell(self._student(seen, refused, remarks))

    async def _observe(self, seen: list[dict[str, Recording]], so_far: Callable[[], None]) -> None:
        seed = seed_of(self.settings.assignment, None)
        parcel = packed(StudentWork(self.name, {self.target.name: self.target}))
        with Cells(self.cell) as cells, tempfile.TemporaryDirectory() as place:
            examiner = await asyncio.to_thread(
                Examiner, cells, ExamSettings(self.settings, self.cell, seed)
            )
            subjects = await examiner.prepared(parcel, Path(place))
            for run, subject in enumerate(subjects, start=1):
                mine: dict[str, Recording] = {}
                seen.append(mine)
                await self._see(examiner, subject, run, mine, so_far if run == len(subjects) else None)

    async def _see(
        self,
        examiner: Examiner,
        subject: Subject,
        run: int,
        mine: dict[str, Recording],
        so_far: Callable[[], None] | None,
    ) -> None:
        """Add recordings to `mine` while they are made."""

        def keep(recording: Recording) -> None:
            mine[recording.scenario] = recording

        mine |= await examiner.observe(
            subject,
            run,
            soonest=self._counting(subject.role),
            so_far=so_far or (lambda: None),
            progress=keep,
        )

    def _counting(self, role: Role) -> list[str]:
        """The ids of the requirements that give points."""
        found = catalogue.load(role).requirements
        marking = self.settings.assignment.marking or of_the_lecture(found)
        return [r.id for r in found if any(each.covers(r) for each in marking.awards)]

    def _student(
        self, seen: list[dict[str, Recording]], refused: str = "", remarks: tuple[str, ...] = ()
    ) -> Student:
        assignment = self.settings.assignment
        options = Options(rubric=Rubric(self.settings.tier or Rubric().tier), assignment=assignment)
        results = tuple(
            named(judge_recordings(mine.values(), options), self.name) for mine in seen if mine
        )
        marks = marks_of(results, assignment.marking)
        return Student(self.name, {}, remarks, refused, results, marks)
