"""C: all sources beside the one with main(), compiled in one call."""

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

from harness.subject.compiling import commands
from harness.subject.form import Form, start_program
from harness.subject.tools import Tool

_MAIN: Final = re.compile(r"^[ \t]*(?:(?:int|void|auto)\s+)?main\s*\(", re.MULTILINE)
COMMENT: Final = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)


def with_main(texts: Mapping[Path, str]) -> Collection[Path]:
    """The sources of C or C++ that define main()."""
    return [name for name, text in texts.items() if _MAIN.search(COMMENT.sub(" ", text))]


FORM: Final = Form(
    name="c",
    language="C",
    suffixes=(".c",),
    headers=(".h",),
    programs=with_main,
    parts=(".c",),
    tools=(Tool("cc", "C compiler", "gcc", ("gcc", "clang")),),
    commands=commands,
    compiles_files=True,
    start=start_program,
)
