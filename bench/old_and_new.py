"""What a whole check costs here and in the checkout of another commit, by ratio.

Usage: python bench/old_and_new.py [--rounds N] [--target FILE] FOLDER

FOLDER runs by this interpreter and its packages. The two take turns. The first round compiles the server
and does not count. Processor time is that of the command and of all below it: whoever loses a parent
is waited for here (prctl(2), PR_SET_CHILD_SUBREAPER).
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
sys.path.insert(0, str(_ROOT))

from harness.observe import linux  # noqa: E402

_MAIN: Final = "from harness.cli import main; main()"
_JUDGED: Final = (0, 1)


def once(folder: Path, target: str) -> tuple[float, float]:
    """Wall and processor time of one check, in seconds."""
    environment = {name: said for name, said in os.environ.items() if not name.startswith("PYTHON")}
    before = os.times()
    began_s = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", _MAIN, "check", target],
        capture_output=True,
        env=environment,
        cwd=folder,  # which -c puts first where Python looks for modules
        check=False,
    )
    wall_s = time.monotonic() - began_s
    if done.returncode not in _JUDGED:
        raise SystemExit(f"{folder}: status {done.returncode}\n{done.stderr.decode()}")
    _wait_for_orphans()
    after = os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return wall_s, spent


def _wait_for_orphans() -> None:
    try:
        while True:
            os.waitpid(-1, 0)
    except ChildProcessError:
        return


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--target", default="servers/lecture/tcpserver4.cpp")
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    given = parser.parse_args()
    linux.prctl(linux.PR_SET_CHILD_SUBREAPER, 1)
    target = str((_ROOT / given.target).resolve())
    folders = {"other": given.folder.resolve(), "this": _ROOT}
    seen: dict[str, list[tuple[float, float]]] = {name: [] for name in folders}
    for number in range(given.rounds + 1):
        for name, folder in folders.items():
            run = once(folder, target)
            if number:
                seen[name].append(run)
    print(f"load {os.getloadavg()[0]:.1f}; medians of {given.rounds} rounds; ratios, least to greatest")
    for at, what in enumerate(("wall", "processor")):
        other, this = ([run[at] for run in seen[name]] for name in folders)
        ratios = sorted(new / old for old, new in zip(other, this, strict=True))
        print(
            f"{what:<10} other {median(other):6.2f} s  this {median(this):6.2f} s  "
            f"ratio {median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
        )


if __name__ == "__main__":
    main()
