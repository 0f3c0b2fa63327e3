"""Judge the daemons of examples/daemons/ that are installed, and say where they are not as expected.

    python bench/daemons.py                     all of them; half an hour
    python bench/daemons.py nginx redis         these
    python bench/daemons.py --page              only write docs/daemons.md, from what is expected

Status 1 where one differs. Who is absent, or there in another version, is said so, and is no difference.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from harness.engine.session import Session
from tests import daemons

PAGE: Final = Path(__file__).parent.parent / "docs" / "daemons.md"
_HEAD: Final = """# Real daemons

What Debian 12 packages, judged by forkspec: one line for each. How each is started and spoken to, and
what is expected of it, stands in its folder below [examples/daemons](../examples/daemons/README.md);
`bench/daemons.py` judges all that are installed, and writes this page. What a daemon does not meet is
called by its kind:

| | |
|---|---|
| defect | the daemon's, in this version: its last words say so, or it was seen by hand |
| limit | documented, and usually to be set otherwise: workers, clients at once, a client's silence |
| design | it is meant so |
| protocol | what is asked cannot be said in its protocol: a NUL in a line of HTTP |
| unsettled | it could not be told, or differs from run to run, or nobody has looked at it by hand |

Each defect but that of sslh-select was seen without forkspec, too, with `prlimit`, `ss`, `kill` and `nc`
alone: an accept() or fork() that fails and ends the daemon, a port that a child holds, a descriptor
beyond FD_SETSIZE; dovecot's with `strace -e inject`. So were the eight workers of gunicorn, the five
clients of dropbear, and that xinetd goes on after SIGINT.

What signals bring about at each single point stands [elsewhere](any-moment.md#real-servers).

The lecture's banner (`contract/announces`) is asked of none. Levels go to 4; a daemon that meets all
that its protocol allows may be at 3, since stream/bytes counts for level 4.

| daemon | version | told as | level | not met |
|---|---|---|---|---|
"""


def main() -> int:
    """Judge them one after another; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("names", nargs="*", help="folders below examples/daemons; all of them if none")
    parser.add_argument("--page", action="store_true", help="write docs/daemons.md, and judge nothing")
    told = parser.parse_args()
    if told.page:
        PAGE.write_text(page(), encoding="utf-8")
        return 0
    return int(sum(_differs(name) for name in told.names or daemons.names()) > 0)


def _differs(name: str) -> bool:
    """Judge one, and print what differs; whether something does."""
    if why := daemons.lack(name):
        print(f"{name}: not judged: {why}", flush=True)
        return False
    subject, options = daemons.prepared(name)
    start_s = time.monotonic()
    with Session(options) as session:
        result = session.examine(subject)
    found = list(daemons.differences(daemons.expected(name), result))
    took = f"({time.monotonic() - start_s:.0f} s, level {result.level}, seed {result.seed})"
    print(f"{name}: {'as expected' if not found else 'DIFFERS'} {took}", flush=True)
    for each in found:
        print(f"    {each}", flush=True)
    return bool(found)


def page() -> str:
    """docs/daemons.md, from what is expected of each."""
    rows = [_row(name, daemons.expected(name)) for name in daemons.names()]
    notes = [
        f"**{name}** ({entry.package} {entry.version}). {_sentences(entry)}\n"
        for name in daemons.names()
        if (entry := daemons.expected(name)).finding or entry.note
    ]
    return _HEAD + "\n".join(rows) + "\n\n## Why\n\n" + "\n".join(notes)


def _row(name: str, entry: daemons.Expected) -> str:
    told = f"{entry.design}, children reaped: {entry.reaping}" if entry.reaping else entry.design
    failed = [f"{', '.join(each.ids)} ({each.kind})" for each in entry.finding]
    failed += [f"{', '.join(entry.unsettled)} (unsettled)"] if entry.unsettled else []
    return f"| {name} | {entry.version} | {told or '-'} | {entry.level} | {'; '.join(failed) or '-'} |"


def _sentences(entry: daemons.Expected) -> str:
    parts: Sequence[str] = [
        f"{each.kind.capitalize()}, {', '.join(each.ids)}: {each.why}" for each in entry.finding
    ]
    return " ".join([*([entry.note] if entry.note else []), *parts])


if __name__ == "__main__":
    sys.exit(main())
