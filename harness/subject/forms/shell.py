"""A shell's script: by the interpreter that its first line names, or else by sh."""

from pathlib import Path
from typing import Final

from harness.subject.form import Form, Shape, Start, Tools

from .executable import first_bytes


def _start(shape: Shape, folder: Path, _: Tools) -> Start:
    script = f"{folder}/{shape.entry}"
    if first_bytes(folder / shape.entry).startswith(b"#!"):
        return Start((script,))
    return Start(("/bin/sh", script))


FORM: Final = Form(name="shell", language="shell", suffixes=(".sh",), needs_no_build=True, start=_start)
