"""What a whole check costs here and in the checkout of another commit, by ratio.

Usage: python bench/old_and_new.py [--rounds N] [--target FILE] FOLDER

FOLDER runs by this interpreter and its packages. The two take turns. The first round compiles the server
and does not count. Processor time is that of the command and of all below it, by a control group where
one can be made (version 1, as root). Elsewhere it is that of all who were waited for (prctl(2),
PR_SET_CHILD_SUBREAPER): when a pid namespace ends, the kernel buries its last processes, and tells
nobody what they have used.
"""

from __future__ import annotations

import argparse
import contextlib
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
_GROUP: Final = Path(f"/sys/fs/cgroup/cpuacct/forkspec-bench-{os.getpid()}")


def once(folder: Path, target: str) -> tuple[float, float]:
    """Wall and processor time of one check, in seconds."""
    environment = {name: said for name, said in os.environ.items() if not name.startswith("PYTHON")}
    before = _used_s()
    began_s = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", _MAIN, "check", target],
        capture_output=True,
        env=environment,
        cwd=folder,  # which -c puts first where Python looks for modules
        preexec_fn=_join if _GROUP.is_dir() else None,
        check=False,
    )
    wall_s = time.monotonic() - began_s
    if done.returncode not in _JUDGED:
        raise SystemExit(f"{folder}: status {done.returncode}\n{done.stderr.decode()}")
    _wait_for_orphans()
    return wall_s, _used_s() - before


def _join() -> None:
    (_GROUP / "cgroup.procs").write_text(str(os.getpid()))


def _used_s() -> float:
    """What all commands have used so far, with all below them."""
    if _GROUP.is_dir():
        return int((_GROUP / "cpuacct.usage").read_text()) / 1e9
    times = os.times()
    return times.children_user + times.children_system


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
    with contextlib.suppress(OSError):
        _GROUP.mkdir()
    try:
        _compare(given)
    finally:
        with contextlib.suppress(OSError):
            _GROUP.rmdir()


def _compare(given: argparse.Namespace) -> None:
    target = str((_ROOT / given.target).resolve())
    folders = {"other": given.folder.resolve(), "this": _ROOT}
    seen: dict[str, list[tuple[float, float]]] = {name: [] for name in folders}
    for number in range(given.rounds + 1):
        for name, folder in folders.items():
            run = once(folder, target)
            if number:
                seen[name].append(run)
    print("processor time of", "a control group" if _GROUP.is_dir() else "who was waited for")
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
