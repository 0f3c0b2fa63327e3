"""Who is stopped and goes on, in other designs and languages than the faults."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

import pytest

from harness.engine import targets
from harness.engine.session import Options, Session
from harness.judge.verdict import Outcome, Verdict

SUSPEND: Final = "lifecycle/suspend"
TOUCHED: Final = Path(__file__).parent / "touched"


def judged(target: Path | str) -> Verdict:
    with Session(Options(only=(SUSPEND,), seed=3)) as session:
        return session.examine(targets.prepare(str(target))).verdicts[SUSPEND]


@pytest.mark.one_in_turn("accepts with a time limit")
@pytest.mark.parametrize(("again", "outcome"), [(0, Outcome.FAIL), (1, Outcome.PASS)])
def test_workers_that_accept_with_a_time_limit(again: int, outcome: Outcome, tmp_path: Path) -> None:
    name = "accepts-for-an-hour.c"
    for each in (TOUCHED / name, Path("servers/base.h")):
        shutil.copy(each, tmp_path)
    (tmp_path / "Makefile").write_text(f"server: {name}\n\tgcc -DAGAIN={again} -o server {name}\n")
    verdict = judged(tmp_path)
    assert verdict.outcome is outcome, verdict.evidence


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("perl") is None, reason="no Perl here")
def test_children_that_read_with_a_time_limit() -> None:
    verdict = judged(TOUCHED / "reads-for-an-hour.pl")
    assert verdict.outcome is Outcome.FAIL
    assert verdict.evidence.cause == "interrupted-read-ends-clients"
