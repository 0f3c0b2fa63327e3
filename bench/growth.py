"""By how much a whole `forkspec check` grows by a requirement: with all, and without some, in turn.

    python bench/growth.py [--runs 12] [--target NAME] [PATTERN ...]

Each pattern of requirement ids is left out in a check of its own, round after round, in an order
that turns; none of the rest needs what is left out, so its scenario is not played. Printed are the
medians of wall and processor time, and the median of what a round took longer with it than without.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import time
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from harness.engine import catalogue

PATTERNS: Final = ("moments/signal-any-time", "moments/*")
_JUDGED: Final = (0, 1)
_GUARD_S: Final = 300.0


def command(target: str, left_out: str) -> list[str]:
    """The check of a target without these requirements; "" leaves none out."""
    words = [str(Path(sys.executable).with_name("forkspec")), "check", target]
    ids = [each.id for each in catalogue.load().requirements]
    only = [each for each in ids if left_out and not fnmatchcase(each, left_out)]
    return words + [word for each in only for word in ("--only", each)]


def burnt_s() -> float:
    """The processor time of all children that have ended, theirs included."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def spans_s(words: list[str]) -> tuple[float, float]:
    """How long a check takes by the clock, and on processors."""
    start_s, before_s = time.monotonic(), burnt_s()
    done = subprocess.run(words, capture_output=True, timeout=_GUARD_S, check=False)
    if done.returncode not in _JUDGED:
        raise SystemExit(f"{words}: status {done.returncode}\n{done.stderr.decode()}")
    return time.monotonic() - start_s, burnt_s() - before_s


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runs", type=int, default=12)
    parser.add_argument("--target", default="tcpserver4.cpp")
    parser.add_argument("patterns", nargs="*", default=PATTERNS, metavar="PATTERN")
    wanted = parser.parse_args()
    arms = {each: command(wanted.target, each) for each in ("", *wanted.patterns)}
    spans_s(arms[""])
    runs: dict[str, list[tuple[float, float]]] = {each: [] for each in arms}
    print(f"{wanted.target}, {wanted.runs} runs each; load {os.getloadavg()[0]:.1f}", end="", flush=True)
    for number in range(wanted.runs):
        first = number % len(arms)
        for each in [*list(arms)[first:], *list(arms)[:first]]:
            runs[each].append(spans_s(arms[each]))
    print(f" to {os.getloadavg()[0]:.1f}")
    for each, spans in runs.items():
        print(f"without {each}:" if each else "all:")
        for kind, of_all, own in zip(
            ("wall", "processors"), zip(*runs[""], strict=True), zip(*spans, strict=True), strict=True
        ):
            told = f"  {kind} median {statistics.median(own):.2f} s, {min(own):.2f} to {max(own):.2f}"
            more = statistics.median(a - b for a, b in zip(of_all, own, strict=True))
            print(f"{told}; all takes {more:+.2f} s" if each else told)


if __name__ == "__main__":
    main()
