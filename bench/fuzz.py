"""Try each parser with made-up input for so many seconds of processor time, and write down what came.

Run as `python bench/fuzz.py [SECONDS] [--of WORD]`, 600 by default. Each of hypothesis' runs draws other
examples than the one before. Prints a Markdown table; the exit status is 1 where something was found.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
EXAMPLES: Final = 2000  # by one test in one run
PARSERS: Final = {
    "what a server sends": ("replies", ""),
    "sock_diag, /proc, strace, our own messages": ("kernel", ""),
    "archives": ("archives", ""),
    "a teacher's expressions": ("patterns", ""),
    "an assignment": ("recordings", "assignment"),
    "recordings and results from a file": ("recordings", "a_line|a_file"),
    "the store of a class": ("store", ""),
}
_PASSED: Final = re.compile(r"(\d+) passing")


def tests(file: str, words: str) -> list[str]:
    """The tests that try a parser."""
    path = ROOT / "tests" / "pure" / f"test_fuzz_{file}.py"
    names = re.findall(r"^def (test_fuzz_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    return [f"{path}::{name}" for name in names if re.search(words, name)]


def used_s() -> float:
    """The processor time of all runs that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def tried(chosen: list[str], seconds: int) -> tuple[int, list[str]]:
    """How many examples were tried in that time, and what was found."""
    begun, examples, found = used_s(), 0, list[str]()
    words = ["-q", "-p", "no:cacheprovider", "--timeout", "0", "--hypothesis-show-statistics"]
    while used_s() < begun + seconds and not found:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *words, *chosen],
            cwd=ROOT,
            env={**os.environ, "FORKSPEC_FUZZ": str(EXAMPLES)},
            capture_output=True,
            text=True,
            check=False,
        )
        examples += sum(map(int, _PASSED.findall(done.stdout)))
        if done.returncode:
            found.append(done.stdout + done.stderr)
    return examples, found


def main() -> int:
    """Try them one after another; the exit status."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("seconds", nargs="?", type=int, default=600)
    asked.add_argument("--of", default="", help="only parsers whose name has this word")
    given = asked.parse_args()
    status = 0
    print("| parser | examples | processor | found |\n|---|---|---|---|", flush=True)
    for name, (file, words) in PARSERS.items():
        if given.of in name:
            begun = used_s()
            examples, found = tried(tests(file, words), given.seconds)
            print(f"| {name} | {examples} | {used_s() - begun:.0f} s | {len(found)} |", flush=True)
            print("\n".join(found), file=sys.stderr, flush=True)
            status |= bool(found)
    return status


if __name__ == "__main__":
    sys.exit(main())
