"""Go, without network: the package of the folder."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

from harness.subject.form import PROGRAM, Form, Shape, Start, Tools, Words
from harness.subject.tools import Tool

_MAIN: Final = re.compile(r"^func\s+main\s*\(", re.MULTILINE)


def _programs(texts: Mapping[Path, str]) -> Collection[Path]:
    return [name for name, text in texts.items() if _MAIN.search(text)]


def _commands(_: Shape, tools: Tools) -> tuple[Words, ...]:
    return ((tools["go"], "build", "-o", PROGRAM, "."),)


def _start(_: Shape, folder: Path, __: Tools) -> Start:
    return Start((f"{folder}/{PROGRAM}",))


FORM: Final = Form(
    name="go",
    language="Go",
    build_files=("go.mod",),
    suffixes=(".go",),
    programs=_programs,
    parts=(".go",),
    tools=(Tool("go", package="golang-go"),),
    commands=_commands,
    environment={"GOPROXY": "off"},
    start=_start,
)
