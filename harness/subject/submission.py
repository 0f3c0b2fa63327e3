"""Recognise what a user names: a reference server, a source file, an executable, or a command."""

from __future__ import annotations

import os
import shlex
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

import harness

from .places import shipped

Form = Literal["c", "c++", "python", "executable", "command"]
_FORMS: Final[dict[str, Form]] = {
    ".c": "c", ".cc": "c++", ".cpp": "c++", ".cxx": "c++", ".C": "c++", ".py": "python",
}  # fmt: skip


class UnusableTarget(harness.HarnessError):
    """What the user named cannot be judged; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Submission:
    """What was handed in, recognised but not built.

    `target` is what the user typed; `flags` go to the compiler; `contract` is what a reference
    server is written for, where that is not the lecture's.
    """

    name: str
    form: Form
    path: Path | None
    target: str
    flags: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    contract: Mapping[str, Any] = field(default_factory=dict)


@cache
def _manifest() -> dict[str, dict[str, dict[str, Any]]]:
    return tomllib.loads((shipped("servers") / "manifest.toml").read_text(encoding="utf-8"))


def references() -> dict[str, dict[str, Any]]:
    """The manifest's servers by name: lecture, designs, faults."""
    return _manifest()["server"]


def cell_differences() -> dict[str, dict[str, str]]:
    """By kind of cell: the requirements that it cannot show, with the reason."""
    return {kind: entry["cannot_show"] for kind, entry in _manifest().get("cell", {}).items()}


def recognise(target: str) -> Submission:
    """A reference's name, or a path.

    Raises:
        UnusableTarget: neither, or a path with nothing to run; the user's mistake.
    """
    path = Path(target)
    try:
        return _recognised(target, path)
    except OSError as error:
        raise UnusableTarget(f"{target}: {error.strerror}") from error


def _recognised(target: str, path: Path) -> Submission:
    name = _reference_named(target) if not path.exists() else _reference_at(path.resolve())
    if name:
        entry = references()[name]
        source = shipped("servers") / entry["path"]
        flags, contract = tuple(entry.get("flags", ())), entry.get("contract", {})
        return Submission(name, _form_of(source), source, target, flags, contract=contract)
    if not path.exists():
        raise UnusableTarget(
            f"{target}: no such file, and no reference server of that name; "
            "'forkspec list --servers' shows the names"
        )
    path = path.resolve()
    if path.is_dir():
        path = _only_one_in(path)
    return Submission(path.name, _form_of(path), path, target)


def command(words: Sequence[str]) -> Submission:
    """A command line given after `--`; `{port}` in it stands for the port.

    Raises:
        UnusableTarget: no words.
    """
    if not words:
        raise UnusableTarget("nothing after '--': give the command that starts the server")
    typed = shlex.join(["--", *words])
    return Submission(Path(words[0]).name, "command", Path.cwd(), typed, command=tuple(words))


def _reference_named(target: str) -> str | None:
    if target in references():
        return target
    for suffix in (".cpp", ".c", ".py"):
        if target + suffix in references():
            return target + suffix
    return None


def _reference_at(path: Path) -> str | None:
    """The reference that lies at a path: it is judged as such, with its flags and its contract."""
    if not path.is_relative_to(shipped("servers").resolve()):
        return None
    place = path.relative_to(shipped("servers").resolve()).as_posix()
    return next((name for name, entry in references().items() if entry["path"] == place), None)


def _form_of(path: Path) -> Form:
    if path.suffix in _FORMS:
        return _FORMS[path.suffix]
    if not os.access(path, os.X_OK):
        raise UnusableTarget(
            f"{path}: not a C, C++ or Python source file, and not executable; "
            f"if it is a program: chmod +x {path.name}"
        )
    return "executable"


def _only_one_in(folder: Path) -> Path:
    """The one thing in a folder that can be judged; more shapes are recognised some day."""
    found = sorted(
        path
        for path in folder.iterdir()
        if path.is_file() and (path.suffix in _FORMS or os.access(path, os.X_OK))
    )
    if not found:
        raise UnusableTarget(
            f"{folder}: nothing to run in this folder "
            "(looked for .c, .cc, .cpp, .py and executable files)"
        )
    sources = [path for path in found if path.suffix in _FORMS]
    candidates = sources or found
    if len(candidates) > 1:
        names = ", ".join(path.name for path in candidates[:6])
        raise UnusableTarget(f"{folder}: more than one thing to run ({names}); name one of them")
    return candidates[0]
