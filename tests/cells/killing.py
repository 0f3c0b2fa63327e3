"""Kill forkspec at random moments and look for what it leaves behind.

Run as `python killing.py WHAT SIGNAL TIMES SEED`: WHAT is a kind of cell, or "pytest" for failing tests;
SIGNAL "none" lets it come to its own end. This process has imported forkspec, and each forkspec that is
killed is a fork of it: so no signal falls into an import, where nothing is there yet that could be left.
It is a subreaper (prctl(2)): what outlives a killed forkspec becomes its child, and is found. Prints a
line for each leftover; the exit status is 1 with any.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import random
import select
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import NoReturn

import pytest

from harness import cli

LATEST_S = 1.2  # when it is killed: while it opens cells, builds, and plays
SCENARIO = "scenarios/one_after_another.py"
GUARD_S = 20.0  # of a hang: how soon a cell is gone, no test asserts
PR_SET_CHILD_SUBREAPER = 36


def children() -> list[str]:
    found = []
    for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split():
        with contextlib.suppress(OSError):
            words = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ")
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
                found.append(f"{pid} {words.decode(errors='replace')[:80]}")
    return found


def folders() -> set[str]:
    """Scratch folders whose keeper, named in them, has gone; those of others at work are not ours."""
    found = {entry.name for entry in Path(tempfile.gettempdir()).glob("forkspec-cell-*")}
    return {name for name in found if not Path(f"/proc/{name.split('-')[2]}").exists()}


def reap() -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def be_forkspec(what: str, *, comes_to_its_end: bool) -> NoReturn:
    """A whole examination, to be killed; one scenario with zombies where it comes to its own end."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for fd in (1, 2):
        os.dup2(nothing, fd)
    if what == "pytest":
        of = [SCENARIO] if comes_to_its_end else []
        sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", "--server", "tcpserver2", *of]))
    of = ["--only", "reaping/sequential"] if comes_to_its_end else []
    sys.argv = ["forkspec", "check", "tcpserver2", "--cell", what, *of]
    cli.main()
    sys.exit()


def once(what: str, signum: int | None, after_s: float) -> list[str]:
    before = folders()
    pid = os.fork()
    if pid == 0:
        be_forkspec(what, comes_to_its_end=signum is None)
    ended = os.pidfd_open(pid)
    select.select([ended], [], [], None if signum is None else after_s)
    if signum is not None:
        signal.pidfd_send_signal(ended, signum)
    os.waitpid(pid, 0)
    os.close(ended)
    end = time.monotonic() + GUARD_S
    while time.monotonic() < end and (children() or folders() - before):
        reap()
        time.sleep(0.01)
    reap()
    return [*children(), *(folders() - before)]


def main() -> None:
    what, name, times, seed = sys.argv[1:]
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    chance = random.Random(int(seed))
    left = []
    for turn in range(int(times)):
        after_s = LATEST_S * (turn + chance.random()) / int(times)  # one in each part of the time
        found = once(what, None if name == "none" else signal.Signals[name], after_s)
        left += [f"{what}, {name} after {after_s:.3f} s: {each}" for each in found]
    print("\n".join(left), end="")
    sys.exit(bool(left))


main()
