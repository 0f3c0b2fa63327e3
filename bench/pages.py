"""The pages of the lecture's four servers: how long one takes from its recordings, and how large it is.

Exit status 0, or 1 where a page takes more than 150 ms or has more than 400 kB.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from harness.engine import catalogue, references, targets
from harness.engine.session import Options, Session, judge_recordings
from harness.record.recording import Recording
from harness.report.html import requirement_pages, site, student_page, write_pages

MOST_MS: Final = 150.0
SEED: Final = 7


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    rounds = parser.parse_args().rounds
    options, good = Options(seed=SEED), True
    with Session(options) as session:
        seen = [session.examine(targets.prepare(name)).recordings for name in targets.LECTURE]
    heads = ("median ms", "worst ms", "CPU ms", "judged, too", "kB", "pictures")
    print(f"{'page':16}" + "".join(f"{head:>12}" for head in heads))
    for recordings in seen:
        result = judge_recordings(recordings.values(), options)
        start_s = time.process_time()
        alone = [timed(partial(student_page.of_result, result)) for _ in range(rounds)]
        cpu_ms = 1000 * (time.process_time() - start_s) / rounds
        judged = [timed(partial(judge_and_draw, recordings, options)) for _ in range(rounds)]
        page = student_page.of_result(result)
        size, median_ms = len(page.encode()), statistics.median(alone)
        good &= median_ms <= MOST_MS and size <= student_page.MOST_BYTES
        numbers = (median_ms, max(alone), cpu_ms, statistics.median(judged), size / 1000)
        told = "".join(f"{number:12.0f}" for number in numbers)
        print(f"{result.subject:16}{told}{page.count('<figure'):12}")
    print(f"the first page of a process, with all imports: {first_ms():.0f} ms more than none")
    with tempfile.TemporaryDirectory() as here:
        known = catalogue.every_requirement()
        took_ms = timed(lambda: write_pages.write_shared(Path(here), known, references.killers_of))
        print(
            f"scripts and {len(known) + 1} pages of requirements, written once: {took_ms:.0f} ms", end=""
        )
        print(f", {sum(map(len, site.assets().values())) / 1e6:.1f} MB, of which the pages", end=" ")
        pages = requirement_pages.pages(known, references.killers_of)
        print(f"{sum(len(text.encode()) for text in pages.values()) / 1e6:.1f} MB more")
    return 0 if good else 1


def judge_and_draw(recordings: Mapping[str, Recording], options: Options) -> str:
    return student_page.of_result(judge_recordings(recordings.values(), options))


def timed(work: Callable[[], object]) -> float:
    """Milliseconds of wall time."""
    start_s = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - start_s)


def first_ms() -> float:
    """What importing templates and all costs beyond the command line's own imports; median of five."""
    costs = []
    for _ in range(5):
        code = (
            "import time, harness.cli; t = time.perf_counter(); "
            "import harness.report.html.write_pages as f; "
        )
        code += "f.site.render('several.html', rows=[]); print(1000 * (time.perf_counter() - t))"
        told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        costs.append(float(told.stdout))
    return statistics.median(costs)


if __name__ == "__main__":
    sys.exit(main())
