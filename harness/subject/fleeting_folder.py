"""A folder for scratch that is removed when this process ends, even by SIGKILL."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from harness.cell import scratch

# Our end of the pipe is closed for us, whatever ends us; a build may still write for a moment.
_WAITS: Final = 'read -r _; for _ in 1 2 3 4 5; do rm -rf -- "$1" && exit; sleep 0.2; done'


@contextmanager
def fleeting_folder() -> Iterator[Path]:
    """A new scratch folder; a shell waits for our end and removes it. Raises OSError."""
    folder = tempfile.mkdtemp(prefix="forkspec-build-", dir=scratch.place())
    try:
        with subprocess.Popen(
            ["/bin/sh", "-c", _WAITS, "sh", folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,  # Ctrl-C is not for it
        ):
            try:
                yield Path(folder)
            finally:
                scratch.remove(folder)
    finally:
        scratch.remove(folder)
