"""A class here, and on a cluster of this machine of which a worker is killed in between: the same book?

The students are those of bench/cohort.py. Exit status 0 where points, levels and verdicts of everybody
are the same.
"""

from __future__ import annotations

import argparse
import csv
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

import psutil

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.cohort import grade, make

_WORKER: Final = "spawn_main"
_TOLD: Final = "diagnosis"  # a sentence; where a race is, it decides which line of source it names


def kill_one_worker(running: subprocess.Popen[bytes]) -> None:
    """End one worker of an embedded cluster by SIGKILL; the busiest, if any is."""
    workers = [
        each for each in psutil.Process(running.pid).children() if _WORKER in " ".join(each.cmdline())
    ]
    busiest = max(workers, key=lambda each: len(each.children(recursive=True)))
    print(f"killed one of {len(workers)} workers, {len(busiest.children(recursive=True))} children")
    busiest.kill()


def book(out: Path) -> dict[str, dict[str, str]]:
    with (out / "gradebook.csv").open(encoding="utf-8-sig", newline="") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--students", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--after", type=float, default=0.0, help="Kill after so many seconds.")
    words = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        submissions, here, there = (Path(scratch) / name for name in ("class", "here", "there"))
        make(submissions, words.students, words.seed)
        start_s = time.monotonic()
        if grade(submissions, here).wait():
            return 1
        here_s = time.monotonic() - start_s
        print(f"{words.students} students here in {here_s:.0f} s")
        start_s = time.monotonic()
        running = grade(submissions, there, "--cluster", "local")
        time.sleep(words.after or random.Random(words.seed).uniform(0.2, 0.8) * here_s)
        kill_one_worker(running)
        if running.wait():
            return 1
        print(f"{words.students} students on the cluster in {time.monotonic() - start_s:.0f} s")
        return 1 if compare(book(here), book(there)) else 0


def compare(here: dict[str, dict[str, str]], there: dict[str, dict[str, str]]) -> int:
    """Print what differs; gives the number of students of whom more differs than what is told."""
    apart = 0
    for student in sorted(here.keys() | there.keys()):
        one, other = here.get(student, {}), there.get(student, {})
        differing = {key for key in one.keys() | other.keys() if one.get(key) != other.get(key)}
        apart += bool(differing - {_TOLD})
        for key in sorted(differing):
            print(f"{student}, {key}: {one.get(key)} here, {other.get(key)} there")
    print(f"of {len(here)} students, points, level and verdicts differ of {apart}")
    return apart


if __name__ == "__main__":
    sys.exit(main())
