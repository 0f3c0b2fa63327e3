"""Nothing that forkspec does reaches the subject: not even the look at where a running child stands.

A SIGSTOP would reach it: the parent gets a SIGCHLD, and its handler then sleeps in wait().
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from harness.engine import targets
from harness.engine.session import Options, Session
from harness.judge.verdict import Outcome

NEVER_BLOCKS: Final = "reaping/never-blocks"
TOUCHED: Final = Path(__file__).parent / "touched"


@pytest.mark.parametrize("name", ["asks-again.c", "asks-again.py"])
def test_a_look_at_a_running_child_is_not_told_to_its_parent(name: str) -> None:
    subject = targets.prepare(str(TOUCHED / name))
    with Session(Options(only=(NEVER_BLOCKS,), seed=3)) as session:
        verdicts = session.examine(subject).verdicts
    assert verdicts[NEVER_BLOCKS].outcome is Outcome.PASS
