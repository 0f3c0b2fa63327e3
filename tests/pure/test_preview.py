"""A rubric before a class: what may be unfair about it is said, and nothing where it ranks."""

from __future__ import annotations

import itertools
from pathlib import Path

from harness.results.ranking import Ranked, doubts
from tests.command import run_here

SOUND = (Ranked("one", 1, 4), Ranked("two", 2, 8), Ranked("four", 4, 10))


def test_points_that_rank_leave_no_doubt() -> None:
    faults = (Ranked("f", 0, 3, is_fault=True), Ranked("g", 3, 9.5, is_fault=True))
    assert list(doubts((*SOUND, *faults))) == []
    assert list(doubts(())) == []


def test_a_lower_level_that_earns_more_is_told() -> None:
    told = list(doubts((*SOUND, Ranked("three", 3, 7.9))))
    assert told == ["a lower level earns more: two (level 2) 8, and three (level 3) 7.9"]
    for order in itertools.permutations((*SOUND, Ranked("three", 3, 7.9))):
        assert list(doubts(order)) == told


def test_another_contract_has_no_promises(tmp_path: Path) -> None:
    rubric = tmp_path / "a.toml"
    rubric.write_text('[contract]\ndesign = "fork"\n')
    ended = run_here("preview", "--promised", "--assignment", str(rubric))
    assert ended.returncode != 0
    assert "another contract" in ended.stderr


def test_faults_that_cost_nothing_are_told() -> None:
    faults = [Ranked(f"f{n}", 4, 10, is_fault=True) for n in range(7)]
    told = list(doubts((*SOUND, *faults)))
    assert told == ["7 faults earn no less than the best: f0, f1, f2, f3, f4 and 2 more"]
    *_, told_last = doubts((*SOUND, Ranked("g", 0, 9, is_fault=True)))
    assert told_last == "1 fault earns more than two (level 2) 8, at a lower level: first g (level 0) 9"


def test_the_promised_table_runs_nothing(tmp_path: Path) -> None:
    rubric = tmp_path / "a.toml"
    rubric.write_text('points = { "abuse/*" = 5, "fork/*" = 2 }\n')
    ended = run_here("preview", "--promised", "--assignment", str(rubric))
    lines = ended.stdout.splitlines()
    (one,) = [line.split() for line in lines if line.startswith("tcpserver.cpp ")]
    (most,) = [line.split() for line in lines if line.startswith("at most ")]
    assert (one[1], one[-1], most[2:]) == ("1", "0", ["7", "5", "2"])
    assert any(line.startswith("look: ") and "no less than the best" in line for line in lines)
