"""A file that somebody asked for, written whole or not at all."""

import contextlib
import os
from pathlib import Path

import harness


class UnwritableFile(harness.HarnessError):
    """A file that the user named cannot be written; the results were shown all the same."""


def write(path: Path, content: str | bytes, *, mode: int = 0o666) -> None:
    """Put a file in its place in one step; `mode` are its permissions, as open(2) takes them.

    Raises:
        UnwritableFile: no such folder, no right, no room.
    """
    new = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        new.touch(mode)
        new.write_bytes(
            content.encode(errors="backslashreplace") if isinstance(content, str) else content
        )
        new.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)
        raise UnwritableFile(f"{path}: {error.strerror}") from error
