"""One check from target to result: what the faces call."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import harness
from harness.cell.cells import CellKind, Cells
from harness.judge.recording import Recording
from harness.judge.result import Result, decide
from harness.judge.rubric import Rubric
from harness.subject import submission
from harness.subject.build import Subject, build

from . import catalogue, trial
from .play import Setting

LECTURE: Final = ("tcpserver", "tcpserver2", "tcpserver3", "tcpserver4")
Progress = Callable[[str, Recording], None]


@dataclass(frozen=True, slots=True)
class Options:
    """How to check: requirement ids (none means all), what counts, the cell, the seed, a retry."""

    only: tuple[str, ...] = ()
    rubric: Rubric = Rubric()
    cell: CellKind | None = None
    seed: int | None = None
    retry: bool = True


def prepare(target: str) -> Subject:
    """Recognise and build one target; raises UnusableTarget or NoTool."""
    return build(submission.recognise(target))


def prepare_command(words: Sequence[str]) -> Subject:
    """A subject from a command line; raises UnusableTarget."""
    return build(submission.command(words))


def reference_names() -> dict[str, str]:
    """The reference servers: name to role and, for faults, the defect."""
    return {
        name: " ".join(filter(None, (entry["role"], entry.get("says", ""))))
        for name, entry in submission.references().items()
    }


def killers_of(identifier: str) -> list[str]:
    """The reference servers that fail a requirement: the faults named for it first."""
    entries = submission.references().items()
    named = [name for name, entry in entries if entry.get("kills") == identifier]
    others = [name for name, entry in entries if identifier in entry.get("fails", ())]
    return list(dict.fromkeys([*named, *others]))


def draw_seed() -> int:
    """A seed short enough to be typed."""
    return random.randrange(10_000)


def check(
    subjects: Sequence[Subject],
    options: Options,
    progress: Progress = lambda *_: None,
    *,
    repeat: int = 1,
) -> list[Result]:
    """Observe and judge each subject, so many times over; results in that order.

    Raises:
        HarnessError: ours or the machine's: no cell, the port taken, an unknown id.
    """
    found = catalogue.load()
    for identifier in options.only:
        found.find(identifier)
    setting = Setting(
        seed=draw_seed() if options.seed is None else options.seed,
        client=trial.reference_client(),
    )

    async def run(cells: Cells) -> list[Result]:
        results = []
        for subject in subjects:
            for _ in range(repeat):
                seen = await trial.observe(
                    cells,
                    subject,
                    found,
                    setting,
                    only=options.only,
                    retry=options.retry,
                    progress=lambda recording, name=subject.name: progress(name, recording),
                )
                results.append(judge(seen.recordings.values(), options, seen.retried))
        return results

    try:
        with Cells(options.cell) as cells:
            return asyncio.run(run(cells))
    except* harness.HarnessError as group:
        raise _first(group) from None


def judge(
    recordings: Iterable[Recording], options: Options, retried: Sequence[str] = ()
) -> Result:
    """Judge one subject's recordings; runs nothing."""
    by_scenario = {recording.scenario: recording for recording in recordings}
    requirements = catalogue.load().requirements
    return decide(requirements, by_scenario, options.rubric, only=options.only, retried=retried)


def read_recordings(path: Path) -> dict[str, list[Recording]]:
    """The recordings of a file by subject.

    Raises:
        HarnessError: no such file, or no recordings in it; the user's mistake.
    """
    by_subject: dict[str, list[Recording]] = {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        for line in filter(None, lines):
            recording = Recording.from_json(line)
            by_subject.setdefault(recording.subject, []).append(recording)
    except OSError as error:
        raise harness.HarnessError(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise harness.HarnessError(f"{path}: {error}") from error
    if not by_subject:
        raise harness.HarnessError(f"{path}: no recordings in this file")
    return by_subject


def write_recordings(results: Sequence[Result]) -> str:
    """All recordings of some results, one JSON object a line."""
    lines = [r.to_json() for result in results for r in result.recordings.values()]
    return "\n".join(lines) + "\n"


def _first(group: BaseExceptionGroup[harness.HarnessError]) -> harness.HarnessError:
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if not isinstance(error, harness.HarnessError):
        raise TypeError("not one of ours") from error
    return error
