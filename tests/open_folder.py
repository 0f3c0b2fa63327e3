"""A folder that an ordinary user can reach; pytest closes its own to everybody else."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def open_folder(mode: int = 0o755) -> Iterator[Path]:
    """A folder for the length of the block; with 0o777 everybody may write there."""
    with tempfile.TemporaryDirectory(prefix="forkspec-test-") as name:
        folder = Path(name)
        folder.chmod(mode)
        yield folder
