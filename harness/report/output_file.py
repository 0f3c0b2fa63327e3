"""A file that somebody asked for, written whole or not at all."""

import contextlib
import errno
import os
import sys
from pathlib import Path
from typing import Final

import harness

STANDARD_OUTPUT: Final = Path("-")  # as for other commands; `./-` is a file
_FULL: Final = (errno.ENOSPC, errno.EDQUOT)
_DEVICES: Final = Path("/dev")


class UnwritableFile(harness.HarnessError):
    """A file that the user named cannot be written; the results were shown all the same."""


def write(path: Path, content: str | bytes, *, mode: int = 0o666) -> None:
    """Put a file in its place in one step, or write to a device, pipe or "-"; raises UnwritableFile."""
    data = content.encode(errors="backslashreplace") if isinstance(content, str) else content
    if path == STANDARD_OUTPUT:
        sys.stdout.buffer.write(data)
        return
    new = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        if _is_no_file(path):
            with path.open("ab") as device:
                device.write(data)
            return
        new.touch(mode)
        new.write_bytes(data)
        new.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)
        room = "; make room, and give the same command again" if error.errno in _FULL else ""
        raise UnwritableFile(f"{path}: {error.strerror}{room}") from error


def refuse_standard_output(path: Path, why: str) -> None:
    """Raise UnwritableFile, with the reason, where "-" was named."""
    if path == STANDARD_OUTPUT:
        raise UnwritableFile(f"-: {why}")


def _is_no_file(path: Path) -> bool:
    return path.exists() and (not path.is_file() or (path.is_symlink() and path.parent == _DEVICES))
