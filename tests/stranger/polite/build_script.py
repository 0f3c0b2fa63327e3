"""A folder with a build.sh: whatever that makes."""

from __future__ import annotations

from harness.subject.form import Form, Shape, Tools, Words
from harness.subject.tools import Tool


def _commands(shape: Shape, tools: Tools) -> tuple[Words, ...]:
    return ((tools["bash"], shape.entry.name),)


FORM = Form(
    name="build-script",
    build_files=("build.sh",),
    tools=(Tool("bash"),),
    commands=_commands,
    litter=frozenset({"objects"}),
)
