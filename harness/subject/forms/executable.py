"""A program that was handed in as such: a binary, or a script."""

import os
import platform
import struct
from pathlib import Path
from typing import Final

from harness.subject.form import Form, Shape, Start, Tools

_HEAD: Final = 20  # bytes, up to the machine of an ELF file
_MACHINES: Final = {3: "i386", 40: "arm", 62: "x86_64", 183: "aarch64", 243: "riscv64"}
_OTHER_SYSTEMS: Final = {b"MZ": "Windows", b"\xcf\xfa\xed\xfe": "macOS", b"\xca\xfe\xba\xbe": "macOS"}


def is_program(path: Path) -> bool:
    """A binary, or a script that names its interpreter; with a suffix it needs the run bit."""
    is_script = first_bytes(path).startswith(b"#!")
    return is_binary(path) or (is_script and (not path.suffix or os.access(path, os.X_OK)))


def is_binary(path: Path) -> bool:
    """A program that a compiler made, of whatever system, or a part of one: an object, a library."""
    return first_bytes(path).startswith((b"\x7fELF", *_OTHER_SYSTEMS))


def first_bytes(path: Path) -> bytes:
    """The beginning of a file."""
    with path.open("rb") as file:
        return file.read(_HEAD)


def _start(shape: Shape, folder: Path, _: Tools) -> Start:
    return Start((f"{folder}/{shape.entry}",))


def _cannot_run(program: Path) -> str:
    """The machine that a binary was made for, if not this one, in words; "" when it may run."""
    head = first_bytes(program)
    for magic, system in _OTHER_SYSTEMS.items():
        if head.startswith(magic):
            return f"{system}, and this is Linux: hand in the source"
    if head.startswith(b"\x7fELF") and len(head) >= struct.calcsize("16sHH"):
        number = struct.unpack_from("<H", head, 18)[0]
        made_for = _MACHINES.get(number, f"machine {number}")
        if made_for not in {platform.machine(), "i386"}:
            return f"{made_for}, and this machine is {platform.machine()}: hand in the source"
    return ""


FORM: Final = Form(name="executable", needs_no_build=True, start=_start, cannot_run=_cannot_run)
