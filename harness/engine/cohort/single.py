"""One hand-in, judged once and kept nowhere: for a system that starts a fresh container for each.

What counts is seen first. What was not seen when the time is over is pending.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import harness
from harness.cell.cells import CellKind, Cells
from harness.engine import catalogue, check, trial
from harness.engine.assignment import Settings
from harness.engine.play import Setting
from harness.judge.marking import of_the_lecture
from harness.judge.recording import Recording
from harness.judge.rubric import Rubric
from harness.judge.student import Student
from harness.subject.build import Subject

from .grade import THEIRS, marks_of, named, prepared, without_paths

_TOO_LATE: Final = "judging was ended after {:g} s: what was not seen by then is pending"
Tell = Callable[[Student], None]


@dataclass(frozen=True, slots=True)
class Single:
    """Who handed in what, judged how; `identity` holds what the course system calls them."""

    target: Path
    name: str
    settings: Settings
    identity: Mapping[str, str] = field(default_factory=dict)
    cell: CellKind | None = None
    seed: int = 0

    def judge(self, within_s: float, tell: Tell) -> None:
        """Observe for so many seconds at most; `tell` what counts as soon as it is known, then all.

        A build that hangs then is ended a minute after it began, when all has been told.

        Raises:
            HarnessError: ours or the machine's: no cell, the port taken.
        """
        try:
            asyncio.run(self._judge(within_s, tell))
        except* harness.HarnessError as group:
            raise check.first_of(group) from None

    async def _judge(self, within_s: float, tell: Tell) -> None:
        seen: list[dict[str, Recording]] = []
        refused = ""
        remarks: tuple[str, ...] = ()
        try:
            async with asyncio.timeout(within_s):
                await self._observe(seen, lambda: tell(self._student(seen)))
        except TimeoutError:
            remarks = (_TOO_LATE.format(within_s),)
        except THEIRS as reason:
            refused = without_paths(str(reason), self.name)
        tell(self._student(seen, refused, remarks))

    async def _observe(self, seen: list[dict[str, Recording]], so_far: Callable[[], None]) -> None:
        subjects = await prepared(str(self.target), self.settings.handed_in)
        client = await asyncio.to_thread(trial.reference_client)
        with Cells(self.cell) as cells:
            for run, subject in enumerate(subjects, start=1):
                mine: dict[str, Recording] = {}
                seen.append(mine)
                last = run == len(subjects)
                await self._play(cells, subject, run, client, mine, so_far if last else lambda: None)

    async def _play(
        self,
        cells: Cells,
        subject: Subject,
        run: int,
        client: tuple[str, ...],
        mine: dict[str, Recording],
        so_far: Callable[[], None],
    ) -> None:
        found = catalogue.load(subject.role)
        marking = self.settings.assignment.marking or of_the_lecture(found.requirements)
        counting = [r.id for r in found.requirements if any(each.covers(r) for each in marking.awards)]

        def keep(recording: Recording) -> None:
            mine[recording.scenario] = recording

        done = await trial.observe(
            cells,
            replace(subject, target=self.name),
            found,
            Setting(
                seed=self.seed,
                run=run,
                contract=check.contract_of(subject, self.settings.assignment),
                client=client,
            ),
            progress=keep,
            soonest=counting,
            so_far=so_far,
        )
        mine.update(done.recordings)

    def _student(
        self,
        seen: list[dict[str, Recording]],
        refused: str = "",
        remarks: tuple[str, ...] = (),
    ) -> Student:
        assignment = self.settings.assignment
        options = check.Options(
            rubric=Rubric(self.settings.tier or Rubric().tier), assignment=assignment
        )
        results = tuple(named(check.judge(mine.values(), options), self.name) for mine in seen if mine)
        marks = marks_of(results, assignment.marking)
        return Student(self.name, self.identity, remarks, refused, results, marks)
