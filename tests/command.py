"""The command, run as its user runs it."""

from __future__ import annotations

import subprocess
import sys
from typing import Final

FORKSPEC: Final = [sys.executable, "-m", "harness.cli"]
GUARD_S: Final = 200.0


def run(*words: object) -> subprocess.CompletedProcess[str]:
    """What it printed, and its exit status."""
    told = [*FORKSPEC, *map(str, words)]
    return subprocess.run(told, capture_output=True, text=True, timeout=GUARD_S, check=False)
