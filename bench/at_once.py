"""How long the last of several checks takes that begin at once, by ratio to the work that they are.

Usage: python bench/at_once.py [--checks N] [--rounds N] [TARGET...]

The work is the processor time of all of them, with all below them, over the processors that other work
has left to them (proc_stat(5)). With a ratio of 1 no processor was idle before the last had ended.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Final

_ROOT: Final = Path(__file__).parents[1]
sys.path.insert(0, str(_ROOT))

from harness.observe import linux  # noqa: E402

_TARGETS: Final = ("servers/lecture/tcpserver4.cpp", "servers/faults/parent-sleeps.c")
_MAIN: Final = "from harness.cli import main; main()"
_JUDGED: Final = (0, 1)
_TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")


def busy_s() -> float:
    """Processor time that all of the machine has used since it began."""
    ticks = [int(each) for each in Path("/proc/stat").read_text("ascii").split("\n")[0].split()[1:9]]
    return (sum(ticks) - ticks[3] - ticks[4]) / _TICKS_PER_S


def together(target: str, checks: int) -> tuple[float, float, float, Counter[str]]:
    """Wall and processor time, and the processor time of others; and each verdict, how often."""
    before, busy, began_s = os.times(), busy_s(), time.monotonic()
    outcomes: Counter[str] = Counter()
    with ExitStack() as files:
        told = [files.enter_context(tempfile.NamedTemporaryFile(suffix=".json")) for _ in range(checks)]
        begun = [
            subprocess.Popen(
                [sys.executable, "-c", _MAIN, "check", target, "--json", each.name],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd=_ROOT,
            )
            for each in told
        ]
        if any(each.wait() not in _JUDGED for each in begun):
            raise SystemExit(f"{target}: a check broke off")
        wall_s = time.monotonic() - began_s
        for each in told:
            verdicts = json.loads(Path(each.name).read_text("utf-8"))["verdicts"]
            outcomes.update(f"{of['id']} {of['verdict']}" for of in verdicts)
    _wait_for_orphans()
    after = os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return wall_s, spent, max(0.0, busy_s() - busy - spent), outcomes


def _wait_for_orphans() -> None:
    try:
        while True:
            os.waitpid(-1, 0)
    except ChildProcessError:
        return


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--checks", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("targets", nargs="*", default=_TARGETS, metavar="TARGET")
    given = parser.parse_args()
    linux.prctl(linux.PR_SET_CHILD_SUBREAPER, 1)
    cores = os.cpu_count() or 1
    for target in given.targets:
        path, ratios = str((_ROOT / target).resolve()), []
        subprocess.run(
            [sys.executable, "-c", _MAIN, "check", path], stdout=subprocess.DEVNULL, check=False
        )
        for _ in range(given.rounds):
            wall_s, spent_s, others_s, outcomes = together(path, given.checks)
            ratios.append(wall_s / (spent_s / max(0.01, cores - others_s / wall_s)))
            print(
                f"{target}: last {wall_s:.1f} s, processor {spent_s:.1f} s, others {others_s:.1f} s, "
                f"ratio {ratios[-1]:.2f}; without looking at others {wall_s * cores / spent_s:.2f}"
            )
            if differ := sorted(f"{it} {n}" for it, n in outcomes.items() if n != given.checks):
                print(f"  not the same in all: {', '.join(differ)}")
        print(f"{target}: ratio {median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")


if __name__ == "__main__":
    main()
