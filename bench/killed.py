"""Kill `forkspec check` and `forkspec grade` at random moments, and look for what they leave behind.

Run as `python bench/killed.py check|grade TIMES [SEED]`. Each run has a build cache and a scratch folder
of its own, so that builds are killed, too, and whatever stays there is its. This process is a subreaper
(prctl(2)): who outlives a killed forkspec becomes its child. A class is graded again and again into one
folder of results, whose files must be whole after each kill; what it comes to at last must be what a
class that nobody disturbs comes to. Prints a line for each leftover; the exit status is 1 with any.
"""

from __future__ import annotations

import contextlib
import csv
import ctypes
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

LECTURE: Final = Path(__file__).parent.parent / "servers" / "lecture"
GUARD_S: Final = 5.0
PR_SET_CHILD_SUBREAPER: Final = 36
CLASS: Final = {"ada": "tcpserver2.cpp", "bob": "tcpserver3.cpp", "cyd": "tcpserver4.py"}


def living_children() -> list[str]:
    """Our children but for zombies, which are waited for."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    found = []
    for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split():
        with contextlib.suppress(OSError):
            words = (
                Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            )
            found.append(f"process {pid} {words[:80]}")
    return found


class Trial:
    """Runs of one command, each in a scratch folder of its own below `place`."""

    def __init__(self, place: Path, what: str) -> None:
        self.place, self.what, self.out = place, what, place / "results"
        self.handed_in = place / "class"
        for student, server in CLASS.items():
            (self.handed_in / student).mkdir(parents=True)
            shutil.copy(LECTURE / server, self.handed_in / student)

    def start(self, number: int, out: Path) -> tuple[subprocess.Popen[bytes], Path]:
        """A run, and its scratch folder."""
        scratch = self.place / f"scratch-{number}"
        scratch.mkdir()
        scratch.chmod(0o1777)
        of = {
            "check": ["check", str(LECTURE / "tcpserver2.cpp"), "--only", "reaping/sequential"],
            "grade": ["grade", str(self.handed_in), "--out", str(out), "--format", "csv"],
        }[self.what]
        known = {
            **os.environ,
            "TMPDIR": str(scratch),
            "FORKSPEC_CACHE": str(self.place / f"cache-{number}"),
        }
        words = [sys.executable, "-m", "harness.cli", *of]
        null = subprocess.DEVNULL
        return subprocess.Popen(words, env=known, stdin=null, stdout=null, stderr=null), scratch

    def undisturbed_s(self) -> float:
        """How long a run takes that comes to its end."""
        begun = time.monotonic()
        run, _ = self.start(0, self.place / "undisturbed")
        run.wait()
        return time.monotonic() - begun

    def kill(self, number: int, after_s: float) -> list[str]:
        """What a run leaves behind that is killed so late."""
        run, scratch = self.start(number, self.out)
        with contextlib.suppress(subprocess.TimeoutExpired):
            run.wait(after_s)
        run.send_signal(signal.SIGKILL)
        run.wait()
        until = time.monotonic() + GUARD_S
        while time.monotonic() < until and (living_children() or any(scratch.iterdir())):
            time.sleep(0.05)
        left = [*living_children(), *(f"scratch {each.name}" for each in scratch.iterdir())]
        mounts = Path("/proc/self/mounts").read_text().count(str(self.place))
        return [*left, *(["a mount"] * mounts), *self.broken()]

    def broken(self) -> list[str]:
        """The results that are not whole."""
        found = []
        for path in self.out.rglob("*") if self.out.exists() else ():
            try:
                if path.suffix == ".json":
                    json.loads(path.read_text())
                elif path.suffix == ".html" and not path.read_text().rstrip().endswith("</html>"):
                    found.append(f"half-written {path.name}")
                elif path.suffix in {".db", ".sqlite"}:
                    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as store:
                        if store.execute("pragma integrity_check").fetchone() != ("ok",):
                            found.append(f"broken {path.name}")
                elif path.suffix == ".tmp":
                    found.append(f"left {path.name}")
            except (OSError, ValueError, sqlite3.Error) as error:
                found.append(f"{path.name}: {error}")
        return found

    def comes_to_the_same(self, number: int) -> list[str]:
        """Let the class that was killed again and again come to its end, and compare the grades."""
        if self.what != "grade":
            return []
        run, _ = self.start(number, self.out)
        run.wait()
        grades = [_grades(out) for out in (self.place / "undisturbed", self.out)]
        return [] if grades[0] == grades[1] else [f"grades differ: {grades}"]


def _grades(out: Path) -> list[tuple[str, ...]]:
    with (out / "gradebook.csv").open(newline="", encoding="utf-8-sig") as file:
        return [
            (row.get("student", ""), row.get("points", ""), row.get("level", ""))
            for row in csv.DictReader(file)
        ]


def main() -> None:
    what, (times, *seed) = sys.argv[1], map(int, sys.argv[2:])
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    chance = random.Random(seed[0] if seed else 1)
    left: list[str] = []
    with tempfile.TemporaryDirectory(prefix="killed-") as name:
        Path(name).chmod(0o755)
        trial = Trial(Path(name), what)
        whole_s = trial.undisturbed_s()
        for turn in range(1, times + 1):
            after_s = whole_s * (turn - chance.random()) / times  # one in each part of the time
            found = trial.kill(turn, after_s)
            left += [f"{what}, killed after {after_s:.3f} of {whole_s:.3f} s: {each}" for each in found]
        left += trial.comes_to_the_same(times + 1)
    print("\n".join([f"{times} kills in {whole_s:.1f} s of {what}: {len(left)} leftovers", *left]))
    sys.exit(bool(left))


main()
