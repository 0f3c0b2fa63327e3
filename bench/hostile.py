"""What each attempt of tests/hostile comes to, cell by cell: the table of SECURITY.md, by the trial.

Most programs make one attempt, print what came of it, and serve well; they are checked by service/reply.
Of those that go on for ever, or take all they can get, it is told what a check of half a minute comes
to, and after how long. Run as root, and as an ordinary user: each writes its own columns. Where programs
are named, only their rows are renewed.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import os
import platform
import re
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from harness.cell.cells import KINDS, CellKind, Cells
from harness.engine import recordings_file
from tests.cells.test_hostile import forkspec

ROOT: Final = Path(__file__).parent.parent
PAGE: Final = ROOT / "SECURITY.md"
_BEGIN: Final = "<!-- written by bench/hostile.py -->\n"
_END: Final = "<!-- to here -->\n"
_ATTEMPT: Final = re.compile(r"^attempt: (.+?)\r?$", re.MULTILINE)
_BOUND: Final = '[submission]\nrole = "server"\n[limits]\nmost_s = 30\n'
_ROW: Final = re.compile(r"^(?=\| (.+?) \|)(.*)$", re.MULTILINE)
_SAYS: Final = re.compile(r'(?:#!.*\n)?(?:// |# |""")Hostile: (?:it )?(.+)\.(?:""")?\n')


def programs() -> dict[str, Path]:
    """The programs by their sentence: those that make one attempt first."""
    found = {}
    for path in sorted(
        (ROOT / "tests/hostile").glob("*.*"), key=lambda path: (not attempts(path), path)
    ):
        if says := _SAYS.match(path.read_text(encoding="utf-8")):
            found[says[1]] = path
    return found


def attempts(path: Path) -> bool:
    """Whether a program makes one attempt, and serves well beside that."""
    return '#include "attempt.h"' in path.read_text(encoding="utf-8")


def stormed(kind: CellKind, name: str, cache: Path) -> str:
    """What the check of another one comes to, and after how long."""
    bound = cache / "bound.toml"
    bound.write_text(_BOUND, encoding="utf-8")
    begun = time.monotonic()
    run = forkspec(name, kind, cache, "--assignment", str(bound))
    took_s = time.monotonic() - begun
    verdicts = ", ".join(f"{name} {verdict}" for name, verdict in run.verdicts.items())
    return f"{verdicts or f'status {run.status}'} ({took_s:.0f} s)"


def attempted(kind: CellKind, name: str, cache: Path) -> str:
    """What such an attempt comes to: as it says itself, and by its verdict."""
    seen = cache / "seen.jsonl"
    seen.unlink(missing_ok=True)
    outcome = forkspec(name, kind, cache, "--record", str(seen)).verdicts["service/reply"]
    printed = (each.printed for each in recordings_file.read(seen)[0])
    told = next(filter(None, map(_ATTEMPT.search, printed)), None)
    what = told[1] if told else "nothing was printed"
    return what if outcome == "PASS" else f"{what} ({outcome})"


def tried(kind: CellKind, paths: Sequence[Path], cache: Path) -> list[str]:
    """What each of these comes to in such a cell; none where this machine does not give it."""

    async def granted() -> str:
        with Cells(kind) as cells:
            return (await cells.grant()).kind

    if asyncio.run(granted()) != kind:
        return []
    found = []
    for path in paths:
        found.append((attempted if attempts(path) else stormed)(kind, path.stem, cache))
        print(f"{kind:10} {path.stem:30} {found[-1]}", flush=True)
    return found


def main() -> int:
    """Try all, in all cells that are given, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cell", choices=KINDS, action="append")
    parser.add_argument("--write", action="store_true", help="write the table into SECURITY.md")
    parser.add_argument("names", nargs="*", help="these programs alone")
    options = parser.parse_args()
    is_root = os.getuid() == 0
    kinds = list(options.cell or KINDS)
    if not is_root:  # there a program runs as the user, and reaches all that is the user's
        kinds = [kind for kind in kinds if kind != "plain"]
    chosen = {s: p for s, p in programs().items() if not options.names or p.stem in options.names}
    with tempfile.TemporaryDirectory(prefix="forkspec-bench-") as name:
        cache = Path(name)
        cache.chmod(0o755)
        columns = {kind: tried(kind, list(chosen.values()), cache) for kind in kinds}
    columns = {kind: column for kind, column in columns.items() if column}
    rows = dict(zip(chosen, zip(*columns.values(), strict=True), strict=False))
    if options.write:
        write(rows, list(columns), "root" if is_root else "an ordinary user")
    return 0


def write(rows: Mapping[str, Sequence[str]], kinds: list[CellKind], user: str) -> None:
    """Put the table of this user into the page."""
    release = ".".join(platform.release().split(".")[:2])
    when = f"{dt.datetime.now(dt.UTC).date()}, Linux {release}"
    text = PAGE.read_text(encoding="utf-8")
    head, _, rest = text.partition(_BEGIN)
    old, _, tail = rest.partition(_END)
    tables = [each for each in re.split(r"(?=^As )", old, flags=re.MULTILINE) if each.strip()]
    before = "".join(each for each in tables if each.startswith(f"As {user}"))
    title = f"| attempt | {' | '.join(kinds)} |\n|---|{'---|' * len(kinds)}\n"
    known = dict(_ROW.findall(before)) if title in before else {}  # others are written with them
    known |= {says: f"| {says} | {' | '.join(row)} |" for says, row in rows.items()}
    lines = [known[says] for says in programs() if says in known]
    table = f"As {user} ({when}):\n\n{title}" + "\n".join(lines) + "\n"
    tables = [each for each in tables if not each.startswith(f"As {user}")] + [f"{table}\n"]
    tables.sort(reverse=True)  # root first
    PAGE.write_text(head + _BEGIN + "\n" + "".join(tables) + _END + tail, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
