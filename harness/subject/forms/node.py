"""JavaScript, started by Node as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from harness.subject.form import Form, Shape, Start, Tools
from harness.subject.tools import Tool


def _start(shape: Shape, folder: Path, tools: Tools) -> Start:
    return Start((tools["node"], f"{folder}/{shape.entry}"))


FORM: Final = Form(
    name="node",
    language="Node",
    suffixes=(".js", ".mjs", ".cjs"),
    left_out=frozenset({"node_modules"}),
    tools=(Tool("node", package="nodejs"),),
    needs_no_build=True,
    start=_start,
)
