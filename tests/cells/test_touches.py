"""Nothing that forkspec does reaches the subject: not even the look at where a running child stands.

A SIGSTOP would reach it: the parent gets a SIGCHLD, and its handler then sleeps in wait().
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import Final

import pytest

from harness.engine import targets
from harness.engine.session import Options, Session
from harness.judge.verdict import Outcome
from harness.observe import linux, procfs, stacks
from harness.observe.held import Holder
from harness.record.events import Exited, Stood
from harness.subject.python import usercustomize

NEVER_BLOCKS: Final = "reaping/never-blocks"
SILENT_CLIENT: Final = "concurrency/silent-client"
GUARD_S: Final = 300
MANY: Final = 1000  # of 2,400 looks 31 to 61 showed an errno of 0
DEATHS: Final = 20  # of 20 each way, 20 stayed zombies
THREADS: Final = """
import os, threading, time
if pid := os.fork():
    print(pid, os.waitpid(pid, 0)[1], flush=True)
else:
    for _ in range(4):
        threading.Thread(target=time.sleep, args=[60]).start()
    print(flush=True)
"""
TOUCHED: Final = Path(__file__).parent / "touched"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["asks-again.c", "asks-again.py"])
def test_a_look_at_a_running_child_is_not_told_to_its_parent(name: str) -> None:
    subject = targets.prepare(str(TOUCHED / name))
    with Session(Options(only=(NEVER_BLOCKS,), seed=3)) as session:
        verdicts = session.examine(subject).verdicts
    assert verdicts[NEVER_BLOCKS].outcome is Outcome.PASS


def test_a_python_that_sleeps_in_pause_is_not_woken_to_tell_where_it_stands() -> None:
    subject = targets.prepare(str(TOUCHED / "sleeps-in-pause.py"))
    with Session(Options(only=(SILENT_CLIENT,), seed=3)) as session:
        result = session.examine(subject)
    assert result.verdicts[SILENT_CLIENT].outcome is Outcome.FAIL
    seen = result.recordings["silent client"]
    assert list(seen.all(Stood)), "nobody asked"
    assert not list(seen.all(Exited))


def test_a_python_that_is_held_is_not_asked_where_it_stands() -> None:
    """Our signal would come before SIGCHLD and restart accept(): the handler in Python ran late."""
    subject = targets.prepare("begins_loggers.py")
    with Session(Options(only=("reaping/promptly",), seed=3)) as session:
        result = session.examine(subject)
    assert list(result.recordings["burst"].all(Stood)), "nobody asked"
    assert result.verdicts["reaping/promptly"].outcome is Outcome.PASS


def test_a_python_that_is_asked_where_it_stands_keeps_its_errno() -> None:
    words = [sys.executable, str(TOUCHED / "counts-wrong-errors.py"), usercustomize.__file__]
    holder = Holder(partial(time.sleep, 0.0002))
    pipe = subprocess.PIPE
    with subprocess.Popen(words, stdin=pipe, stdout=pipe, text=True) as asked:
        assert asked.stdin is not None
        assert asked.stdout is not None
        asked.stdout.readline()
        for _ in range(MANY):
            holder.look(asked.pid, partial(stacks.standing, asked.pid, asked.pid))
            ask = partial(linux.tgkill, asked.pid, asked.pid, stacks.TELLS_ON)
            holder.at_a_call(asked.pid, ask)
            holder.hear()  # as the keeper does at SIGCHLD: who stops late is let go then
        asked.stdin.close()
        until = time.monotonic() + GUARD_S
        while asked.poll() is None and time.monotonic() < until:
            holder.hear()
            time.sleep(0.01)
        wrong = asked.stdout.read() if asked.poll() is not None else "it did not end"
    assert wrong == "0\n"


@pytest.mark.parametrize("dies", ["while it is held", "when a thread is let go"])
def test_a_process_that_dies_while_it_is_held_becomes_its_parents_to_reap(dies: str) -> None:
    holder = Holder(partial(time.sleep, 0.0002))
    for _ in range(DEATHS):
        with subprocess.Popen([sys.executable, "-c", THREADS], stdout=subprocess.PIPE) as parent:
            assert parent.stdout is not None
            parent.stdout.readline()
            (pid,) = procfs.children(parent.pid, [parent.pid])
            until = time.monotonic() + GUARD_S
            while not holder.hold(pid):  # not every thread stops in time on a loaded machine
                assert time.monotonic() < until
                time.sleep(0.01)
                holder.hear()
            if dies == "when a thread is let go":  # and writes to a client that has gone, say
                linux.ptrace(linux.PTRACE_DETACH, pid)
            os.kill(pid, signal.SIGKILL)
            holder.let_go(pid)
            for _ in range(MANY):
                holder.hear()
                if parent.poll() is not None:
                    break
                time.sleep(0.01)
            else:
                parent.kill()
            assert parent.stdout.read() == f"{pid} {int(signal.SIGKILL)}\n".encode()
