"""make: whatever the Makefile makes; where that is no program, by its other targets, or without it."""

from typing import Final

from harness.subject.form import Form, Shape, Tools, Words
from harness.subject.tools import Tool


def _commands(_: Shape, tools: Tools) -> tuple[Words, ...]:
    return ((tools["make"],),)


def _alternatives(tools: Tools) -> tuple[Words, ...]:
    return tuple((tools["make"], target) for target in ("all", "server", "client"))


FORM: Final = Form(
    name="make",
    build_files=("GNUmakefile", "makefile", "Makefile"),
    tools=(Tool("make"),),
    commands=_commands,
    alternatives=_alternatives,
    makes_anything=True,
)
