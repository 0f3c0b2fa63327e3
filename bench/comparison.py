"""Is a regression found, and is none told of where there is none? Servers compared again and again.

Each of tests/regressions against the sound one, and servers against themselves; by the measurement
alone, without the verdicts. With --hogs so many processes burn beside. Exit status 0 or 1.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.steadiness import hogs
from harness.engine.side_by_side import NotMeasured
from tests import regressed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("servers", nargs="*", help="compared with themselves; else the sound one")
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--hogs", type=int, default=0)
    parser.add_argument("--found", action="append", choices=[*regressed.FOUND_BY], help="regressions")
    words = parser.parse_args()
    wrong = 0
    with tempfile.TemporaryDirectory() as folder, hogs(words.hogs):
        sound = regressed.compiled(regressed.SOUND, Path(folder))
        for server in [] if words.found else words.servers or [sound]:
            wrong += told(f"{Path(server).name} with itself", server, server, "", words.times)
        for name in words.found or []:
            new = regressed.compiled(name, Path(folder))
            wrong += told(name, sound, new, regressed.FOUND_BY[name], words.times)
    return int(wrong > 0)


def told(name: str, old: str, new: str, measure: str, times: int) -> int:
    """Compare so many times, print what came of it, and count what was wrong."""
    found, others, untold = 0, [], 0
    began_s = time.monotonic()
    for seed in range(times):
        try:
            seen = regressed.measured(old, new, seed)
        except NotMeasured as reason:
            print(f"  {reason}")
            untold += 1
            continue
        worse = regressed.worse(seen)
        found += measure in worse
        others += sorted(worse - {measure})
        untold += bool(seen.unsettled or seen.unseen)
        print(f"  {seed + 1}: {sorted(worse) or 'nothing'}", file=sys.stderr, flush=True)
    each_s = (time.monotonic() - began_s) / max(1, times)
    wanted = f"found {found} of {times}, " if measure else f"{times} comparisons, "
    print(
        f"{name}: {wanted}also told: {others or 'nothing'}, not told {untold}; {each_s:.0f} s each",
        flush=True,
    )
    return len(others) * (not measure) + (times - found - untold if measure else 0)


if __name__ == "__main__":
    sys.exit(main())
