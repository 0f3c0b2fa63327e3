"""Kill forkspec at random moments and look for what it leaves behind.

Run as `python killing.py PYTHON KIND SIGNAL TIMES SEED`. A subreaper (prctl(2)): whatever outlives
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

GRACE_S = 1.0
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
    return {entry.name for entry in Path(tempfile.gettempdir()).glob("forkspec-cell-*")}


def reap() -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def once(python: str, kind: str, signum: int, after_s: float) -> list[str]:
    before = folders()
    words = [python, "-m", "harness.cli", "check", "tcpserver2", "--cell", kind]
    harness = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        harness.wait(after_s)
    harness.send_signal(signum)
    harness.wait()
    end = time.monotonic() + GRACE_S
    while time.monotonic() < end and (children() or folders() - before):
        reap()
        time.sleep(0.01)
    reap()
    return [*children(), *(folders() - before)]


def main() -> None:
    python, kind, name, times, seed = sys.argv[1:]
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    chance = random.Random(int(seed))
    left = []
    for _ in range(int(times)):
        after_s = chance.uniform(0.0, 1.2)
        found = once(python, kind, signal.Signals[name], after_s)
        left += [f"{kind}, {name} after {after_s:.3f} s: {what}" for what in found]
    print("\n".join(left), end="")
    sys.exit(bool(left))


main()
