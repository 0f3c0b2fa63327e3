"""By how much a whole `forkspec check` grows by a requirement: with all, and without some, in turn.

    python bench/growth.py [--runs 12] [--target NAME] [PATTERN ...]

Each pattern of requirement ids is left out in a check of its own, round after round, in an order
that turns; none of the rest needs what is left out, so its scenario is not played. Printed are the
medians, and the median of what a round took longer with it than without it.
"""

from __future__ import annotations

import argparse
import os
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


def wall_s(words: list[str]) -> float:
    """How long a check takes."""
    start_s = time.monotonic()
    done = subprocess.run(words, capture_output=True, timeout=_GUARD_S, check=False)
    if done.returncode not in _JUDGED:
        raise SystemExit(f"{words}: status {done.returncode}\n{done.stderr.decode()}")
    return time.monotonic() - start_s


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runs", type=int, default=12)
    parser.add_argument("--target", default="tcpserver4.cpp")
    parser.add_argument("patterns", nargs="*", default=PATTERNS, metavar="PATTERN")
    wanted = parser.parse_args()
    arms = {each: command(wanted.target, each) for each in ("", *wanted.patterns)}
    wall_s(arms[""])
    spans_s: dict[str, list[float]] = {each: [] for each in arms}
    for number in range(wanted.runs):
        order = list(arms)[number % len(arms) :] + list(arms)[: number % len(arms)]
        for each in order:
            spans_s[each].append(wall_s(arms[each]))
    print(f"{wanted.target}, {wanted.runs} runs each, load at the end {os.getloadavg()[0]:.1f}")
    for each, values in spans_s.items():
        told = f"without {each}" if each else "all"
        more = [with_it - without for with_it, without in zip(spans_s[""], values, strict=True)]
        grows = f"; all takes {statistics.median(more):+.2f} s" if each else ""
        span = f"{min(values):.2f} to {max(values):.2f}"
        print(f"{told}: median {statistics.median(values):.2f} s, {span}{grows}")


if __name__ == "__main__":
    main()
