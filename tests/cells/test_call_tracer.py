"""A process is held at each of its system calls, notices nothing of it, and stays held by nobody."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from harness.engine import targets
from harness.engine.session import Options, Session
from harness.judge.verdict import Outcome
from harness.record.events import AtPoint, Followed
from tests.cells.noticing import TOUCHED, unnoticed

ANY_TIME: Final = "moments/signal-any-time"
WALKS: Final = TOUCHED / "walks_and_holds.py"
TIMES: Final = 100


@pytest.mark.parametrize("name", ["epoll-without-handler.c", "counts-its-calls.c"])
def test_a_process_that_is_followed_notices_nothing(name: str) -> None:
    subject = targets.prepare(str(TOUCHED / name))
    with Session(Options(only=(ANY_TIME,), seed=3)) as session:
        result = session.examine(subject)
    assert result.verdicts[ANY_TIME].outcome is Outcome.PASS, result.verdicts[ANY_TIME].evidence
    seen = result.recordings["any moment"]
    tried = list(seen.every(AtPoint))
    assert len(tried) == sum(event.points for event in seen.every(Followed))
    assert all(event.reached for event in tried)


@pytest.mark.parametrize(("moments", "tried"), [(2, 2), (sys.maxsize, None)])
def test_so_many_points_are_tried_as_one_says(moments: int, tried: int | None) -> None:
    options = Options(only=(ANY_TIME,), seed=3, moments=moments)
    with Session(options) as session:
        seen = session.examine(targets.prepare("tcpserver4.cpp")).recordings["any moment"]
    points = sum(event.points for event in seen.every(Followed))
    at = list(seen.every(AtPoint))
    assert [event.of for event in at] == [tried or points] * (tried or points)


@pytest.mark.parametrize("flags", ["-O0", "-O2 -s -fomit-frame-pointer", "-O2 -static -s"])
def test_however_it_is_built_it_is_held_and_let_go(flags: str, tmp_path: Path) -> None:
    unnoticed(ANY_TIME, "rings-a-bell.c", flags, tmp_path)


def test_nobody_stays_held_whose_tracer_is_killed() -> None:
    killed_while_it_holds(["cat"])


def test_nobody_stays_held_within_a_function_whose_tracer_is_killed(tmp_path: Path) -> None:
    draws = str(tmp_path / "draws")
    subprocess.run(["gcc", "-o", draws, str(TOUCHED / "draws.c")], check=True)
    killed_while_it_holds([draws], "within")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("flags", "told"),
    [
        ("-O0", "its handler calls (free, malloc, snprintf)"),
        ("-O2 -s -D_FORTIFY_SOURCE=2", "its handler calls (free, malloc, snprintf)"),
        ("-O2 -static", "cannot be told: the C library is part of it"),
    ],
)
def test_who_is_held_within_a_function_notices_nothing(flags: str, told: str, tmp_path: Path) -> None:
    result = unnoticed(ANY_TIME, "formats-in-handler.c", flags, tmp_path)
    assert told in result.verdicts[ANY_TIME].evidence.observed
    tried = list(result.recordings["any moment"].every(AtPoint))
    assert any(event.reached for event in tried)
    assert any(event.function and event.reached for event in tried) == ("static" not in flags)


def killed_while_it_holds(command: list[str], *how: str) -> None:
    """A tracer is killed while it holds this command, which gives back each line."""
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe) as held:
        words = [sys.executable, str(WALKS), str(held.pid), *how]
        with subprocess.Popen(words, stdin=pipe, stdout=pipe, text=True) as tracer:
            assert held.stdin is not None
            assert held.stdout is not None
            assert tracer.stdin is not None
            assert tracer.stdout is not None
            assert tracer.stdout.readline() == "follows\n"
            os.write(held.stdin.fileno(), b"hello\n")
            assert os.read(held.stdout.fileno(), 64) == b"hello\n"
            tracer.stdin.write("enough\n")
            tracer.stdin.flush()
            assert tracer.stdout.readline() == "follows on\n"
            os.write(held.stdin.fileno(), b"hello again\n")
            assert tracer.stdout.readline() == "holds\n"
            tracer.kill()
        assert os.read(held.stdout.fileno(), 64) == b"hello again\n"
        held.stdin.close()
        assert held.wait() == 0


def test_no_call_is_broken_off_wherever_it_is_let_go() -> None:
    words = [sys.executable, str(TOUCHED / "lets_go_at_each_stop.py")]
    assert subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True).stdout == "0\n"


@pytest.mark.parametrize("tracer", ["call", "thread", "fork"])
def test_who_waits_for_a_processor_is_waited_for(tracer: str) -> None:
    words = [sys.executable, str(TOUCHED / "follows_in_haste.py"), tracer, str(TIMES)]
    ran = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True)
    assert ran.stdout == f"{TIMES}\n"
