"""Judges everybody who handed in: several at a time, none twice, all of it kept."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import harness
from harness.cell.cells import CellKind, Cells
from harness.engine import catalogue, check, trial
from harness.engine.assignment import Settings, UnusableAssignment
from harness.engine.locks import Company, lane
from harness.engine.play import Setting
from harness.judge.marking import Marking, Marks, Override, mark, of_the_lecture
from harness.judge.recording import Recording
from harness.judge.result import Result
from harness.judge.rubric import Rubric
from harness.judge.student import Student
from harness.judge.verdict import inconclusive
from harness.subject import store as contents
from harness.subject.archive import is_archive
from harness.subject.build import Subject
from harness.subject.folder import UnusableTarget, work_in
from harness.subject.recipe import NoTool
from harness.subject.submission import HandedIn

from .roster import HandIn
from .store import Row, Store

_WORK: Final = "handed-in"
THEIRS: Final = (UnusableTarget, NoTool, UnusableAssignment, catalogue.UnknownRequirement)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a class is: the newest student, so many of how many, and the seconds that are left."""

    newest: Student
    done: int
    of: int
    left_s: float


class Grading:
    """A class under one assignment: what to judge, and how."""

    def __init__(
        self, store: Store, settings: Settings, *, cell: CellKind | None = None, seed: int = 0
    ) -> None:
        """Results go to `store`; `seed` is that of all random orders."""
        self._store = store
        self._settings = settings
        self._cell = cell
        self._seed = seed
        self._runs = 0
        self.options = check.Options(
            rubric=Rubric(settings.tier or Rubric().tier), cell=cell, assignment=settings.assignment
        )

    @property
    def terms(self) -> str:
        """What decides what is observed, as a short name: a rubric does not."""
        contract = self._settings.assignment.contract
        return contents.digest(
            repr(contract.to_dict() if contract else {}), repr(self._settings.handed_in)
        )

    def run(
        self, students: Sequence[HandIn], folder: Path, progress: Callable[[Progress], None]
    ) -> None:
        """Judge whoever is not judged yet; files that belong together are put together in `folder`.

        Raises:
            HarnessError: ours or the machine's: no cell, no room. What is finished is kept.
        """
        try:
            asyncio.run(self._run(students, folder, progress))
        except* harness.HarnessError as group:
            raise check.first_of(group) from None

    async def _run(
        self, students: Sequence[HandIn], folder: Path, progress: Callable[[Progress], None]
    ) -> None:
        digests = {each.student: digest(each) for each in students}
        todo = [
            each for each in students if not self._store.is_finished(each.student, digests[each.student])
        ]
        queue, start_s, done = iter(todo), time.monotonic(), 0
        client = trial.reference_client()

        async def work(cells: Cells) -> None:
            nonlocal done
            for student in queue:
                graded = await self._judge(cells, client, student, digests[student.student], folder)
                done += 1
                left_s = (time.monotonic() - start_s) / done * (len(todo) - done)
                progress(Progress(graded, len(students) - len(todo) + done, len(students), left_s))

        with Cells(self._cell) as cells:
            shares_port = (await cells.grant()).kind == "plain"
            async with asyncio.TaskGroup() as group:
                for _ in range(1 if shares_port else 1 + (os.cpu_count() or 1)):
                    group.create_task(work(cells))

    async def _judge(
        self, cells: Cells, client: tuple[str, ...], student: HandIn, name: str, folder: Path
    ) -> Student:
        start_s, refused = time.monotonic(), ""
        seen = self._store.recordings(name) or []
        if not seen:
            try:
                target = await asyncio.to_thread(_together, student, folder / _WORK, name)
                for subject in await prepared(str(target), self._settings.handed_in):
                    seen.append(
                        await self._observe(cells, client, replace(subject, target=student.student))
                    )
            except THEIRS as reason:
                refused = without_paths(str(reason), student.student)
            except Exception as error:  # (ours: the others can be judged)
                if _stops_everybody(error):
                    raise
                refused = f"forkspec itself broke on it: {error!r}"
        self._store.keep(student, name, seen, refused=refused, seconds=time.monotonic() - start_s)
        return self.graded(student.student)

    async def _observe(self, cells: Cells, client: tuple[str, ...], subject: Subject) -> list[Recording]:
        self._runs += 1
        setting = Setting(
            seed=self._seed,
            run=self._runs,
            contract=check.contract_of(subject, self._settings.assignment),
            client=client,
        )
        done = await trial.observe(cells, subject, catalogue.load(subject.role), setting)
        return list(done.recordings.values())

    def graded(self, name: str) -> Student:
        """Judge a student's recordings, and write the points down; runs nothing.

        Raises:
            HarnessError: nobody of that name; the user's.
        """
        row = self._store.student(name)
        if row is None:
            raise harness.HarnessError(f"{name}: nobody of that name has handed in")
        return self._graded(row)

    def _graded(self, row: Row) -> Student:
        """As `graded`, of somebody whose row is known."""
        seen = self._store.recordings(row.digest) or []
        results = tuple(named(check.judge(each, self.options), row.name) for each in seen)
        marks = marks_of(results, self._settings.assignment.marking, self._store.overrides(row.name))
        student = Student(row.name, row.identity, row.remarks, row.refused, results, marks)
        self._store.mark(row.name, student.total, marks.of, student.level)
        return student

    def everybody(self) -> Iterator[Student]:
        """All who were judged, by name."""
        for row in self._store.students():
            yield self._graded(row)


async def prepared(target: str, how: HandedIn) -> list[Subject]:
    """Built, while nobody measures time."""
    async with lane(Company.ANYBODY):
        return await asyncio.to_thread(check.prepare_all, target, how)


def named(result: Result, name: str) -> Result:
    """The result under the student's name, and the role where that is not a server's."""
    role = catalogue.role_of(result.recordings)
    known = {key: replace(each, target=name) for key, each in result.recordings.items()}
    subject = name if role == "server" else f"{name} ({role})"
    return replace(result, subject=subject, recordings=known)


def marks_of(
    results: Sequence[Result], marking: Marking | None, overrides: Sequence[Override] = ()
) -> Marks:
    """The points of one student: those of all roles together, and what a person gave."""
    requirements = [each for result in results for each in result.requirements]
    verdicts = {i: verdict for result in results for i, verdict in result.verdicts.items()}
    if not results:
        requirements = list(catalogue.load().requirements)
        verdicts = {each.id: inconclusive("it could not be judged") for each in requirements}
    rubric = marking or of_the_lecture(requirements)
    return mark(rubric, requirements, verdicts, overrides, named_count=True)


def digest(student: HandIn) -> str:
    """A short name for the content of what was handed in."""
    parts: list[bytes | str] = []
    for name, path in sorted(student.files.items()):
        try:
            parts += [os.fsencode(name), work_in(path).digest if path.is_dir() else path.read_bytes()]
        except (OSError, UnusableTarget) as error:
            parts += [os.fsencode(name), str(error)]
    return contents.digest(*parts)


def _together(student: HandIn, folder: Path, name: str) -> Path:
    """What is to be judged, in a folder of its own: nothing beside it is the student's to include."""
    path = student.first
    if path.is_dir() or not path.exists():
        return path
    here = folder / name
    shutil.rmtree(here, ignore_errors=True)
    here.mkdir(parents=True)
    for plain, each in student.files.items():
        shutil.copyfile(each, here / Path(plain).name)
    only = here / Path(next(iter(student.files))).name
    return only if len(student.files) == 1 and is_archive(only) else here


def without_paths(reason: str, name: str) -> str:
    """A reason without the folders of this machine; the file's own name stays."""
    told = re.sub(r"(?:/[^/\s:]+)+/", "", reason)
    return told.removeprefix(f"{name}: ")


def _stops_everybody(error: Exception) -> bool:
    """Whether it is the machine's, and told in a sentence: no cell, a port that is taken, no room."""
    if isinstance(error, ExceptionGroup):
        return error.subgroup(harness.HarnessError) is not None
    return isinstance(error, harness.HarnessError)
