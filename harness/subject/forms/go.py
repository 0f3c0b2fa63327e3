"""Go, without network: the package of the program, or the files beside it where there is no module."""

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

from harness.subject.form import PROGRAM, Form, Shape, Tools, Words, start_program
from harness.subject.tools import Tool

_MAIN: Final = re.compile(r"^func\s+main\s*\(", re.MULTILINE)


def _programs(texts: Mapping[Path, str]) -> Collection[Path]:
    found = [name for name, text in texts.items() if _MAIN.search(text)]
    return [name for name in found if not name.stem.endswith("_test")]


def _commands(shape: Shape, tools: Tools) -> tuple[Words, ...]:
    if shape.entry.name in shape.form.build_files:
        folder = shape.program.parent.relative_to(shape.base) if shape.program else Path()
        package = [f"./{folder}" if folder.parts else "."]
    else:
        package = [str(each) for each in shape.sources if not each.stem.endswith("_test")]
    return ((tools["go"], "build", "-o", PROGRAM, *package),)


FORM: Final = Form(
    name="go",
    language="Go",
    build_files=("go.mod",),
    suffixes=(".go",),
    programs=_programs,
    parts=(".go",),
    tools=(Tool("go", package="golang-go"),),
    commands=_commands,
    environment={"GOPROXY": "off", "GOTOOLCHAIN": "local"},
    start=start_program,
)
