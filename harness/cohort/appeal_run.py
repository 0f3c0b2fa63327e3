"""Examines again what one student handed in, several times, with nothing else running on the machine.

An appeal changes no points: a person decides what follows from it ('forkspec override').
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import harness
from harness.cell.cells import KINDS, Cells
from harness.engine import catalogue
from harness.engine.session import judge_recordings, run
from harness.judge.verdict import Outcome
from harness.record.recording import Recording
from harness.results.appeal import Appeal
from harness.results.result import Result
from harness.subject import content_store as contents

from .examine import Examiner, ExamSettings, shelter
from .grade import Grading
from .packed_work import PackedWork
from .store import Row, Store
from .store_file import StoreError


def appeal(
    store: Store,
    row: Row,
    requirement: str,
    grading: Grading,
    *,
    repeat: int,
    progress: Callable[[Outcome, int], None],
) -> Appeal:
    """Examine a student's stored hand-in `times` times more.

    Raises:
        StoreError: the hand-in was not kept, or another version judged it; the user's.
        UnknownRequirement: nothing of that name is asked of this hand-in; the user's.
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
    terms = _as_then(grading.how, then[0], requirement)
    since: list[Result] = []

    def note(seen: Sequence[Recording]) -> None:
        since.append(judge_recordings([replace(each, run=1 + len(since)) for each in seen], judge))
        progress(since[-1].verdicts[requirement].outcome, len(since))

    with tempfile.TemporaryDirectory(dir=contents.cache()) as place:
        Path(place).chmod(0o755)  # the subject's uid must enter
        run(_repeat(PackedWork(row.name, archive), terms, Path(place), repeat, note))
    return Appeal(row.name, requirement, judge_recordings(then, judge), tuple(since), version, archive)


def _as_then(terms: ExamSettings, then: Recording, requirement: str) -> ExamSettings:
    """The contract, cell and seed of the first judgement, whatever the assignment says now."""
    assignment = replace(terms.settings.assignment, contract=then.contract)
    return replace(
        terms,
        settings=replace(terms.settings, assignment=assignment),
        cell=next(kind for kind in KINDS if kind == then.cell),
        seed=then.seed,
        only=(requirement,),
    )


async def _repeat(
    parcel: PackedWork,
    terms: ExamSettings,
    scratch: Path,
    repeat: int,
    note: Callable[[Sequence[Recording]], None],
) -> None:
    with Cells(terms.cell) as cells:
        if (kind := await shelter(cells, terms)) != terms.cell:
            raise StoreError(
                f"{parcel.student}: judged in the {terms.cell} cell, and here is only the {kind} one"
            )
        examiner = Examiner(cells, terms)
        for _ in range(repeat):
            shown = await examiner.examine(parcel, scratch)
            if shown.refused:
                raise StoreError(f"{parcel.student}: {shown.refused}")
            note(shown.seen[0])


def _that_decides(requirement: str, seen: Sequence[Sequence[Recording]]) -> Sequence[Recording] | None:
    """The recordings of the role that has this requirement."""
    for each in seen:
        known = catalogue.load(catalogue.role_of({one.scenario: one for one in each}))
        if requirement in {one.id for one in known.requirements}:
            return each
    return None
