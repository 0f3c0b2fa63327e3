"""Reads a settings file, an assignment's or a submission's: knows every key, checks every value."""

import shlex
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Literal

import msgspec

import harness
from harness.judge.requirement import Tier
from harness.results.assignment import Assignment
from harness.subject.submission import LECTURE_PORT, BuildOptions

from . import catalogue
from . import setting_pairs as together
from .bound import MOST_S
from .contract_tables import ContractTable, DialogueTable, contract_in
from .marking_tables import AwardTable, FeedbackTable, LateTable, feedback_in, late_in, marking_in
from .toml_errors import Slip, decode, line_of, loaded

_LIMITS: Final = {
    "memory_mb": ("memory_bytes", 1 << 20, 16),
    "all_memory_mb": ("all_memory_bytes", 1 << 20, 64),
    "cpu_s": ("cpu_s", 1, 1),
    "descriptors": ("descriptors", 1, 16),
    "file_mb": ("file_bytes", 1 << 20, 1),
    "start_s": ("start_s", 1, 1),
    "most_s": ("most_s", 1, 10),
}
_PORTS: Final = 1 << 16


class UnusableAssignment(harness.HarnessError):
    """The file cannot be read, or a value in it is impossible; the text says what, and in which line."""


@dataclass(frozen=True, slots=True)
class AssignmentFile:
    """What a settings file says: what is judged, and how hand-ins are built and started.

    `tier` is None where the file does not say up to which tier requirements count. `text` is the file's
    own text.
    """

    assignment: Assignment = field(default_factory=Assignment)
    handed_in: BuildOptions = field(default_factory=BuildOptions)
    tier: Tier | None = None
    text: str = ""


class _Submission(msgspec.Struct):
    entry: str = ""
    role: Literal["", "server", "client"] = ""
    build: str = ""
    run: str = ""
    port: int = LECTURE_PORT
    environment: dict[str, str] = {}
    packages: list[str] | None = None
    files: dict[str, str] = {}


class _Limits(msgspec.Struct):
    memory_mb: int = 4096
    all_memory_mb: int = 2048
    cpu_s: int = 20
    descriptors: int = 1024
    file_mb: int = 16
    start_s: int = 30
    most_s: int = MOST_S


class _File(msgspec.Struct):
    name: str = ""
    missing_is_zero: bool = False
    surprise: int = 0
    late: LateTable = msgspec.field(default_factory=LateTable)
    tier: Tier | None = None
    submission: _Submission = msgspec.field(default_factory=_Submission)
    limits: _Limits = msgspec.field(default_factory=_Limits)
    points: dict[str, float] = {}
    most_points: float | None = None
    award: list[AwardTable] = []
    feedback: FeedbackTable = msgspec.field(default_factory=FeedbackTable)
    contract: ContractTable = msgspec.field(default_factory=ContractTable)
    dialogue: DialogueTable = msgspec.field(default_factory=DialogueTable)
    references: dict[str, str] = {}
    hints: dict[str, str] = {}


def read(path: Path | None) -> AssignmentFile:
    """The settings in a file; the usual settings where there is no file.

    Raises:
        UnusableAssignment: no such file, no TOML, an unknown key or requirement, or an impossible value;
            the user's.
    """
    if path is None:
        return AssignmentFile()
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise UnusableAssignment(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UnusableAssignment(
            f"{path}: the text is not in UTF-8 (byte {error.start + 1}): save it as UTF-8"
        ) from error
    return of_text(text, str(path))


def of_text(text: str, source: str) -> AssignmentFile:
    """The settings in a file whose text is `text`; raises as `read`."""
    try:
        return replace(_settings(decode(text, _File), text, source), text=text)
    except Slip as slip:
        at = f":{slip.line}" if slip.line else ""
        raise UnusableAssignment(f"{source}{at}: {slip}") from slip
    except catalogue.UnknownRequirement as unknown:
        lines = enumerate(text.splitlines(), start=1)
        line = next((n for n, each in lines if unknown.identifier in each.partition("#")[0]), 0)
        raise UnusableAssignment(f"{source}{f':{line}' if line else ''}: {unknown}") from unknown


def _settings(file: _File, text: str, source: str) -> AssignmentFile:
    for identifier in [*file.references, *file.hints]:
        catalogue.find(identifier)
    contract = contract_in(file.contract, file.dialogue, text)
    told = file.submission
    if file.surprise < 0:
        raise Slip(f"surprise: {file.surprise} is less than 0", line_of(text, ("surprise",)))
    if not 0 < told.port < _PORTS:
        raise Slip(f"port: {told.port} is none", line_of(text, ("submission", "port")))
    words: dict[str, tuple[str, ...]] = {}
    for key in ("build", "run"):
        try:
            words[key] = tuple(shlex.split(getattr(told, key)))
        except ValueError as error:
            raise Slip(f"{key}: {error}", line_of(text, ("submission", key))) from error
    settings = AssignmentFile(
        Assignment(
            contract,
            file.references,
            file.hints,
            source,
            marking_in(file.points, file.award, file.most_points, text),
            feedback_in(file.feedback, text),
            file.name,
            late_in(file.late, text),
            file.missing_is_zero,
            file.surprise,
        ),
        BuildOptions(
            told.entry,
            told.role,
            words["build"],
            words["run"],
            told.port,
            told.environment,
            _limits(file.limits, text),
            None if told.packages is None else tuple(told.packages),
            _files(told.files, text),
        ),
        file.tier,
    )
    key, wrong = together.objection(loaded(text, _File))
    if wrong:
        raise Slip(wrong, line_of(text, tuple(key.split("."))))
    return settings


def _files(told: dict[str, str], text: str) -> dict[str, str]:
    """Files by their paths, below the program's folder, a folder's empty; raises Slip for others."""
    for name, content in told.items():
        where = line_of(text, ("submission", "files", name))
        parts = name.removesuffix("/").split("/")
        if not {"", ".", ".."}.isdisjoint(parts) or "\0" in name:
            raise Slip(f"[submission] files: {name!r} is no path below the folder of the program", where)
        if name.endswith("/") and content:
            raise Slip(f"[submission] files: {name!r} is a folder, and has no content", where)
    return told


def _limits(told: _Limits, text: str) -> dict[str, int]:
    """The limits that differ from the cell's own, by the cell's names for them."""
    limits = {}
    for key, (name, unit, least) in _LIMITS.items():
        value = getattr(told, key)
        if value < least:
            raise Slip(
                f"{key}: {value} is less than any server needs ({least})", line_of(text, ("limits", key))
            )
        if value != getattr(_Limits(), key):
            limits[name] = value * unit
    return limits
