"""A server that only a clock wakes: its later starts need no proof that waits for that clock."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.engine import targets
from harness.engine.session import Options, Session
from harness.judge.verdict import Outcome

TICKS = Path(__file__).parent / "ticks"
AGAIN = "service/again"


@pytest.mark.one_in_turn("a later start")
@pytest.mark.parametrize(
    ("name", "later"), [("select_each_second.py", {"resting"}), ("workers_come_later.py", {"turns"})]
)
def test_a_later_start_is_over_when_it_is_as_large_as_before(name: str, later: set[str]) -> None:
    """Unless it was seen to grow after that: the workers of the second come when it listens already."""
    with Session(Options(only=(AGAIN,), seed=3)) as session:
        result = session.examine(targets.prepare(str(TICKS / name)))
    assert result.verdicts[AGAIN].outcome is Outcome.PASS
    first, *others = [next(iter(each.snapshots())) for each in result.recordings.values()]
    assert first.proof == "turns"
    assert {start.proof for start in others} == later
