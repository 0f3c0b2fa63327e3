"""What a handed-in folder is: which language and build tool, and which of its files is the server.

By names and by the files' own words, never by running anything.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from .folder import UnusableTarget, Work
from .roles import hint, says_client, says_server

Form = Literal[
    "c", "c++", "python", "executable", "command",
    "make", "cmake", "meson", "cargo", "go", "java", "node", "shell",
]  # fmt: skip
SOURCES: Final[dict[str, Form]] = {
    ".c": "c", ".cc": "c++", ".cpp": "c++", ".cxx": "c++", ".C": "c++", ".py": "python", ".java": "java",
    ".js": "node", ".mjs": "node", ".cjs": "node", ".sh": "shell", ".go": "go", ".rs": "cargo",
}  # fmt: skip
MAKEFILES: Final = ("GNUmakefile", "makefile", "Makefile")
_BUILD_FILES: Final[dict[str, Form]] = {
    **dict.fromkeys(MAKEFILES, "make"),
    "CMakeLists.txt": "cmake", "meson.build": "meson", "Cargo.toml": "cargo", "go.mod": "go",
}  # fmt: skip
_C_MAIN: Final = re.compile(r"^[ \t]*(?:(?:int|void|auto)\s+)?main\s*\(", re.MULTILINE)
_C_COMMENT: Final = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
_JAVA_MAIN: Final = re.compile(r"static\s+(?:public\s+)?void\s+main\s*\(")
_GO_MAIN: Final = re.compile(r"^func\s+main\s*\(", re.MULTILINE)
_IMPORTED: Final = re.compile(r"^\s*(?:from\s+\.?(\w+)[\w.]*\s+import|import\s+(\w+))", re.MULTILINE)
_TESTS: Final = re.compile(r"^test_|_test$|^conftest$|^setup$|^__init__$", re.IGNORECASE)
_MOST_NAMED: Final = 6


class NothingToRun(UnusableTarget):
    """There is no source, build file or program in it."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How a folder is built: `entry` is the file that makes the server, `sources` go with it."""

    form: Form
    entry: Path
    sources: tuple[Path, ...] = ()


def shape_of(work: Work, entry: str = "", role: str = "server") -> Shape:
    """The shape of what was handed in; `entry` names the file, if there are several.

    Raises:
        UnusableTarget: nothing to run, or more than one thing and no word which.
    """
    if entry:
        return _named(work, entry)
    at_top = {str(name): name for name in work.files if name.parent == Path()}
    for name, form in _BUILD_FILES.items():
        if name in at_top:
            return Shape(form, at_top[name], work.files)
    programs = list(_programs(work))
    if not programs:
        return _without_program(work)
    return _shape(work, choose(programs, work.folder, work.folder.name, role=role))


def choose(
    programs: Sequence[Path], folder: Path, name: str, entry: str = "", role: str = "server"
) -> Path:
    """The server among several programs of a folder: by `entry`, or the only one that seems to be one.

    Of several clients the last by name: tcpclient2 comes after tcpclient.

    Raises:
        UnusableTarget: none, or several that could be meant.
    """
    if entry:
        found = [each for each in programs if entry in {each.name, each.stem, str(each)}]
        if not found:
            raise UnusableTarget(f"{name}: no {entry} in it ({_listed(programs)})")
        return found[0]
    if role == "client":
        seem = [each for each in programs if hint(folder / each) == "client"] or programs
        return max([each for each in seem if says_client(each.stem)] or seem)
    able = [
        each for each in programs if not _TESTS.search(each.stem) and hint(folder / each) != "client"
    ] or list(programs)
    named = [each for each in able if says_server(each.stem)] or able
    if len(named) > 1:
        raise UnusableTarget(
            f"{name}: more than one server ({_listed(named)}); choose one: --entry {named[0].name}"
        )
    return named[0]


def _named(work: Work, entry: str) -> Shape:
    found = [name for name in work.files if entry in {name.name, str(name)}]
    found = found or [name for name in work.files if name.stem == entry and name.suffix in SOURCES]
    if found:
        return _shape(work, found[0])
    built = next((name for name in work.files if name.name in MAKEFILES), None)
    if built is not None:  # the name of what it makes
        return Shape("make", built, work.files)
    raise UnusableTarget(f"{work.folder.name}: no {entry} in it ({_listed(work.files)})")


def _shape(work: Work, entry: Path) -> Shape:
    form = SOURCES.get(entry.suffix, "executable")
    if entry.name in _BUILD_FILES:
        form = _BUILD_FILES[entry.name]
    beside = (name for name in work.files if name.parent == entry.parent and name != entry)
    parts = {
        "c": lambda name: name.suffix == ".c" and not _has_main(work, name),
        "c++": lambda name: SOURCES.get(name.suffix) in {"c", "c++"} and not _has_main(work, name),
        "java": lambda name: name.suffix == ".java",
        "go": lambda name: name.suffix == ".go" and not _has_main(work, name),
    }
    wanted: Callable[[Path], bool] = parts.get(form, lambda _: False)
    return Shape(form, entry, (entry, *filter(wanted, beside)))


def _without_program(work: Work) -> Shape:
    """Sources of which none has a main(): the linker is to say so."""
    sources = tuple(name for name in work.files if SOURCES.get(name.suffix) in {"c", "c++"})
    if sources:
        form: Form = "c" if all(name.suffix == ".c" for name in sources) else "c++"
        return Shape(form, sources[0], sources)
    strays = f"; {work.strays[0]} leads out of it and was left out" if work.strays else ""
    raise NothingToRun(
        f"{work.folder}: nothing to run in this folder (looked for C, C++, Python, Java, Node, Go, Rust "
        f"and shell sources, build files and programs){strays}"
    )


def _programs(work: Work) -> Iterator[Path]:
    """Files that could be started, or made into something that can; binaries only where no source is."""
    sources = [name for name in work.files if name.suffix in SOURCES]
    python = [name for name in sources if name.suffix == ".py"]
    modules = _imported(work, python)
    found = [
        name
        for name in sources
        if (name.stem not in modules if name in python else _has_main(work, name))
    ]
    yield from found or (name for name in work.files if is_program(work.folder / name))


def holds_both(work: Work) -> bool:
    """Whether there are programs of a server, and of a client that is called so."""
    seem = {each: hint(work.folder / each) for each in _programs(work)}
    clients = [each for each in seem if says_client(each.stem) and seem[each] != "server"]
    return bool(clients) and "server" in seem.values()


def is_program(path: Path) -> bool:
    """A binary of whatever system, with or without the run bit; or a script that has it."""
    head = first_bytes(path)
    binary = head.startswith((b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"MZ"))
    return binary or (head.startswith(b"#!") and os.access(path, os.X_OK))


def first_bytes(path: Path, count: int = 20) -> bytes:
    """The beginning of a file."""
    with path.open("rb") as file:
        return file.read(count)


def _has_main(work: Work, name: Path) -> bool:
    text = (work.folder / name).read_text(encoding="utf-8-sig", errors="replace").replace("\r\n", "\n")
    match SOURCES[name.suffix]:
        case "c" | "c++":
            return bool(_C_MAIN.search(_C_COMMENT.sub(" ", text)))
        case "java":
            return bool(_JAVA_MAIN.search(text))
        case "go":
            return bool(_GO_MAIN.search(text))
        case _:
            return True


def _imported(work: Work, python: Iterable[Path]) -> set[str]:
    """Names of modules that other Python files of the folder import."""
    found: set[str] = set()
    for name in python:
        text = (work.folder / name).read_text(encoding="utf-8-sig", errors="replace")
        found |= {a or b for a, b in _IMPORTED.findall(text)} - {name.stem}
    return found


def _listed(names: Sequence[Path]) -> str:
    more = f", and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(map(str, names[:_MOST_NAMED])) + more
