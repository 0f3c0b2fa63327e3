"""Let single system calls of forkspec's own process fail, and look at what a check then says.

Run as `python bench/failing_calls.py [TIMES] [SEED] [--of CALL ...]`; it needs strace(1), whose
`inject=` makes the n-th call fail with an error that its manual page lists. What may come is the verdict
that was right, a doubt (status 2), or one sentence and status 3; never a traceback, a FAIL of a sound
server, a half-written file, or a leftover. Prints a line for each call that was failed, and a Markdown
table; the exit status is 1 where something else came.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Final

SOUND: Final = Path(__file__).parent.parent / "servers" / "lecture" / "tcpserver4.cpp"
GUARD_S: Final = 180
OURS: Final = 3  # the exit status of an error that is forkspec's or the machine's
_ROW: Final = re.compile(r"^ *[\d.]+ +[\d.]+ +\d+ +(?P<count>\d+)(?: +\d+)? +(?P<call>\w+)$")
ERRORS: Final = {
    "openat": ("ENOSPC", "EMFILE", "ENOMEM", "EIO"),
    "read": ("EIO",),
    "write": ("ENOSPC", "EIO"),
    "mkdir": ("ENOSPC", "EROFS"),
    "rename": ("ENOSPC", "EROFS"),
    "getdents64": ("EIO",),
    "flock": ("ENOLCK",),
    "clone3": ("EAGAIN", "ENOMEM"),
    "vfork": ("EAGAIN", "ENOMEM"),
    "pipe2": ("EMFILE",),
    "epoll_create1": ("EMFILE",),
    "epoll_ctl": ("ENOSPC", "ENOMEM"),
    "socketpair": ("EMFILE", "ENOBUFS"),
    "connect": ("EAGAIN", "ENOBUFS"),
    "sendmsg": ("ENOBUFS", "ENOMEM"),
    "recvmsg": ("ENOMEM", "EMFILE"),
    "sendto": ("ENOBUFS",),
}


def check(place: Path, *, tell: str, inject: str = "") -> tuple[subprocess.CompletedProcess[str], Path]:
    """A check of a sound server under strace, which writes what it traced into `tell`."""
    out = place / "result.json"
    out.unlink(missing_ok=True)
    traced = ["strace", "-o", tell, *(["-e", inject] if inject else ["-c"])]
    words = ["check", str(SOUND), "--only", "service/reply", "--only", "reaping/burst"]
    return subprocess.run(
        [*traced, sys.executable, "-m", "harness.cli", *words, "--json", str(out)],
        env={**os.environ, "TMPDIR": str(place / "scratch")},
        capture_output=True,
        text=True,
        timeout=GUARD_S,
        check=False,
    ), out


def counted(place: Path) -> tuple[dict[str, int], dict[str, int]]:
    """How often the process makes each call: in all, and until Python has begun."""
    trace = str(place / "trace")
    started = [sys.executable, "-c", "import harness.cli"]
    subprocess.run(["strace", "-c", "-o", trace, *started], check=True, capture_output=True)
    begun = _calls(Path(trace).read_text())
    check(place, tell=trace)
    return _calls(Path(trace).read_text()), begun


def _calls(table: str) -> dict[str, int]:
    rows = (_ROW.search(line) for line in table.splitlines())
    return {row["call"]: int(row["count"]) for row in rows if row}


def came(place: Path, call: str, error: str, number: int) -> str:
    """What one failed call comes to: "right", "in doubt", "a sentence", or what must not be."""
    trace = str(place / "trace")
    try:
        done, out = check(place, tell=trace, inject=f"inject={call}:error={error}:when={number}")
    except subprocess.TimeoutExpired:
        return "NO END"
    if "(INJECTED)" not in Path(trace).read_text():
        return ""
    left = [f"LEFT {each.name}" for each in (place / "scratch").iterdir()]
    half = ["HALF A FILE"] if out.exists() and not _is_json(out) else []
    broke = ["TRACEBACK"] if "Traceback" in done.stdout + done.stderr else []
    if bad := left + half + broke:
        return ", ".join(bad)
    if done.returncode == OURS and len(done.stderr.splitlines()) == 1:
        return "a sentence"
    return {0: "right", 2: "in doubt"}.get(done.returncode, f"STATUS {done.returncode}")


def _is_json(path: Path) -> bool:
    with contextlib.suppress(ValueError):
        json.loads(path.read_text())
        return True
    return False


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("times", nargs="?", type=int, default=3)
    asked.add_argument("seed", nargs="?", type=int, default=1)
    asked.add_argument("--of", nargs="*", default=list(ERRORS))
    given = asked.parse_args()
    chance = random.Random(given.seed)
    table: dict[str, Counter[str]] = {}
    with tempfile.TemporaryDirectory(prefix="failing-") as name:
        place = Path(name)
        (place / "scratch").mkdir()
        place.chmod(0o755)
        (place / "scratch").chmod(0o1777)
        calls, begun = counted(place)
        for call, error in ((each, error) for each in given.of for error in ERRORS[each]):
            span = range(begun.get(call, 0) + 1, calls.get(call, 0) + 1)
            for number in sorted(chance.sample(span, min(given.times, len(span)))):
                if what := came(place, call, error, number):
                    table.setdefault(f"{call}() {error}", Counter())[what] += 1
                    print(f"{call} {error} {number}: {what}", flush=True)
    print(
        "\n| call and error | failed | verdict right | in doubt | one sentence |\n|---|---|---|---|---|"
    )
    good = ("right", "in doubt", "a sentence")
    for what, seen in table.items():
        print(f"| `{what}` | {seen.total()} | {' | '.join(str(seen[each]) for each in good)} |")
    sys.exit(any(seen.total() > sum(seen[each] for each in good) for seen in table.values()))


if __name__ == "__main__":
    main()
