"""Do the tracers stand still? Those tests of theirs that once failed on a busy machine, again and again.

    python bench/tracers.py [--runs 200] [--hogs 4] [TEST ...]

Exit status: 0 where each run of each test passed, 1 otherwise.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from bench.steadiness import hogs
from tests.cells import test_call_tracer, test_fork_tracer, test_thread_tracer


def _reaped_late() -> None:
    with tempfile.TemporaryDirectory() as folder:
        test_fork_tracer.test_children_that_are_reaped_late_meet_no_limit_of_ours(Path(folder))


TESTS: Final[dict[str, Callable[[], None]]] = {
    "nobody-held": test_thread_tracer.test_a_point_that_nobody_comes_to_holds_nobody,
    "tracer-killed": test_call_tracer.test_nobody_stays_held_whose_tracer_is_killed,
    "let-go-anywhere": test_call_tracer.test_no_call_is_broken_off_wherever_it_is_let_go,
    "nobody-catches": test_fork_tracer.test_a_signal_that_nobody_catches_interrupts_nothing,
    "reaped-late": _reaped_late,
}


def failures(test: Callable[[], None], runs: int) -> list[str]:
    """What the runs that failed say."""
    said = []
    for _ in range(runs):
        try:
            test()
        except Exception as error:  # noqa: BLE001  (counted; the other runs go on)
            said.append(repr(error))
    return said


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--hogs", type=int, default=0, help="so many busy loops beside it")
    parser.add_argument("tests", nargs="*", metavar="TEST", help=f"of {', '.join(TESTS)}; all")
    words = parser.parse_args()
    failed = 0
    with hogs(words.hogs):
        for name in words.tests or TESTS:
            start_s = time.monotonic()
            said = failures(TESTS[name], words.runs)
            failed += len(said)
            each_s = (time.monotonic() - start_s) / words.runs
            print(f"{name}: {len(said)} of {words.runs} failed; {each_s:.2f} s each", flush=True)
            for line in said:
                print(f"  {line}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
