"""Recognise what a user names: a reference server, a file, a folder, an archive, or a command."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from harness.record.contract import Contract
from harness.record.role import Role

from . import content_store as store
from . import forms, machine
from .archive import is_archive, unpacked
from .folder import UnusableTarget
from .form import Form
from .forms.executable import is_program
from .manifest import reference, reference_at
from .packed_folder import opened
from .places import shipped
from .roles import hint

LECTURE_PORT: Final = 54321
_NO_PROGRAMS: Final = frozenset({".txt", ".md", ".pdf", ".docx", ".odt", ".o", ".h", ".rtf"})
_COMMAND: Final = "name the command that starts it: forkspec check -- "
_WHAT_TO_DO: Final = {
    ".ipynb": "Save the notebook as a script (.py), and name that",
    ".jar": f"Then {_COMMAND}java -jar {{name}} {{{{port}}}}",
}
_ELSE: Final = f"If it is a program: chmod +x {{name}}; else {_COMMAND}COMMAND {{{{port}}}}"


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """What was said of how a submission is built and started; what was not said is found out.

    `entry` is the file or program on trial, where there are several; `role` "server" or "client".
    `build` and `run` are the words of a command; {port} in `run` stands for the `port` that it is to
    listen on, or to connect to. `limits` go before the cell's own (cell.limits). `packages` are those
    that are promised to be installed; None where nothing was said. `files` are contents by the path
    at which they lie where it starts, with the same places as `run`.
    """

    entry: str = ""
    role: str = ""
    build: tuple[str, ...] = ()
    run: tuple[str, ...] = ()
    port: int = LECTURE_PORT
    environment: Mapping[str, str] = field(default_factory=dict)
    limits: Mapping[str, int] = field(default_factory=dict)
    packages: tuple[str, ...] | None = field(default=None, repr=False)
    files: Mapping[str, str] = field(default_factory=dict)

    def over(self, other: BuildOptions) -> BuildOptions:
        """These options; where they say nothing, those of the other."""
        port = self.port if self.port != LECTURE_PORT else other.port
        return BuildOptions(
            self.entry or other.entry,
            self.role or other.role,
            self.build or other.build,
            self.run or other.run,
            port,
            {**other.environment, **self.environment},
            {**other.limits, **self.limits},
            other.packages if self.packages is None else self.packages,
            {**other.files, **self.files},
        )


@dataclass(frozen=True, slots=True)
class Submission:
    """What was handed in, recognised but not built.

    `path` is a file, or a folder of whatever shape; then there is no `form` yet. Of a `command` it is
    the folder in which it was given, and there is no form. `target` is what the user typed; `how` is
    what was said of building and starting it; `flags` go to the compiler; `contract` is what it is
    written for, where that is not the lecture's. `is_known` where nobody has to find out how it is
    started. `asked_to_run` is the command of whoever judges it, not of its own settings.
    """

    name: str
    form: Form | None
    path: Path | None
    target: str
    how: BuildOptions = field(default_factory=BuildOptions)
    flags: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    contract: Contract | None = None
    is_known: bool = False
    asked_to_run: tuple[str, ...] = ()

    @property
    def role_told(self) -> Role | None:
        """The role that was said, by option, file or place; None where none was."""
        if self.how.role:
            return Role(self.how.role)
        if self.is_known and not self.command:
            return Role.SERVER
        is_ours = self.path is not None and _lies_in("clients", self.path.resolve())
        return Role.CLIENT if is_ours and not self.command else None

    @property
    def role(self) -> Role:
        """The role that was said; otherwise the one that its source seems to have."""
        if self.role_told or self.path is None or self.command:
            return self.role_told or Role.SERVER
        return hint(self.path if self.form else self.path / self.how.entry) or Role.SERVER


def _lies_in(top: str, path: Path) -> bool:
    return path.is_relative_to(shipped(top).resolve())


def recognise(target: str, how: BuildOptions | None = None) -> Submission:
    """A reference's name or a path, as it is to be built; raises UnusableTarget or HarnessError."""
    path, how = Path(target), how or BuildOptions()
    try:
        with machine.at_fault(target):
            return replace(_recognised(target, path, how), asked_to_run=how.run)
    except OSError as error:
        raise UnusableTarget(f"{target}: {error.strerror}") from error


def _recognised(target: str, path: Path, how: BuildOptions) -> Submission:
    name = _reference_named(target) if not path.exists() else _reference_at(path.resolve())
    known = reference(name) if name else None
    if name and known is not None:
        source = shipped("servers") / known.path
        form, contract = _form_of(source), known.contract
        return Submission(name, form, source, target, how, known.flags, contract=contract, is_known=True)
    if not path.exists():
        raise UnusableTarget(
            f"{target}: no such file, and no reference server of that name; "
            "'forkspec list --servers' shows the names"
        )
    path = path.resolve()
    if path.is_dir():
        return Submission(path.name, None, opened(path), target, how)
    if not path.is_file():
        raise UnusableTarget(f"{target}: neither a file nor a folder")
    if is_archive(path):
        return Submission(path.name, None, opened(unpacked(path, store.cache())), target, how)
    return Submission(path.name, _form_of(path), path, target, how)


def command(words: Sequence[str], how: BuildOptions | None = None) -> Submission:
    """A command line given after `--`, {port} in it for the port; of `how` only the role matters."""
    if not words:
        raise UnusableTarget("nothing after '--': give the command that starts the program")
    typed = shlex.join(["--", *words])
    told, role = tuple(words), BuildOptions(role=how.role if how else "")
    return Submission(Path(words[0]).name, None, Path.cwd(), typed, role, command=told, is_known=True)


def handed_in(submission: Submission | None) -> list[str]:
    """The paths of all that lies in the folder of a submission."""
    if submission is None or submission.path is None:
        return []
    path = submission.path
    if not path.is_dir():
        return [each.name for each in path.parent.iterdir()]
    return [str(each.relative_to(path)) for each in path.rglob("*")]


def files_of(submission: Submission | None) -> list[str]:
    """The paths of the files of a submission, those at the top first; none of a command."""
    if submission is None or submission.path is None or submission.command:
        return []
    path = submission.path
    if not path.is_dir():
        return [path.name]
    found = (each.relative_to(path) for each in path.rglob("*") if each.is_file())
    return [str(each) for each in sorted(found, key=lambda each: (len(each.parts), each))]


def _reference_named(target: str) -> str | None:
    names = (target + suffix for suffix in ("", ".cpp", ".c", ".py"))
    return next((name for name in names if reference(name) is not None), None)


def _reference_at(path: Path) -> str | None:
    """The reference that lies at a path: it is judged as such, with its flags and its contract."""
    if not _lies_in("servers", path):
        return None
    place = path.relative_to(shipped("servers").resolve()).as_posix()
    return reference_at(place)


def _form_of(path: Path) -> Form:
    if path.suffix in forms.of_suffixes():
        return forms.of_suffixes()[path.suffix]
    runs = os.access(path, os.X_OK) and path.suffix not in _NO_PROGRAMS
    if not runs and not is_program(path):
        todo = _WHAT_TO_DO.get(path.suffix, _ELSE).format(name=path.name)
        raise UnusableTarget(
            f"{path}: not a source file that forkspec knows (those of {forms.languages()}), not an "
            f"archive, and not executable. {todo}"
        )
    return forms.named("executable")
