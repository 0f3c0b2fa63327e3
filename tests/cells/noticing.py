"""Programs that would notice what is done to them, for the tests of what must not be noticed."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from harness.engine import targets
from harness.engine.session import Options, Session
from harness.judge.verdict import Outcome
from harness.results.result import Result

TOUCHED: Final = Path(__file__).parent / "touched"


def unnoticed(requirement: str, name: str, flags: str, folder: Path) -> Result:
    """The result of such a program, built in this folder with these flags: it meets the requirement."""
    for path in (TOUCHED / name, Path("servers/base.h")):
        shutil.copy(path, folder)
    (folder / "Makefile").write_text(f"server: {name}\n\tgcc {flags} -o server {name}\n")
    with Session(Options(only=(requirement,), seed=3)) as session:
        result = session.examine(targets.prepare(str(folder)))
    verdict = result.verdicts[requirement]
    assert verdict.outcome is Outcome.PASS, verdict.evidence
    return result
