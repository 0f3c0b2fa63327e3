"""Kill forkspec at random moments and look for what it leaves behind.

Run as `python killing.py PYTHON WHAT SIGNAL TIMES SEED`: WHAT is a kind of cell, or "pytest" for failing
tests; SIGNAL "none" lets it come to its own end. A subreaper (prctl(2)): whatever outlives
the harness becomes our child, and is found. Prints one line a leftover; exit status 1 with any.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LATEST_S = 1.2  # when it is killed: while it starts, builds, and plays
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


def command(python: str, what: str, *, comes_to_its_end: bool) -> list[str]:
    """To be killed, a whole examination; to come to its own end, one scenario, with zombies."""
    if what == "pytest":
        of = [SCENARIO] if comes_to_its_end else []
        return [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--server", "tcpserver2", *of]
    of = ["--only", "reaping/sequential"] if comes_to_its_end else []
    return [python, "-m", "harness.cli", "check", "tcpserver2", "--cell", what, *of]


def once(python: str, what: str, signum: int | None, after_s: float) -> list[str]:
    before = folders()
    harness = subprocess.Popen(
        command(python, what, comes_to_its_end=signum is None),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    with contextlib.suppress(subprocess.TimeoutExpired):
        harness.wait(None if signum is None else after_s)
    if signum is not None:
        harness.send_signal(signum)
    harness.wait()
    end = time.monotonic() + GUARD_S
    while time.monotonic() < end and (children() or folders() - before):
        reap()
        time.sleep(0.01)
    reap()
    return [*children(), *(folders() - before)]


def main() -> None:
    python, what, name, times, seed = sys.argv[1:]
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    chance = random.Random(int(seed))
    left = []
    for turn in range(int(times)):
        after_s = LATEST_S * (turn + chance.random()) / int(times)  # one in each part of the time
        found = once(python, what, None if name == "none" else signal.Signals[name], after_s)
        left += [f"{what}, {name} after {after_s:.3f} s: {each}" for each in found]
    print("\n".join(left), end="")
    sys.exit(bool(left))


main()
