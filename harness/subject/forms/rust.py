"""Rust without Cargo: the file with main(), and the modules that it names beside it."""

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

from harness.subject.form import PROGRAM, Form, Shape, Tools, Words, start_program
from harness.subject.tools import Tool

_MAIN: Final = re.compile(r"^[ \t]*(?:pub\s+)?(?:async\s+)?fn\s+main\s*\(", re.MULTILINE)


def with_main(texts: Mapping[Path, str]) -> Collection[Path]:
    """The sources that define main()."""
    return [name for name, text in texts.items() if _MAIN.search(text) and name.name != "build.rs"]


def compile_words(compiler: str, source: Path) -> Words:
    """The call that makes a source, and the modules that it names, into a program."""
    return (compiler, "--edition", "2021", "-g", "-o", PROGRAM, str(source))


def _commands(shape: Shape, tools: Tools) -> tuple[Words, ...]:
    return (compile_words(tools["rustc"], shape.entry),)


FORM: Final = Form(
    name="rust",
    language="Rust",
    suffixes=(".rs",),
    programs=with_main,
    tools=(Tool("rustc", "Rust compiler"),),
    commands=_commands,
    start=start_program,
)
