"""An appeal: what exactly was judged, examined again, many times, with nobody else on the machine.

It changes no points: what follows from it is for a person to say ('forkspec override').
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import harness
from harness.cell.cells import KINDS, Cells
from harness.engine import catalogue, check
from harness.judge.appeal import Appeal
from harness.judge.recording import Recording
from harness.judge.verdict import Outcome
from harness.subject import store as contents

from .examine import Examiner, Terms
from .grade import Grading
from .parcel import Parcel, laid_out
from .store import Row, Store, StoreError


def appeal(
    store: Store,
    row: Row,
    requirement: str,
    grading: Grading,
    *,
    repeat: int,
    progress: Callable[[Outcome, int], None],
) -> Appeal:
    """Examine a student's stored hand-in again, so many times.

    Raises:
        StoreError: it was not kept, or was judged by another version; the user's.
        UnknownRequirement: nothing of that name is asked of what was handed in.
    """
    found, kept = store.recordings(row.digest) or [], store.parcel(row.digest)
    then = _that_decides(requirement, found)
    if kept is None or then is None:
        why = row.refused or "what was handed in was not kept, or nothing of that name is asked of it"
        raise StoreError(f"{row.name}: {requirement}: {why}")
    archive, version = kept
    if version != harness.__version__:
        raise StoreError(
            f"{row.name}: judged by forkspec {version}, and this is {harness.__version__}: install that "
            f"version (pip install forkspec=={version}) to repeat what it saw"
        )
    judge = replace(grading.options, only=(requirement,))
    cell = next(kind for kind in KINDS if kind == then[0].cell)
    terms = replace(grading.how, cell=cell, only=(requirement,))
    since: list[list[Recording]] = []

    def note(seen: Sequence[Recording]) -> None:
        since.append([replace(each, run=1 + len(since)) for each in seen])
        progress(check.judge(seen, judge).verdicts[requirement].outcome, len(since))

    with tempfile.TemporaryDirectory(dir=contents.cache()) as place:
        Path(place).chmod(0o755)  # the subject's uid must enter
        asyncio.run(_repeat(archive, row, terms, Path(place), repeat, note))
    results = tuple(check.judge(each, judge) for each in since)
    return Appeal(row.name, requirement, check.judge(then, judge), results, version, archive)


async def _repeat(
    archive: bytes,
    row: Row,
    terms: Terms,
    place: Path,
    repeat: int,
    note: Callable[[Sequence[Recording]], None],
) -> None:
    hand_in = laid_out(Parcel(row.name, archive), place / "handed-in")
    with Cells(terms.cell) as cells:
        examiner = Examiner(cells, terms)
        for _ in range(repeat):
            shown = await examiner.examine(hand_in, place / "together")
            if shown.refused:
                raise StoreError(f"{row.name}: {shown.refused}")
            note(shown.seen[0])


def _that_decides(requirement: str, seen: Sequence[Sequence[Recording]]) -> Sequence[Recording] | None:
    """The recordings of the role that a requirement is asked of."""
    for each in seen:
        known = catalogue.load(catalogue.role_of({one.scenario: one for one in each}))
        if requirement in {one.id for one in known.requirements}:
            return each
    return None
