"""Where a group with a bound on memory is made, and what comes of a server that met the bound."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from msgspec.structs import replace as changed

from harness.cell import memory_group
from harness.engine import catalogue
from harness.judge.verdict import Outcome
from harness.record.events import Branched, Started
from harness.record.missing import Missing
from tests.recordings import story


@pytest.mark.parametrize(
    ("groups", "own", "found"),
    [
        (["memory/a/b"], "4:memory:/a/b\n0::/\n", "memory/a/b"),
        (["memory"], "4:cpu,memory:/a/b\n0::/\n", "memory"),  # a container sees no more of it
        (["a/b:", "a:memory pids", ":memory"], "0::/a/b\n", "a"),
        ([":cpu memory"], "0::/a/b\n", ""),
    ],
)
def test_it_is_made_as_deep_as_the_bound_is_handed_on(
    groups: list[str], own: str, found: str, tmp_path: Path
) -> None:
    root = tmp_path / "cgroup"
    for name, handed, kinds in (each.partition(":") for each in groups):
        (root / name).mkdir(parents=True, exist_ok=True)
        if handed:
            (root / name / "cgroup.subtree_control").write_text(f"{kinds}\n")
    (tmp_path / "own").write_text(own)
    assert memory_group.parent(str(root), str(tmp_path / "own")) == f"{root}/{found}".rstrip("/")


def test_without_one_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "own").write_text("0::/\n")
    with pytest.raises(FileNotFoundError, match="no group hands the bound on memory on"):
        memory_group.parent(str(tmp_path / "cgroup"), str(tmp_path / "own"))


def test_what_failed_for_want_of_memory_does_not_count() -> None:
    seen = story("one after another").starts().connects("client 0").asks("client 0").quiet().over()
    reply = catalogue.find("service/reply")
    assert reply.decide(seen).outcome is Outcome.FAIL
    *events, last = seen.events
    starved = Branched(0, "keeper", "all processes together had too much", starved=3)
    short = replace(seen, events=(*events, starved, last))
    assert reply.decide(short).outcome is Outcome.INCONCLUSIVE


def test_who_is_ended_for_memory_before_it_listens_is_told_that() -> None:
    """It was told that it was never started."""
    starved = Branched(0, "keeper", "all processes together had too much", starved=3)
    *events, last = story("starting").starts().over().events
    gone = [changed(event, root=None) if isinstance(event, Started) else event for event in events]
    seen = replace(story("starting").over(), events=(*gone, starved, last))
    with pytest.raises(Missing, match=starved.cause):
        _ = seen.root
