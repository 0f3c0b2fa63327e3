"""Meson: set up and compiled in a folder of its own."""

from typing import Final

from harness.subject.form import FOLDER, Form, Shape, Tools, Words
from harness.subject.tools import Tool


def _commands(_: Shape, tools: Tools) -> tuple[Words, ...]:
    meson = tools["meson"]
    return (meson, "setup", FOLDER), (meson, "compile", "-C", FOLDER)


FORM: Final = Form(
    name="meson",
    build_files=("meson.build",),
    tools=(Tool("meson"),),
    commands=_commands,
    litter=frozenset({"meson-private"}),
)
