"""Where a subject starts: at home, where its program lies as it does beside the student who starts it.

Copies are small and quickly made, the path of our cache is nowhere to be seen, and what a server writes
beside its program is written. A large work stays where it is, and is shown there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from harness.cell.cell import program
from harness.cell.limits import Limits
from harness.cell.message import HOME, Program
from harness.record.role import Role

from . import beside, places
from .build import COMPILED_FROM
from .build_folder import COMMANDS, TOOLS, WARNINGS
from .command_words import placed
from .form import FOLDER, PROGRAM
from .products import HANDED_IN
from .subject import Subject

_MOST_BYTES, _MOST_FILES = 8 << 20, 300
_OURS: Final = frozenset({COMMANDS, WARNINGS, HANDED_IN, TOOLS, beside.FOLDER})
_LOGIN: Final = {"PWD": HOME, "HOME": HOME, "SHLVL": "1"}
_COPY: Final = 'cp -Rf "$0/." . && unset PWD OLDPWD; exec "$@"'


@dataclass(frozen=True, slots=True)
class _Lain:
    """A subject's files by their names at its home, and what our own names for them are there."""

    files: Mapping[str, Path]
    names: Mapping[str, str]


def program_of(subject: Subject, limits: Limits) -> Program:
    """The program that starts a subject: at home where its files are few, else where it was built."""
    own = subject.for_home
    texts = {name: placed(text, subject.port) for name, text in subject.files.items()}
    lain = _lain(subject)
    if lain is None:
        argv, reads = _copying(subject), subject.shown
        env = {**_LOGIN, **subject.variables}
        return program(argv, env, limits, reads, own, texts, in_folder=subject.in_folder)
    argv = _words(subject, lain)
    env = {key: _word(value, subject, lain) for key, value in subject.variables.items()}
    return program(
        argv, {**_LOGIN, **env}, limits, subject.tools, {**lain.files, **own}, texts, in_folder=False
    )


def _copying(subject: Subject) -> tuple[str, ...]:
    """The words that start it. A shell first copies what lies beside it to the folder where it starts.

    The shell that copies becomes the program: nothing of it is left.
    """
    if subject.beside is None:
        return subject.argv
    return ("/bin/sh", "-c", _COPY, str(subject.beside), *subject.argv)


def _lain(subject: Subject) -> _Lain | None:
    folder = subject.folder
    if folder is None or not folder.is_relative_to(places.cache()):
        return None
    return _laid(folder, subject.beside, subject.role, in_folder=subject.in_folder)


@lru_cache
def _laid(folder: Path, data: Path | None, role: Role, *, in_folder: bool) -> _Lain | None:
    """Names at home for a build's files and its `data`; None where they are too much.

    Both are kept by their content: they are read once, and not at each start.
    """
    inside = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())
    found = {path.relative_to(folder): path for path in inside}
    tops = {name.parts[0] for name in found} - _OURS
    names = {} if in_folder else {PROGRAM: _free(role.value, tops)}
    if not in_folder:
        names[FOLDER] = _free("build", tops)
    files = {_renamed(name, names): path for name, path in found.items() if not _is_ours(name)}
    if data is not None:
        also = (path for path in sorted(data.rglob("*")) if path.is_file())
        files |= {str(path.relative_to(data)): path for path in also}
    size = sum(path.stat().st_size for path in files.values())
    return _Lain(files, names) if size <= _MOST_BYTES and len(files) <= _MOST_FILES else None


def _free(name: str, taken: set[str]) -> str:
    return name if name not in taken else _free(f"{name}_", taken)


def _is_ours(name: Path) -> bool:
    return name.parts[0] in _OURS or name.is_relative_to(COMPILED_FROM)


def _renamed(name: Path, names: Mapping[str, str]) -> str:
    first, *rest = name.parts
    return str(Path(names.get(first, first), *rest))


def _words(subject: Subject, lain: _Lain) -> tuple[str, ...]:
    first, *rest = (_word(word, subject, lain) for word in subject.argv)
    is_own = subject.argv[0].startswith(f"{subject.folder}/")
    return f"./{first}" if is_own else first, *rest


def _word(word: str, subject: Subject, lain: _Lain) -> str:
    """A word with names at home for paths in the folder: as they are typed there where it begins so."""
    folder = f"{subject.folder}/"
    if word.startswith(folder):
        return _renamed(Path(word.removeprefix(folder)), lain.names)
    return word.replace(str(subject.folder), HOME)
