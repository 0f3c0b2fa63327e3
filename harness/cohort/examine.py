"""Examines one hand-in: what was observed, or why it cannot be judged.

Plain values go in and come out, so that this can happen in another process or on another machine. It
knows neither store nor class nor points.
"""

import asyncio
import json
import os
import re
import shlex
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import harness
from harness.cell.cells import CellKind, Cells
from harness.cell.isolation import is_in_container
from harness.engine import catalogue, targets, trial
from harness.engine.assignment_file import AssignmentFile, UnusableAssignment
from harness.engine.machine_lock import Exclusivity, MachineLock, machine_lock
from harness.engine.play import RunConfig
from harness.engine.session import bound_of, contract_of, is_asked_of, run
from harness.record.recording import Recording
from harness.subject import machine
from harness.subject.folder import UnusableTarget
from harness.subject.shapes import SeveralServers
from harness.subject.subject import Subject
from harness.subject.tools import NoTool

from .measurement_batch import MeasurementBatch
from .packed_work import ALONE, PackedWork, target_of
from .student_work import StudentWork

_A_PROCESSOR: Final = 3  # hand-ins at work for each processor: most of them wait for something
_THEIRS: Final = (UnusableTarget, NoTool, UnusableAssignment, catalogue.UnknownRequirement)


@dataclass(frozen=True, slots=True)
class ExamSettings:
    """How a class is examined: the assignment, the kind of cell, the seed of all random orders.

    `only` names the requirements to observe for; none means all. `forced` allows the plain cell on a
    machine that is used for other things, too.
    """

    settings: AssignmentFile = field(default_factory=AssignmentFile)
    cell: CellKind | None = None
    seed: int = 0
    only: tuple[str, ...] = ()
    forced: bool = False


@dataclass(frozen=True, slots=True)
class Observation:
    """What was observed of one hand-in; the recordings of each role stand together.

    `refused` says why it could not be judged, "" if it was. `seconds` is how long it took, with the time
    in which it waited for others.
    """

    seen: Sequence[Sequence[Recording]] = ()
    refused: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class PendingWork:
    """A hand-in that is to be examined, as the bytes that are kept: what is judged is what is kept."""

    hand_in: StudentWork
    parcel: PackedWork


Keep = Callable[[PendingWork, Observation], None]
Examination = Callable[[ExamSettings, Iterator[PendingWork], Keep, Path], None]
"""Examines pending hand-ins, unpacked below a folder, on this machine or elsewhere.

It takes the next one whenever there is room, and reports each in the caller's thread as soon as it ends.
It raises HarnessError where there is no cell or no room; ours or the machine's.
"""


def here(terms: ExamSettings, dues: Iterator[PendingWork], keep: Keep, folder: Path) -> None:
    """Examine on this machine, several for each processor; one at a time where the port is shared."""

    async def all_of_it() -> None:
        with Cells(terms.cell) as cells:
            shares_port = await shelter(cells, terms) == "plain"
            batch = MeasurementBatch(1 if shares_port else _A_PROCESSOR * (os.cpu_count() or 1))
            # A server that waits in a batch keeps a shared port: no other could follow.
            examiner = Examiner(cells, terms, machine_lock if shares_port else batch.alone_or_beside)

            async def examine(due: PendingWork) -> None:
                try:
                    keep(due, await examiner.examine(due.parcel, folder))
                finally:
                    batch.leave()

            async with asyncio.TaskGroup() as group:
                await batch.enter()
                for due in dues:
                    group.create_task(examine(due))
                    await batch.enter()
                batch.leave()
                batch.nobody_else_comes()

    run(all_of_it())


async def shelter(cells: Cells, terms: ExamSettings) -> CellKind:
    """The kind of cell granted; raises HarnessError for the plain one outside a container."""
    kind = (await cells.grant()).kind
    if kind == "plain" and not terms.forced and not is_in_container():
        raise harness.HarnessError(
            "only the plain cell is to be had here, and in it a hostile hand-in reaches the work of "
            "others, and yours: grade in a container, get a better cell (forkspec doctor), or --force"
        )
    return kind


class Examiner:
    """Examines hand-ins in given cells, as many at once as the caller asks for."""

    def __init__(self, cells: Cells, terms: ExamSettings, through: MachineLock = machine_lock) -> None:
        """Build the lecture's client, or raise NoTool; `through` takes the machine's lock for a run."""
        self._cells = cells
        self._terms = terms
        self._lock = through
        self._client = trial.reference_client()

    async def examine(self, parcel: PackedWork, scratch: Path) -> Observation:
        """Build and observe a hand-in, unpacked in a folder of its own below `scratch`.

        Raises:
            HarnessError: there is no cell or no room; the machine's. An error of the student's, or
                one of ours on this hand-in alone, is in `refused`.
        """
        start_s, refused = time.monotonic(), ""
        seen: list[list[Recording]] = []
        try:
            await asyncio.to_thread(scratch.mkdir, parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=scratch) as place:
                for subject in await self.prepared(parcel, Path(place)):
                    seen.append(list((await self.observe(subject, run=1 + len(seen))).values()))
        except Exception as error:  # noqa: BLE001  (the student's, or ours: the others can be judged)
            refused = why_refused(error, parcel.student)
        return Observation(seen, refused, time.monotonic() - start_s)

    async def prepared(self, parcel: PackedWork, place: Path) -> list[Subject]:
        """The subjects of a hand-in in `place`, built while no run measures; see `why_refused`."""
        target = await asyncio.to_thread(target_of, parcel, place)
        async with self._lock(Exclusivity.SHARED):
            found = await asyncio.to_thread(targets.prepare_all, target, self._terms.settings.handed_in)
        return [
            _under_its_students_name(subject, parcel.student)
            for subject in found
            if is_asked_of(subject, self._terms.only)
        ]

    async def observe(
        self,
        subject: Subject,
        run: int,
        *,
        soonest: Sequence[str] = (),
        so_far: Callable[[], None] = lambda: None,
        progress: Callable[[Recording], None] = lambda _: None,
    ) -> dict[str, Recording]:
        """The recordings of one subject by scenario; otherwise as `trial.observe`."""
        setting = RunConfig(
            seed=self._terms.seed,
            run=run,
            contract=contract_of(subject, self._terms.settings.assignment),
            client=self._client,
            bound=bound_of(subject, in_a_class=True),
            surprise=self._terms.settings.assignment.surprise,
        )
        done = await trial.observe(
            self._cells,
            subject,
            setting,
            only=self._terms.only,
            soonest=soonest,
            so_far=so_far,
            progress=progress,
            lock=self._lock,
        )
        return done.recordings


def _under_its_students_name(subject: Subject, student: str) -> Subject:
    """The subject under the student's name; the teacher decides how it is judged, not the hand-in."""
    is_ours = subject.source is not None and subject.source.is_known
    contract = subject.contract if is_ours else None
    return replace(subject, name=student, target=".", contract=contract)


def why_refused(error: Exception, student: str) -> str:
    """Why this hand-in cannot be judged; raises the error again where it concerns everybody."""
    if isinstance(error, SeveralServers):
        return _for_a_class(_without_paths(str(error), student))
    if isinstance(error, _THEIRS):
        return _without_paths(str(error), student)
    if (lack := machine.lack(error)) is not None:
        raise machine.fault(lack, str(lack.filename or "the results folder")) from error
    if isinstance(error, OSError) and error.filename:
        return _without_paths(f"{error.filename}: {error.strerror}", student)
    if stops_everybody(error):
        raise error
    return f"forkspec itself broke on it: {error!r}"


def _for_a_class(told: str) -> str:
    """The sentence for a teacher, who names the entry in a file: one student has no option."""
    what, _, option = told.partition("; choose one: --entry ")
    (entry,) = shlex.split(option)
    return f"{what}; say which in a forkspec.toml beside them: [submission] entry = {json.dumps(entry)}"


def _without_paths(reason: str, student: str) -> str:
    """A reason without this machine's folders; files have the names under which they are judged."""
    told = re.sub(r"(?<![\w.)])(?:/[^/\s:]+)+/", "", reason)
    return told.removeprefix(f"{student}: ").removeprefix(f"{ALONE}: ")


def stops_everybody(error: Exception) -> bool:
    """Whether an error is the machine's: no cell, a port that is taken, no room."""
    if isinstance(error, ExceptionGroup):
        return error.subgroup(harness.HarnessError) is not None
    return isinstance(error, harness.HarnessError)
