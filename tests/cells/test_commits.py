"""Commit subjects fit into one line of a log: at most 72 characters."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final

import pytest

SINCE: Final = "900b857"  # some before it are longer
MOST: Final = 72


def test_subjects_of_commits_are_short() -> None:
    root = Path(__file__).parents[2]
    ask = ["git", "-C", str(root), "log", "--no-merges", "--format=%h %s", f"{SINCE}.."]
    try:
        told = subprocess.run(ask, capture_output=True, text=True, check=False)
    except OSError:
        pytest.skip("no git here")
    if told.returncode:
        pytest.skip("no clone with its history")
    subjects = [line.partition(" ") for line in told.stdout.splitlines()]
    assert [f"{commit}: {subject}" for commit, _, subject in subjects if len(subject) > MOST] == []
