"""Java: the class with main(), what lies beside it, and what its packages name.

Started in a small and quickly started machine.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Final

from harness.subject.form import FOLDER, Form, Shape, Start, Tools, Words
from harness.subject.tools import Tool

from .c import COMMENT

_MAIN: Final = re.compile(r"static\s+(?:public\s+)?void\s+main\s*\(")
_PACKAGE: Final = re.compile(r"^\s*package\s+([\w.]+)\s*;", re.MULTILINE)
_CLASS: Final = re.compile(r"^(?:\w+\s+)*(?:class|record|enum|interface)\s+(\w+)", re.MULTILINE)
_ENCODING: Final = "UTF-8"
_OPTIONS: Final = ("-Xss512k", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-Xmx256m")


def _programs(texts: Mapping[Path, str]) -> Collection[Path]:
    return [name for name, text in texts.items() if _MAIN.search(text)]


def _package(text: str) -> str:
    found = _PACKAGE.search(COMMENT.sub(" ", text))
    return found[1] if found else ""


def _root(shape: Shape) -> Path | None:
    """The folder in which the packages begin; None where they begin above the work, or lie otherwise."""
    folder, package = shape.entry.parent, _package(shape.text)
    names = tuple(package.split(".")) if package else ()
    if folder.parts[len(folder.parts) - len(names) :] != names:
        return None
    return Path(*folder.parts[: len(folder.parts) - len(names)])


def _main_class(shape: Shape) -> str:
    """The class with main(), with its package: the one that the file is called by, if it is there."""
    text = COMMENT.sub(" ", shape.text)
    main = _MAIN.search(text)
    before = _CLASS.findall(text[: main.start()] if main else text)
    name = shape.entry.stem
    if name not in before and before:
        name = before[-1]
    return ".".join(filter(None, [_package(text), name]))


def _commands(shape: Shape, tools: Tools) -> tuple[Words, ...]:
    words = (tools["javac"], "-g", "-encoding", _ENCODING, "-d", FOLDER)
    if (root := _root(shape)) is not None:  # javac finds what is named
        return ((*words, "-sourcepath", str(root), *map(str, shape.sources)),)
    others = (each for each in shape.elsewhere if not {"test", "tests"} & set(each.parts))
    return ((*words, *map(str, shape.sources), *map(str, others)),)


def _otherwise(words: Words) -> Iterable[Words]:
    """The call for sources in the encoding of Windows: editors there write umlauts in it."""
    if _ENCODING in words:
        yield tuple("windows-1252" if word == _ENCODING else word for word in words)


def _start(shape: Shape, folder: Path, tools: Tools) -> Start:
    return Start((tools["java"], *_OPTIONS, "-cp", f"{folder}/{FOLDER}", _main_class(shape)))


FORM: Final = Form(
    name="java",
    language="Java",
    suffixes=(".java",),
    programs=_programs,
    parts=(".java",),
    parts_may_start=True,
    tools=(
        Tool("javac", "Java compiler", "default-jdk-headless"),
        Tool("java", package="default-jre-headless"),
    ),
    commands=_commands,
    otherwise=_otherwise,
    start=_start,
    takes_no_mark=True,
)
