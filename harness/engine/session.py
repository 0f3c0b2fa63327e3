"""Examines subjects one after another in warm cells: subjects in, results out."""

import asyncio
import random
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

import harness
from harness.cell.cells import CellKind, Cells
from harness.record.contract import Contract
from harness.record.recording import Recording
from harness.record.role import Role
from harness.results.assignment import Assignment
from harness.results.result import Result, decide
from harness.results.rubric import Rubric
from harness.subject.subject import Subject

from . import catalogue, trial
from .bound import MOST_S, Bound
from .play import RunConfig

Progress = Callable[[str, Recording], None]
Ran = TypeVar("Ran")


@dataclass(frozen=True, slots=True)
class Options:
    """How to examine: requirement ids (none means all), what counts, cell, seed, whether to retry.

    The assignment's contract goes before the contract that a reference server is written for. `bounded`:
    the examination ends in time, whatever the subject does. `moments`: as the stage has it.
    """

    only: tuple[str, ...] = ()
    rubric: Rubric = field(default_factory=Rubric)
    cell: CellKind | None = None
    seed: int | None = None
    retry: bool = True
    assignment: Assignment = field(default_factory=Assignment)
    bounded: bool = False
    moments: int | None = None


def draw_seed() -> int:
    """A random seed, short enough to type."""
    return random.randrange(10_000)


def most_moments(told: str) -> int:
    """The most moments at which something happens: a number, or "all"; else raises ValueError."""
    if told == "all":
        return sys.maxsize
    if told.isdecimal() and int(told):
        return int(told)
    raise ValueError(f"{told!r} is neither a number from 1 on nor 'all'")


def seed_of(assignment: Assignment, given: int | None) -> int:
    """The seed of a class: the one given; else 0, or drawn where a surprise must not be foreseen."""
    if given is not None:
        return given
    return draw_seed() if assignment.surprise else 0


class Session:
    """Warm cells for several examinations. One for each process; use it as a `with` block."""

    def __init__(self, options: Options) -> None:
        """Load the scenarios and draw the seed; raises HarnessError for an unknown requirement."""
        self.options = options
        self.catalogue = catalogue.load()
        for identifier in options.only:
            catalogue.find(identifier)
        self.seed = draw_seed() if options.seed is None else options.seed
        self._cells = Cells(options.cell)
        self._client: tuple[str, ...] = ()
        self._runs = 0
        self._bounds: dict[str, Bound] = {}

    def __enter__(self) -> Self:
        """The session itself."""
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End every cell."""
        self._cells.close()

    def examine(
        self,
        subject: Subject,
        *,
        only: Sequence[str] = (),
        known: Mapping[str, Recording] | None = None,
        progress: Progress = lambda *_: None,
    ) -> Result:
        """Observe and judge one subject. A scenario whose recording is `known` is not played again.

        With `known`, even an empty one, an examination in parts goes on: the parts share one time limit.

        Raises:
            HarnessError: no cell can be opened, or the port is taken; ours or the machine's.
        """
        self._client = self._client or trial.reference_client()
        self._runs += 1
        assignment = self.options.assignment
        bound = bound_of(subject)
        if known is not None:
            bound = self._bounds.setdefault(subject.target or subject.name, bound)
        seen = trial.observe(
            self._cells,
            subject,
            RunConfig(
                seed=self.seed,
                run=self._runs,
                contract=contract_of(subject, assignment),
                client=self._client,
                unsettled=not (assignment.contract or subject.contract),
                bound=bound if self.options.bounded else None,
                surprise=assignment.surprise,
                moments=self.options.moments,
            ),
            only=only or self.options.only,
            known=known or {},
            retry=self.options.retry,
            progress=lambda recording: progress(subject.name, recording),
        )
        done = _run(seen)
        return judge_recordings(done.recordings.values(), self.options, done.retried)


def _run(seen: Awaitable[trial.Trial]) -> trial.Trial:
    """Run it to its end; what it has seen is not the task's result.

    When its task ends asyncio looks a signal handler up among the signals' names. That fails, and the
    message spells the handler out: the task, its result, every event of every recording.
    """
    done: list[trial.Trial] = []

    async def to_its_end() -> None:
        done.append(await seen)

    run(to_its_end())
    return done[0]


def run(work: Coroutine[Any, Any, Ran]) -> Ran:
    """Run it to its end, in a loop of its own; of several errors of ours the first is raised."""
    try:
        return asyncio.run(work)
    except* harness.HarnessError as group:
        raise first_of(group) from None


def bound_of(subject: Subject, *, in_a_class: bool = False) -> Bound:
    """How long its examination may take; longer in a class, where others are examined beside it."""
    return Bound(subject.limits.get("most_s", MOST_S), in_a_class=in_a_class)


def contract_of(subject: Subject, assignment: Assignment) -> Contract:
    """The contract that a subject is judged by."""
    return assignment.contract or subject.contract or Contract()


def examine_all(
    subjects: Sequence[Subject],
    options: Options,
    progress: Progress = lambda *_: None,
    *,
    repeat: int = 1,
) -> list[Result]:
    """Observe and judge each subject `repeat` times; the results come in the same order.

    Raises:
        HarnessError: no cell, a port that is taken (ours or the machine's), an unknown id (the user's).
    """
    concerned = [subject for subject in subjects if is_asked_of(subject, options.only)]
    if not concerned:
        _require_asked(subjects[0].role, options.only)
    with Session(options) as session:
        results = [
            session.examine(subject, progress=progress) for subject in concerned for _ in range(repeat)
        ]
    for result in results:  # it may have turned out to be something else
        _require_asked(catalogue.role_of(result.recordings), options.only)
    return results


def is_asked_of(subject: Subject, only: Sequence[str]) -> bool:
    """Whether a chosen requirement is one for the subject's role; True where none is chosen."""
    roles = [subject.role] if subject.is_role_told else [Role.SERVER, Role.CLIENT]
    return any(_are_asked(role, only) for role in roles)


def _are_asked(role: Role, only: Sequence[str]) -> bool:
    ids = {each.id for each in catalogue.load(role).requirements}
    return not only or not ids.isdisjoint(only)


def _require_asked(role: Role, only: Sequence[str]) -> None:
    if not _are_asked(role, only):
        raise harness.HarnessError(f"{', '.join(only)}: nothing that is asked of a {role}")


def judge_recordings(
    recordings: Iterable[Recording], options: Options, retried: Sequence[str] = ()
) -> Result:
    """Judge the recordings of one subject. Runs nothing."""
    by_scenario = {recording.scenario: recording for recording in recordings}
    requirements = catalogue.load(catalogue.role_of(by_scenario)).requirements
    ids = {requirement.id for requirement in requirements}
    return decide(
        requirements,
        by_scenario,
        options.rubric,
        only=[each for each in options.only if each in ids],
        retried=retried,
        assignment=options.assignment,
    )


def first_of(error: BaseException) -> harness.HarnessError:
    """The first HarnessError in a group of errors."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if not isinstance(error, harness.HarnessError):
        raise TypeError("not one of ours") from error
    return error
