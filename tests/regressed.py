"""The servers of tests/regressions: one that is sound, and others that are as good but for one thing."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final

from harness.engine import compare_servers, targets
from harness.engine.session import Options
from harness.results.side_by_side import SideBySide

SOURCES: Final = Path(__file__).parent / "regressions"
SOUND: Final = "sound"
FOUND_BY: Final = {
    "slower-by-2-ms": "wait alone, half",
    "burns-1-ms": "processor time",
    "dies-after-1000": "not answered",
    "zombie-in-500": "zombies",
    "descriptor-in-100": "descriptors lost",
    "kib-a-client": "memory kept",
}


def compiled(name: str, folder: Path) -> str:
    """The path of the program."""
    program = folder / name
    if not program.exists():
        source = SOURCES / f"{name}.c"
        subprocess.run(["cc", "-O1", "-o", str(program), str(source)], check=True)
    return str(program)


def measured(old: str, new: str, seed: int = 0) -> SideBySide:
    """The same clients at both of these targets."""
    subjects = targets.prepare(old), targets.prepare(new)
    return compare_servers.measure(subjects, Options(), lambda _: None, seed=seed)


def worse(found: SideBySide) -> set[str]:
    """The measures that are told as a regression."""
    return {each.measure.name for each in found.worse}
