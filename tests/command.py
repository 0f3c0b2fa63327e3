"""The command, run as its user runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

FORKSPEC: Final = [sys.executable, "-m", "harness.cli"]
GUARD_S: Final = 120.0


def run(*words: object, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """What it printed, and its exit status; the environment is ours and what is named."""
    return subprocess.run(
        [*FORKSPEC, *map(str, words)],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=GUARD_S,
        check=False,
    )
