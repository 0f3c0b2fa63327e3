"""After fork() it is not chance who runs first, and nobody stays held."""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Final

import pytest

from harness.engine import targets
from harness.engine.session import Options, Session
from harness.judge.our_limits import met_our_limit
from harness.judge.verdict import Outcome
from harness.record.events import Frozen, Ordered
from harness.stage.deadline import GUARD_S

FORK_ORDER: Final = "moments/fork-order"
ANY_TIME: Final = "moments/signal-any-time"
STOPPED: Final = ("reaping/burst", "reaping/promptly")
BURSTS: Final = (10, 50)
TRACED: Final = ("traces-its-server.c", "traced-by-its-child.c", "traced_by_its_parent.py")
TOUCHED: Final = Path(__file__).parent / "touched"
TIMES: Final = 300


@pytest.mark.parametrize(("first", "told", "ended"), [("parent", "pc", 0), ("child", "cp", TIMES)])
def test_who_is_to_run_first_does_every_time(first: str, told: str, ended: int) -> None:
    words = [sys.executable, str(TOUCHED / "decides_who_runs.py"), first, str(TIMES)]
    ran = subprocess.run(words, capture_output=True, text=True, check=True)
    counts, orders, rest = ran.stdout.splitlines()
    assert counts == f"{TIMES} {ended}"
    assert orders.split() == [told] * TIMES
    assert rest == "3"


def test_a_signal_that_nobody_catches_interrupts_nothing() -> None:
    subject = targets.prepare(str(TOUCHED / "epoll-without-handler.c"))
    with Session(Options(only=(FORK_ORDER,), seed=3)) as session:
        result = session.examine(subject)
    assert result.verdicts[FORK_ORDER].outcome is Outcome.PASS, result.verdicts[FORK_ORDER].evidence
    orders = list(result.recordings["fork order"].every(Ordered))
    assert [event.first for event in orders] == ["parent", "child", "child"]
    assert [event.ended for event in orders[1:]] == [event.forks for event in orders[1:]]


def test_children_that_are_reaped_late_meet_no_limit_of_ours(tmp_path: Path) -> None:
    for name in (TOUCHED / "reaps-late.c", Path("servers/base.h")):
        shutil.copy(name, tmp_path)
    subject = targets.prepare(str(tmp_path))
    with Session(Options(only=(FORK_ORDER,), seed=3)) as session:
        result = session.examine(subject)
    assert result.verdicts[FORK_ORDER].outcome is Outcome.PASS, result.verdicts[FORK_ORDER].evidence
    assert not met_our_limit(result.recordings["fork order"])


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the filter has x86-64's number of ptrace()")
def test_where_ptrace_is_refused_nothing_is_judged_and_the_doctor_says_so() -> None:
    refused = "ptrace(): Operation not permitted"
    checked = without_ptrace("check", "tcpserver4", "--only", FORK_ORDER, "--only", ANY_TIME)
    assert f"n/a  {FORK_ORDER}       who runs first cannot be decided here: {refused}" in checked
    assert f"n/a  {ANY_TIME}  its calls cannot be followed here: {refused}" in checked
    assert f"refused ({refused})" in without_ptrace("doctor")


@pytest.mark.parametrize("name", TRACED)
@pytest.mark.one_in_turn("a server that another process traces")
def test_a_server_that_another_process_traces_is_neither_held_nor_stopped(
    tmp_path: Path, name: str
) -> None:
    for file in (TOUCHED / name, Path("servers/base.h")):
        shutil.copy(file, tmp_path)
    with Session(Options(only=(FORK_ORDER, ANY_TIME, *STOPPED), seed=3)) as session:
        result = session.examine(targets.prepare(str(tmp_path)))
    for each in (FORK_ORDER, ANY_TIME):
        assert result.verdicts[each].outcome is Outcome.NOT_APPLICABLE
        assert result.verdicts[each].evidence.observed.endswith(
            "here: ptrace(): Operation not permitted"
        )
    for each in STOPPED:
        assert result.verdicts[each].outcome is Outcome.NOT_APPLICABLE, result.verdicts[each].evidence
        assert "keeps SIGSTOP from it" in result.verdicts[each].evidence.observed
    assert result.diagnosis.reaping == "complete"
    events = result.recordings["burst"].events
    waits = [b.at_ns - a.at_ns for a, b in pairwise(events) if isinstance(b, Frozen)]
    assert len(waits) == len(BURSTS)
    assert max(waits) < GUARD_S * 1e9 / 2, "the guard was waited for"


@pytest.mark.one_in_turn("a long check")
@pytest.mark.skipif(shutil.which("strace") is None, reason="no strace here")
def test_a_server_whose_tracer_lets_it_be_stopped_is_judged(tmp_path: Path) -> None:
    for file in (TOUCHED / "rings-a-bell.c", Path("servers/base.h")):
        shutil.copy(file, tmp_path)
    (tmp_path / "server.sh").write_text(
        '#!/bin/sh\nexec strace -o /dev/null "$(dirname "$0")/rings" "$@"\n'
    )
    (tmp_path / "Makefile").write_text(
        "server: rings-a-bell.c\n\tgcc -o rings rings-a-bell.c\n\tinstall server.sh server\n"
    )
    with Session(Options(only=("reaping/burst",), seed=3)) as session:
        result = session.examine(targets.prepare(str(tmp_path)))
    assert result.verdicts["reaping/burst"].outcome is Outcome.PASS, result.verdicts["reaping/burst"]
    frozen = list(result.recordings["burst"].every(Frozen))
    assert [event.stopped for event in frozen] == [True] * len(BURSTS)


def without_ptrace(*arguments: str) -> str:
    """What forkspec prints where the kernel refuses it ptrace()."""
    words = [sys.executable, str(TOUCHED / "without_ptrace.py"), sys.executable, "-m", "harness.cli"]
    return subprocess.run([*words, *arguments], capture_output=True, text=True, check=False).stdout
