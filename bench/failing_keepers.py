"""Let single calls of zygote, keepers and inits fail, and look at what a check then says.

Run as `python bench/failing_keepers.py [TIMES] [SEED] [--cell KIND] [--of CALL ...] [--role ROLE ...]`.
What may come is what may come in failing_calls.py; all else, and who lives on, is told, with status 1.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Final

from tests.shortage import ERRORS, ROLES, check

GRACE_S: Final = 5.0
OURS: Final = 3  # the exit status of an error that is forkspec's or the machine's


class Trial:
    """Checks of a sound server, in each of which one call fails; all below `place`."""

    def __init__(self, place: Path, cell: str) -> None:
        self.place, self.cell = place, cell
        self.told = place / "told"
        (place / "scratch").mkdir()
        place.chmod(0o755)
        (place / "scratch").chmod(0o1777)

    def check(self, **what: object) -> subprocess.CompletedProcess[str]:
        """A check in which this fails, or in which all calls are written down."""
        return check(self.told, self.place / "scratch", self.cell, **what)

    def calls(self) -> dict[tuple[str, str], int]:
        """How often each role makes each call, in the cell in which it makes most."""
        done = self.check()
        assert done.returncode == 0, done.stdout + done.stderr
        most = dict[tuple[str, str], int]()
        for line in self.told.read_text().splitlines():
            role, name, count = line.split()
            most[role, name] = max(most.get((role, name), 0), int(count))
        return most

    def came(self, role: str, call: str, error: str, number: int) -> str:
        """What one failed call comes to: "right", "in doubt", "a sentence", or what must not be."""
        try:
            done = self.check(role=role, call=call, error=error, number=number)
        except subprocess.TimeoutExpired:
            return "NO END"
        if not self.told.exists() or "failed" not in self.told.read_text():
            return ""
        until = time.monotonic() + GRACE_S
        while (left := self.left()) and time.monotonic() < until:
            time.sleep(0.05)
        said = done.stdout + done.stderr
        if "Traceback" in said:
            left.append(f"TRACEBACK {said}")
        if left:
            return ", ".join(left)
        if done.returncode == OURS and done.stderr.strip() and not done.stderr.strip().count("\n"):
            return "a sentence"
        return {0: "right", 2: "in doubt"}.get(done.returncode, f"STATUS {done.returncode} {said}")

    def left(self) -> list[str]:
        """What is left behind: files, and processes that know this place."""
        found = [f"LEFT {each.name}" for each in (self.place / "scratch").iterdir()]
        for each in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                words = each.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if str(self.place) in words:
                found.append(f"ALIVE {each.parent.name}")
        return found


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("times", nargs="?", type=int, default=3)
    asked.add_argument("seed", nargs="?", type=int, default=1)
    asked.add_argument("--cell", default="bubblewrap")
    asked.add_argument("--of", nargs="*", default=list(ERRORS))
    asked.add_argument("--role", nargs="*", default=list(ROLES))
    given = asked.parse_args()
    chance = random.Random(given.seed)
    table: dict[str, Counter[str]] = {}
    with tempfile.TemporaryDirectory(prefix="failing-") as name:
        trial = Trial(Path(name), given.cell)
        calls = trial.calls()
        for (role, call), most in sorted(calls.items()):
            for error in ERRORS[call] if role in given.role and call in given.of else ():
                span = range(1, most + 1)
                for number in sorted(chance.sample(span, min(given.times, most))):
                    if what := trial.came(role, call, error, number):
                        table.setdefault(f"{role}: {call}() {error}", Counter())[what] += 1
                        print(f"{role} {call} {error} {number} of {most}: {what}", flush=True)
    print("\n| in | call and error | failed | verdict right | in doubt | one sentence |")
    print("|---|---|---|---|---|---|")
    good = ("right", "in doubt", "a sentence")
    for what, seen in table.items():
        role, call = what.split(": ")
        print(f"| {role} | `{call}` | {seen.total()} | {' | '.join(str(seen[each]) for each in good)} |")
    sys.exit(any(seen.total() > sum(seen[each] for each in good) for seen in table.values()))


if __name__ == "__main__":
    main()
