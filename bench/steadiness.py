"""Do the verdicts stand still? Servers judged again and again, against the manifest.

A verdict other than the manifest's is wrong, unless it is INCONCLUSIVE; those are counted before
the retry that a user's check would give them. With `--hogs` the machine is kept busy meanwhile.

Exit status: 0 steady; 1 a wrong verdict, a broken run, or INCONCLUSIVE in more than 1 % of the
runs; 2 not all was run.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from harness.cell.cells import KINDS, CellKind, Cells
from harness.engine import recordings_file, references, targets, trial
from harness.engine.play import RunConfig
from harness.engine.session import Options, contract_of, judge_recordings
from harness.judge.verdict import Outcome
from harness.record.role import Role
from harness.results.assignment import Assignment
from harness.results.result import Result
from harness.subject import manifest
from harness.subject.subject import Subject
from tests import promises

MOST_INCONCLUSIVE: Final = 0.01
_LECTURE: Final = [name + suffix for suffix in (".cpp", ".py") for name in targets.LECTURE]
_STEP: Final = 100
# Dies with its parent, also by SIGKILL (PR_SET_PDEATHSIG, prctl(2)); argv[1] tells an orphan so.
_HOG: Final = (
    "import ctypes, os, sys\n"
    "ctypes.CDLL(None).prctl(1, 9)\n"
    "while os.getppid() == int(sys.argv[1]):\n"
    "    for _ in range(1_000_000): pass\n"
)


@dataclass(frozen=True, slots=True)
class Odd:
    """One verdict that is not the manifest's, and where its recording lies."""

    server: str
    run: int
    seed: int
    requirement: str
    expected: str
    outcome: str
    observed: str
    recording: str


@dataclass(slots=True)
class Tally:
    """What has been seen so far."""

    planned: int
    verdicts: int = 0
    odd: list[Odd] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    spans_s: dict[str, list[float]] = field(default_factory=dict)

    @property
    def runs(self) -> int:
        """Runs that came to their verdicts."""
        return sum(map(len, self.spans_s.values()))

    @property
    def wrong(self) -> list[Odd]:
        """The verdicts that contradict the manifest."""
        return [odd for odd in self.odd if odd.outcome != Outcome.INCONCLUSIVE]

    @property
    def inconclusive(self) -> list[Odd]:
        """The verdicts that say nothing."""
        return [odd for odd in self.odd if odd.outcome == Outcome.INCONCLUSIVE]

    @property
    def unsure_runs(self) -> int:
        """Runs with at least one INCONCLUSIVE: a user's check would have run something again."""
        return len({(odd.server, odd.run) for odd in self.inconclusive})

    @property
    def exit_status(self) -> int:
        """As the module says."""
        too_many = self.unsure_runs > MOST_INCONCLUSIVE * max(1, self.runs)
        if self.wrong or self.broken or too_many:
            return 1
        return 2 if self.runs < self.planned else 0


@contextlib.contextmanager
def hogs(count: int) -> Iterator[None]:
    """So many processes that do nothing but burn, for the length of the block."""
    words = [sys.executable, "-I", "-S", "-c", _HOG, str(os.getpid())]
    running: list[subprocess.Popen[bytes]] = []
    try:
        for _ in range(count):
            running.append(subprocess.Popen(words, stdin=subprocess.DEVNULL))  # noqa: PERF401  (ended one by one)
        yield
    finally:
        for hog in running:
            hog.kill()
        for hog in running:
            hog.wait()


class Steadiness:
    """The runs of one invocation, several at once in one loop over one zygote."""

    def __init__(self, words: argparse.Namespace) -> None:
        self._words = words
        self._manifest = manifest.references(words.role)
        self._client = trial.reference_client()
        self._options = Options(only=tuple(words.only), retry=False)
        self._subjects = [promises.prepare_reference(name, words.role) for name in self._names()]
        self._todo = iter([(run, s) for run in range(1, words.runs + 1) for s in self._subjects])
        self._start_s = time.monotonic()
        self.tally = Tally(words.runs * len(self._subjects))

    def _names(self) -> list[str]:
        """The servers that were named, a role standing for all of that role."""
        return [
            name
            for word in self._words.servers
            for name in self._manifest
            if word in {"all", name, self._manifest[name].role}
        ] or self._words.servers

    async def run(self) -> None:
        """All of it, or as much as the budget allows; SIGTERM ends it as Ctrl-C does."""
        task = asyncio.current_task()
        if task is not None:
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        with Cells(self._words.cell) as cells, contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._words.at_most_s or None), asyncio.TaskGroup() as group:
                for _ in range(self._words.at_once):
                    group.create_task(self._work(cells))

    async def _work(self, cells: Cells) -> None:
        for run, subject in self._todo:
            if len(self.tally.wrong) + len(self.tally.broken) >= self._words.give_up:
                print("given up: too much is wrong", flush=True)
                return
            contract = contract_of(subject, Assignment())
            setting = RunConfig(self._words.seed + run, contract=contract, client=self._client)
            start_s = time.monotonic()
            try:
                seen = await trial.observe(cells, subject, setting, only=self._words.only, retry=False)
            except Exception as error:  # noqa: BLE001  (counted; the other runs go on)
                self.tally.broken.append(f"{subject.name} run {run}: {error!r}")
                print(f"BROKEN {self.tally.broken[-1]}", flush=True)
                continue
            result = judge_recordings(seen.recordings.values(), self._options)
            spans_s = self.tally.spans_s.setdefault(subject.name, [])
            spans_s.append(time.monotonic() - start_s)
            self._count(subject, run, setting.seed, result)
            if self.tally.runs % _STEP == 0:
                self._say_how_far()

    def _count(self, subject: Subject, run: int, seed: int, result: Result) -> None:
        entry, odd = self._manifest[subject.name], []
        kept = str(self._words.keep / f"{subject.name}-{run}.jsonl")
        for requirement in result.requirements:
            verdict = result.verdicts[requirement.id]
            expected = references.expected(entry, requirement.id, result.cell)
            self.tally.verdicts += 1
            if verdict.outcome is not expected and promises.is_settled(entry, requirement.id):
                said = verdict.evidence.observed
                odd.append(
                    Odd(subject.name, run, seed, requirement.id, expected, verdict.outcome, said, kept)
                )
        if odd:
            Path(kept).write_text(recordings_file.written([result]), encoding="utf-8")
        for each in odd:
            told = f"{each.server} run {each.run}: {each.requirement} {each.outcome}"
            print(f"{told}, not {each.expected}: {each.observed}", flush=True)
        self.tally.odd += odd

    def _say_how_far(self) -> None:
        tally, left = self.tally, self.tally.planned - self.tally.runs
        past_s = time.monotonic() - self._start_s
        left_s = past_s / tally.runs * left
        print(
            f"{tally.runs}/{tally.planned} runs, {past_s:.0f} s, about {left_s:.0f} s to go; "
            f"wrong {len(tally.wrong)}, inconclusive {len(tally.inconclusive)}",
            flush=True,
        )


def show(tally: Tally, wall_s: float) -> None:
    print(f"\n{'server':<16}{'runs':>6}{'wrong':>7}{'inconcl.':>10}{'median s':>10}{'worst s':>9}")
    wrong = Counter(odd.server for odd in tally.wrong)
    unsure = Counter(odd.server for odd in tally.inconclusive)
    for name, spans_s in tally.spans_s.items():
        ordered = sorted(spans_s)
        print(
            f"{name:<16}{len(ordered):>6}{wrong[name]:>7}{unsure[name]:>10}"
            f"{ordered[len(ordered) // 2]:>10.2f}{ordered[-1]:>9.2f}"
        )
    by_id = Counter((odd.requirement, odd.expected, odd.outcome) for odd in tally.odd)
    if by_id:
        print(f"\n{'requirement':<34}{'manifest':<16}{'verdict':<16}{'times':>5}")
    for (requirement, expected, outcome), times in sorted(by_id.items()):
        print(f"{requirement:<34}{expected:<16}{outcome:<16}{times:>5}")
    share = 100 * tally.unsure_runs / max(1, tally.runs)
    print(
        f"\n{tally.runs} of {tally.planned} runs, {tally.verdicts} verdicts in {wall_s:.0f} s: "
        f"{len(tally.wrong)} wrong; {len(tally.inconclusive)} inconclusive before retry, in "
        f"{tally.unsure_runs} runs ({share:.2f} % of the runs); {len(tally.broken)} runs broken"
    )


def main() -> int:
    words = _words()
    for folder in (words.json.parent if words.json else words.keep, words.keep):
        folder.mkdir(parents=True, exist_ok=True)  # rather now than after an hour
    start_s = time.monotonic()
    steadiness = Steadiness(words)
    interrupted = False
    try:
        with hogs(words.hogs):
            asyncio.run(steadiness.run())
    except (KeyboardInterrupt, asyncio.CancelledError):
        interrupted = True
        print("interrupted", flush=True)
    wall_s = time.monotonic() - start_s
    with contextlib.suppress(OSError):
        words.keep.rmdir()  # nothing odd was kept
    show(steadiness.tally, wall_s)
    if words.json is not None:
        told: dict[str, Any] = {**asdict(steadiness.tally), "wall_s": wall_s, "hogs": words.hogs}
        words.json.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    return 130 if interrupted else steadiness.tally.exit_status


def _words() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--runs", type=int, default=200, help="how often each server is judged")
    parser.add_argument("--hogs", type=int, default=0, help="so many busy loops beside it")
    parser.add_argument(
        "--servers",
        nargs="+",
        default=_LECTURE,
        metavar="NAME",
        help="manifest names, roles (lecture, design, fault), or all",
    )
    parser.add_argument(
        "--only", nargs="+", default=[], metavar="ID", help="judge these requirements alone"
    )
    parser.add_argument("--role", type=Role, choices=(Role.SERVER, Role.CLIENT), default=Role.SERVER)
    parser.add_argument("--at-once", type=int, default=2, help="so many servers judged at once")
    parser.add_argument("--seed", type=int, default=0, help="run n has this seed plus n")
    parser.add_argument("--cell", choices=KINDS, default=None, type=_kind, help="use this cell")
    parser.add_argument("--at-most-s", type=float, default=0.0, help="stop after so many seconds")
    parser.add_argument("--give-up", type=int, default=50, help="stop when so much is wrong")
    parser.add_argument("--json", type=Path, help="write all figures to this file")
    parser.add_argument("--keep", type=Path, default=Path("odd-runs"), help="folder for odd recordings")
    return parser.parse_args()


def _kind(name: str) -> CellKind:
    found = [kind for kind in KINDS if kind == name]
    if not found:
        raise argparse.ArgumentTypeError(f"one of {', '.join(KINDS)}")
    return found[0]


if __name__ == "__main__":
    sys.exit(main())
