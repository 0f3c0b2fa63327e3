"""One check from target to result: what the faces call."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final, Self

import harness
from harness.cell.cells import CellKind, Cells
from harness.judge.diagnosis import MOST_TOLD
from harness.judge.verdict import Outcome
from harness.record.contract import Contract
from harness.record.recording import Recording
from harness.results.assignment import Assignment
from harness.results.result import Result, decide
from harness.results.rubric import Rubric
from harness.subject import submission
from harness.subject.build import Subject, build
from harness.subject.build_commands import NoTool
from harness.subject.folder import work_in
from harness.subject.places import shipped
from harness.subject.shapes import holds_both
from harness.subject.submission import BuildOptions

from . import catalogue, trial
from .assignment_file import read
from .bound import MOST_S, Bound
from .play import RunConfig

_PROMISES: Final = {
    "passes": Outcome.PASS,
    "fails": Outcome.FAIL,
    "blocked": Outcome.BLOCKED,
    "not_applicable": Outcome.NOT_APPLICABLE,
}
_SETTLED_BY: Final = {"contract/design": "design", "contract/idle-timeout": "idle_timeout_s"}
OWN_SETTINGS: Final = "forkspec.toml"
LECTURE: Final = ("tcpserver", "tcpserver2", "tcpserver3", "tcpserver4")
Progress = Callable[[str, Recording], None]


@dataclass(frozen=True, slots=True)
class Options:
    """How to check: requirement ids (none means all), what counts, the cell, the seed, a retry.

    The assignment's contract goes before the one that a reference server is written for. A `bounded`
    examination ends in time, whatever the subject does.
    """

    only: tuple[str, ...] = ()
    rubric: Rubric = field(default_factory=Rubric)
    cell: CellKind | None = None
    seed: int | None = None
    retry: bool = True
    assignment: Assignment = field(default_factory=Assignment)
    bounded: bool = False


def prepare(target: str, how: BuildOptions | None = None) -> Subject:
    """Recognise and build one target; raises UnusableTarget, NoTool, or UnusableAssignment.

    `how` is what was said of building and starting it; a forkspec.toml in its folder says more. One of
    the lecture's servers, named without its language, is C++ where that can be built.
    """
    try:
        return build(_with_own_settings(submission.recognise(target, how)))
    except NoTool:
        if target not in LECTURE:
            raise
        return build(submission.recognise(f"{target}.py"))


def prepare_all(target: str, how: BuildOptions) -> list[Subject]:
    """All on trial in a target: a folder with a server and a client is both, and the pair of them.

    Raises as `prepare`.
    """
    found = submission.recognise(target, how)
    is_folder = found.form is None and found.path is not None and not (how.entry or how.role)
    if not is_folder or found.path is None or not holds_both(work_in(found.path)):
        return [prepare(target, how)]
    server, client = (prepare(target, replace(how, role=role)) for role in ("server", "client"))
    pair = replace(server, name=f"{server.name} (pair)", role="pair", client_beside=client)
    if client.failure:
        pair = replace(pair, failure=server.failure or client.failure)
    return [server, replace(client, name=f"{client.name} (client)"), pair]


def _with_own_settings(found: submission.Submission) -> submission.Submission:
    """What a forkspec.toml in the submission's folder says, where nobody else said it.

    Only how it is built and started, and what it is written for: what counts, and what it may use of the
    machine, is not for a submission to say.
    """
    if found.form is not None or found.path is None:
        return found
    work = work_in(found.path)
    if Path(OWN_SETTINGS) not in work.files:  # (a link out of the folder is none of its files)
        return found
    own = read(work.folder / OWN_SETTINGS)
    contract = own.assignment.contract.to_dict() if own.assignment.contract else {}
    return replace(found, how=found.how.over(replace(own.handed_in, limits={})), contract=contract)


def prepare_command(words: Sequence[str], how: BuildOptions | None = None) -> Subject:
    """A subject from a command line, in the role that was said; raises UnusableTarget."""
    return build(submission.command(words, how))


def reference_names() -> dict[str, str]:
    """The reference servers: name to role and, for faults, the defect."""
    return {
        name: " ".join(filter(None, (entry["role"], entry.get("says", ""))))
        for name, entry in submission.references().items()
    }


def manifest(role: str = "server") -> dict[str, dict[str, Any]]:
    """The reference servers, or clients, by name, with what each must show (manifest.toml)."""
    return submission.client_references() if role == "client" else submission.references()


def prepare_reference(name: str, role: str = "server") -> Subject:
    """Build one of a manifest; raises as `prepare`."""
    return prepare(str(shipped("clients") / manifest(role)[name]["path"]) if role == "client" else name)


def expected(entry: Mapping[str, Any], identifier: str, cell: str = "") -> Outcome:
    """What the manifest's entry promises for one requirement; PASS where it is silent.

    An id goes before a pattern ("fork/*"), a failure before what is blocked or not applicable. What a
    kind of cell cannot show is not applicable there, unless its baseline fails; an entry's own
    differences of that kind go before all.
    """
    if here := entry.get("differs", {}).get(cell, {}).get(identifier):
        return Outcome(here)
    promised = _promised(entry, identifier)
    if promised is not Outcome.BLOCKED and identifier in submission.cell_differences().get(cell, {}):
        return Outcome.NOT_APPLICABLE
    return promised


def is_settled(entry: Mapping[str, Any], identifier: str) -> bool:
    """False where a fault is a race that shows now here, now there: only `kills` is sure then."""
    return identifier not in entry.get("varies", ())


def _promised(entry: Mapping[str, Any], identifier: str) -> Outcome:
    for matches in (str.__eq__, fnmatchcase):
        for key, outcome in _PROMISES.items():
            if any(matches(identifier, named) for named in entry.get(key, ())):
                return outcome
    contract = entry.get("contract", {})
    if identifier in _SETTLED_BY and not contract.get(_SETTLED_BY[identifier]):
        return Outcome.NOT_APPLICABLE
    if identifier == "stream/joined" and contract.get("closes", True):
        return Outcome.NOT_APPLICABLE
    return Outcome.PASS


def diagnosed(result: Result) -> dict[str, str]:
    """Design, reaping and first cause, as a manifest's entry has them."""
    diagnosis = result.diagnosis
    cause = next(iter(diagnosis.causes), "")
    return {"design": diagnosis.design, "reaping": diagnosis.reaping, "cause": cause}


def misdiagnosed(entry: Mapping[str, Any], result: Result) -> list[str]:
    """What the diagnosis says otherwise than the manifest's entry, one sentence each.

    A fault that this kind of cell cannot show has no diagnosis there.
    """
    if "kills" in entry and expected(entry, entry["kills"], result.cell) is not Outcome.FAIL:
        return []
    seen, told = diagnosed(result), result.diagnosis.causes[:MOST_TOLD]
    return [
        f"the diagnosis says {key} {seen[key]!r}, not {promised!r}"
        for key, promised in entry.get("diagnosis", {}).items()
        if seen[key] != promised and not (key == "cause" and promised in told)
    ]


def scenario_folder() -> Path:
    """Where the scenarios lie."""
    return shipped("scenarios")


def killers_of(identifier: str) -> list[str]:
    """The reference servers that fail a requirement: the faults named for it first."""
    entries = submission.references().items()
    named = [name for name, entry in entries if entry.get("kills") == identifier]
    others = [name for name, entry in entries if identifier in entry.get("fails", ())]
    return list(dict.fromkeys([*named, *others]))


def draw_seed() -> int:
    """A seed short enough to be typed."""
    return random.randrange(10_000)


class Session:
    """Cells, kept warm, and what has been seen in them. One a process; use as a block."""

    def __init__(self, options: Options) -> None:
        """Load the scenarios and draw the seed; no cell is opened before the first examination.

        Raises:
            HarnessError: an unknown id among the options.
        """
        self.options = options
        self.catalogue = catalogue.load()
        for identifier in options.only:
            catalogue.find(identifier)
        self.seed = draw_seed() if options.seed is None else options.seed
        self._cells = Cells(options.cell)
        self._client: tuple[str, ...] = ()
        self._runs = 0

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
        """Observe and judge one subject; `known` recordings are not made again.

        Raises:
            HarnessError: ours or the machine's: no cell, the port taken.
        """
        self._client = self._client or trial.reference_client()
        self._runs += 1
        assignment = self.options.assignment
        seen = trial.observe(
            self._cells,
            subject,
            RunConfig(
                seed=self.seed,
                run=self._runs,
                contract=contract_of(subject, assignment),
                client=self._client,
                unsettled=not (assignment.contract or subject.contract),
                bound=bound_of(subject) if self.options.bounded else None,
            ),
            only=only or self.options.only,
            known=known or {},
            retry=self.options.retry,
            progress=lambda recording: progress(subject.name, recording),
        )
        try:
            done = asyncio.run(seen)
        except* harness.HarnessError as group:
            raise first_of(group) from None
        return judge(done.recordings.values(), self.options, done.retried)


def bound_of(subject: Subject, *, in_a_class: bool = False) -> Bound:
    """How long its examination may take; longer in a class, where others are examined beside it."""
    return Bound(subject.limits.get("most_s", MOST_S), in_a_class=in_a_class)


def contract_of(subject: Subject, assignment: Assignment) -> Contract:
    """The contract that a subject is judged by."""
    return assignment.contract or Contract.of(subject.contract)


def check(
    subjects: Sequence[Subject],
    options: Options,
    progress: Progress = lambda *_: None,
    *,
    repeat: int = 1,
) -> list[Result]:
    """Observe and judge each subject, so many times over; results in that order.

    Raises:
        HarnessError: ours or the machine's: no cell, the port taken, an unknown id.
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
    """Whether any of the chosen requirements is one for its role; all are where none is chosen."""
    roles = [subject.role] if subject.is_role_told else ["server", "client"]
    return any(_are_asked(role, only) for role in roles)


def _are_asked(role: str, only: Sequence[str]) -> bool:
    ids = {each.id for each in catalogue.load(role).requirements}
    return not only or not ids.isdisjoint(only)


def _require_asked(role: str, only: Sequence[str]) -> None:
    if not _are_asked(role, only):
        raise harness.HarnessError(f"{', '.join(only)}: nothing that is asked of a {role}")


def judge(recordings: Iterable[Recording], options: Options, retried: Sequence[str] = ()) -> Result:
    """Judge one subject's recordings; runs nothing."""
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


def read_recordings(path: Path) -> list[list[Recording]]:
    """The recordings of a file, those of one examination together, in the file's order.

    Raises:
        HarnessError: no such file, or no recordings in it; the user's mistake.
    """
    together: dict[tuple[str, int], list[Recording]] = {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        for line in filter(None, lines):
            recording = Recording.from_json(line)
            together.setdefault((recording.subject, recording.run), []).append(recording)
    except OSError as error:
        raise harness.HarnessError(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise harness.HarnessError(f"{path}: {error}") from error
    if not together:
        raise harness.HarnessError(f"{path}: no recordings in this file")
    return list(together.values())


def write_recordings(results: Sequence[Result]) -> str:
    """All recordings of some results, one JSON object a line."""
    lines = [r.to_json() for result in results for r in result.recordings.values()]
    return "\n".join(lines) + "\n"


def first_of(error: BaseException) -> harness.HarnessError:
    """The first of a group, or of a group in it."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if not isinstance(error, harness.HarnessError):
        raise TypeError("not one of ours") from error
    return error


__all__ = [
    "LECTURE", "NoTool", "Options", "Session", "Subject", "check", "draw_seed", "expected", "is_settled",
    "judge",
    "killers_of", "manifest", "prepare", "prepare_command", "read_recordings", "reference_names",
    "scenario_folder", "write_recordings",
]  # fmt: skip
