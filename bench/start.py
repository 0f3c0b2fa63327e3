"""How long the command line takes to start, against `import typer` in the same round.

Usage: python bench/start.py [--rounds N] [FOLDER ...]

FOLDER is the checkout of another commit, to compare with; it runs by this interpreter and its packages.
All commands take turns, round by round. Their bytecode is written first, as a user's is.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Final

_ROOT: Final = Path(__file__).parents[1]
_YARDSTICK: Final = "import typer"
_MAIN: Final = "from harness.cli import main; main()"
_WORDS: Final = ("--help", "check --help", "check")  # the last has nothing to check


def once(words: list[str], folder: Path) -> tuple[float, float]:
    """Wall and processor time of one run, in milliseconds."""
    environment = {name: said for name, said in os.environ.items() if not name.startswith("PYTHON")}
    began_s = time.monotonic()
    with subprocess.Popen(
        [sys.executable, "-c", *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment,
        cwd=folder,  # which -c puts first where Python looks for modules
    ) as child:
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    return 1e3 * (time.monotonic() - began_s), 1e3 * (used.ru_utime + used.ru_stime)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("folders", type=Path, nargs="*", metavar="FOLDER")
    given = parser.parse_args()
    commands = {"python3 -c pass": (["pass"], _ROOT), _YARDSTICK: ([_YARDSTICK], _ROOT)}
    for folder in (_ROOT, *given.folders):
        for words in _WORDS:
            name = f"{'this' if folder == _ROOT else folder.name} forkspec {words}"
            commands[name] = [_MAIN, *words.split()], folder.resolve()
    for each in commands.values():
        once(*each)
    seen: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for _ in range(given.rounds):
        for name, each in commands.items():
            seen[name].append(once(*each))
    print(f"load {os.getloadavg()[0]:.1f}; medians, and the least and the greatest ratio of a round")
    print(f"{'':<32}{'wall ms':>9}{'x typer':>9}{'':>14}{'CPU ms':>9}{'x typer':>9}")
    for name, runs in seen.items():
        told = f"{name:<32}"
        for at in (0, 1):
            ratios = [run[at] / typer[at] for run, typer in zip(runs, seen[_YARDSTICK], strict=True)]
            told += f"{median(run[at] for run in runs):>9.1f}{median(ratios):>9.2f}"
            told += f" {min(ratios):5.2f} to{max(ratios):5.2f}"
        print(told)


if __name__ == "__main__":
    main()
