"""What clients wait for, alone and in a crowd: is a slow accept loop told from a sound server?

Reference servers, again and again, by concurrency/latency alone; with --hogs beside so many processes
that burn. Verdicts must be the manifest's, or INCONCLUSIVE. Exit status 0 or 1.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Final

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.cohort import is_apart
from bench.steadiness import hogs
from harness.engine import references
from harness.engine.session import Options, Session
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.record.visits import waits_ns
from harness.subject import manifest
from tests import promises

_ID: Final = "concurrency/latency"


def sound_and_slow() -> list[str]:
    """All designs and the lecture's servers that are to pass, and all faults named for it."""
    return [
        name
        for name, entry in manifest.references().items()
        if not is_apart(entry)
        and (entry.kills == _ID or entry.role != "fault")
        and references.expected(entry, _ID).value in {"PASS", "FAIL"}
    ]


def waits_ms(seen: Recording, crowd: str) -> list[float]:
    """What the clients of one crowd waited, in ascending order; empty where none came."""
    try:
        visits = seen.crowd(crowd).visits
    except Missing:
        return []
    waits = waits_ns(visits, to_the_end=seen.contract.greets)
    return sorted(wait / 1e6 for wait in waits if wait is not None)


def line(seen: Recording) -> str:
    return ", ".join(
        f"{name} {waits[0]:.1f} / {median(waits):.1f} / {waits[-1]:.1f}"
        for name in ("fresh", "lone", "crowd")
        if (waits := waits_ms(seen, name))
    )


def judge(names: Sequence[str], times: int) -> bool:
    wrong = False
    with Session(Options(only=(_ID,))) as session:
        for name in names:
            found: Counter[str] = Counter()
            promised = references.expected(manifest.references()[name], _ID).value
            for _ in range(times):
                result = session.examine(promises.prepare_reference(name))
                found[result.verdicts[_ID].outcome.value] += 1
            told = line(result.recordings["latency"]) if "latency" in result.recordings else ""
            print(f"{name}: {dict(found)}; the last, ms (least / median / most): {told}", flush=True)
            wrong |= bool(found.keys() - {promised, "INCONCLUSIVE"})
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("servers", nargs="*", help="references; else all designs and slow faults")
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--hogs", type=int, default=0)
    words = parser.parse_args()
    with hogs(words.hogs):
        return int(judge(words.servers or sound_and_slow(), words.times))


if __name__ == "__main__":
    sys.exit(main())
