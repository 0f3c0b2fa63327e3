"""How long `forkspec check` takes, as a user waits for it, and where the time goes.

Each target is compiled beforehand and then checked by the command line in turn, round after round.
`--phases` measures one check inside this process instead and prints it as JSON; it is what the
second table is made of.

Exit status: 1 when the worst run of a target takes longer than claimed, or a check broke.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import os
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Final

CLAIMS_S: Final = {"tcpserver4.cpp": 4.0, "tcpserver.cpp": 4.0}
TARGETS: Final = ("tcpserver4.cpp", "tcpserver.cpp", "tcpserver2.cpp", "tcpserver3.cpp")
_JUDGED: Final = (0, 1)
_HEAVIEST: Final = 12
_GUARD_S: Final = 300.0
_SMALLEST_MS: Final = 0.05


def wall_s(words: list[str], judged: tuple[int, ...] = (0,)) -> float:
    start_s = time.monotonic()
    done = subprocess.run(words, capture_output=True, timeout=_GUARD_S, check=False)
    if done.returncode not in judged:
        raise SystemExit(f"{words}: status {done.returncode}\n{done.stderr.decode()}")
    return time.monotonic() - start_s


def phases(target: str) -> dict[str, float]:
    """One check in this process, step by step, in seconds; the imports are the first step."""
    marks = [("", time.monotonic())]

    def mark(name: str) -> None:
        marks.append((name, time.monotonic()))

    from rich.console import Console  # noqa: PLC0415  (its time is what is measured)

    from harness.cell.cells import Cells  # noqa: PLC0415
    from harness.engine import catalogue, targets, trial  # noqa: PLC0415
    from harness.engine.outset import FIRST  # noqa: PLC0415
    from harness.engine.play import RunConfig, play  # noqa: PLC0415
    from harness.engine.session import Options, judge_recordings  # noqa: PLC0415
    from harness.record.role import Role  # noqa: PLC0415
    from harness.report import text  # noqa: PLC0415

    mark("imports: engine and report")
    found = catalogue.load()
    mark("imports: scenarios")
    subject = targets.prepare(target)
    client = trial.reference_client()
    mark("server and client from the build cache")
    spans: dict[str, float] = {}

    async def scenarios(cells: Cells) -> None:
        await cells.grant()
        mark("first cell: zygote, grant, a trial of bubblewrap")
        setting = RunConfig(client=client)
        first = await play(cells, subject, found.scenarios[FIRST[Role.SERVER]], setting)
        mark("scenario 'starting', alone")
        seen = await trial.observe(
            cells, subject, setting, retry=False, known={FIRST[Role.SERVER]: first}
        )
        mark("all other scenarios, eight at once")
        for name, recording in seen.recordings.items():
            spans[f"scenario {name}"] = recording.events[-1].at_ns / 1e9
        result = judge_recordings(seen.recordings.values(), Options())
        mark("judging")
        text.show(result, Console(file=io.StringIO(), width=120))
        mark("the report")

    cells = Cells()
    try:
        asyncio.run(scenarios(cells))
    finally:
        cells.close()
    mark("the last cells and the zygote end")
    steps = {name: at - before for (_, before), (name, at) in pairwise(marks)}
    return steps | spans


def imports() -> list[tuple[float, str]]:
    """Milliseconds of the command line's imports by top-level package, the heaviest first."""
    words = [sys.executable, "-X", "importtime", "-c", "import harness.cli"]
    told = subprocess.run(words, capture_output=True, timeout=_GUARD_S, check=True, text=True).stderr
    by_package: defaultdict[str, float] = defaultdict(float)
    for line in told.splitlines():
        own, _, name = line.removeprefix("import time:").split("|")
        if own.strip().isdigit():
            by_package[name.strip().partition(".")[0]] += int(own) / 1e3
    return sorted(((ms, name) for name, ms in by_package.items()), reverse=True)


def show_where(targets: list[str], rounds: int) -> None:
    """The second table: medians of the steps of some checks, and the imports."""
    python = [sys.executable, "-c"]
    alone = [(wall_s([*python, "pass"]), wall_s([*python, "import harness.cli"])) for _ in range(rounds)]
    interpreter, cli = (statistics.median(each) for each in zip(*alone, strict=True))
    print(
        f"\nstart-up: interpreter {1e3 * interpreter:.0f} ms, imports {1e3 * (cli - interpreter):.0f} ms"
    )
    heaviest = [f"{name} {ms:.0f}" for ms, name in imports()[:_HEAVIEST]]
    print(f"imports by package, ms (-X importtime, which slows them): {', '.join(heaviest)}")
    steps: dict[str, dict[str, list[float]]] = {target: defaultdict(list) for target in targets}
    for _ in range(rounds):
        for target in targets:
            words = [sys.executable, __file__, "--phases", target]
            told = subprocess.run(words, capture_output=True, timeout=_GUARD_S, check=True).stdout
            for name, span_s in json.loads(told).items():
                steps[target][name].append(1e3 * span_s)
    print(f"\n{'ms, median of ' + str(rounds):<52}" + "".join(f"{target:>16}" for target in targets))
    for name in dict.fromkeys(name for each in steps.values() for name in each):
        values = [statistics.median(steps[target].get(name) or [0.0]) for target in targets]
        if max(values) >= _SMALLEST_MS:
            print(f"{name:<52}" + "".join(f"{value:>16.1f}" for value in values))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--targets", nargs="+", default=list(TARGETS), metavar="NAME")
    parser.add_argument("--phases", metavar="TARGET", help="one check in this process, as JSON")
    words = parser.parse_args()
    if words.phases:
        print(json.dumps(phases(words.phases)))
        return 0
    command = [str(Path(sys.executable).with_name("forkspec")), "check"]
    for target in words.targets:
        wall_s([*command, target], _JUDGED)
    print(f"load {os.getloadavg()[0]:.1f}")
    spans_s: dict[str, list[float]] = {target: [] for target in words.targets}
    for _ in range(words.runs):
        for target in words.targets:
            spans_s[target].append(wall_s([*command, target], _JUDGED))
    print(f"{'forkspec check':<18}{'median s':>9}{'worst s':>9}{'claim':>7}")
    broken = 0
    for target, values in spans_s.items():
        claim = CLAIMS_S.get(target)
        holds = claim is None or max(values) <= claim
        broken += not holds
        told = "" if claim is None else f"{claim:>7g}  {'holds' if holds else 'BROKEN'}"
        print(f"{target:<18}{statistics.median(values):>9.2f}{max(values):>9.2f}{told}")
    show_where(words.targets, max(3, words.runs // 2))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
