"""Compares two servers: judges both in turn, then lets the same clients come to both."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import closing
from functools import partial
from typing import Final

import harness
from harness.cell.cells import Cells
from harness.judge.unbuilt import why_nobody_came
from harness.record.events import Listens
from harness.record.recording import Recording
from harness.record.role import Role
from harness.results.comparison import Comparison, Trend, compare_servers, only_repeated
from harness.results.result import Result
from harness.results.side_by_side import LEAST_MS, ServersCompared, SideBySide
from harness.results.stored import as_stored
from harness.subject.subject import Subject

from . import catalogue
from .outset import FIRST, set_out
from .play import RunConfig, play
from .session import Options, Session, contract_of
from .side_by_side import Meter, Note, NotMeasured

_TIMES: Final = 2  # so often a difference must come again
_NO_CHANGE: Final = frozenset({Trend.SAME, Trend.NEW, Trend.GONE})
Recordings = Mapping[str, Recording]


def compare(
    old: Subject, new: Subject, options: Options, note: Note, least_ms: float = LEAST_MS
) -> ServersCompared:
    """Compare them; `note` hears how far it is. A wait longer by `least_ms` shall be seen.

    Raises:
        HarnessError: the two cannot be compared; the user's mistake, or the machine's.
    """
    for which, subject in (("old", old), ("new", new)):
        if subject.is_client:
            raise harness.HarnessError(f"{subject.target}: a client; compare takes two servers")
        if subject.failure:
            raise harness.HarnessError(
                f"the {which} one does not compile: forkspec check {subject.target}"
            )
    if contract_of(old, options.assignment) != contract_of(new, options.assignment):
        raise harness.HarnessError(
            f"{old.target} and {new.target} keep different contracts (a forkspec.toml beside them, or "
            "that of a reference server): name one for both with --assignment"
        )
    with Session(options) as session:
        comparison, firsts, once = _judged(session, old, new, note)
        seed = session.seed
    try:
        known = firsts[0].recordings, firsts[1].recordings
        costs = measure((old, new), options, note, seed=seed, known=known, least_ms=least_ms)
    except NotMeasured as reason:
        return ServersCompared(comparison, None, str(reason), once)
    return ServersCompared(comparison, costs, "", once)


def _judged(
    session: Session, old: Subject, new: Subject, note: Note
) -> tuple[Comparison, tuple[Result, Result], int]:
    """Their verdicts; the differences that come again each time; and how many came only once."""

    def heard(which: str) -> Callable[[str, Recording], None]:
        return lambda _, recording: note(f"the {which} server is judged: {recording.scenario} seen")

    firsts = tuple(
        session.examine(each, progress=heard(which)) for which, each in (("old", old), ("new", new))
    )
    found = compare_servers(*map(as_stored, firsts))
    before = len(_changed(found))
    for time in range(_TIMES):
        if not (ids := _changed(found)):
            break
        order = (new, old) if time % 2 == 0 else (old, new)
        again = {
            each is new: session.examine(each, only=ids, progress=heard("new" if each is new else "old"))
            for each in order
        }
        found = only_repeated(found, compare_servers(as_stored(again[False]), as_stored(again[True])))
    return found, (firsts[0], firsts[1]), before - len(_changed(found))


def _changed(comparison: Comparison) -> list[str]:
    return [each.id for each in comparison.changes if each.trend not in _NO_CHANGE]


def measure(
    subjects: tuple[Subject, Subject],
    options: Options,
    note: Note,
    *,
    seed: int = 0,
    known: tuple[Recordings, Recordings] = ({}, {}),
    least_ms: float = LEAST_MS,
) -> SideBySide:
    """Let the same clients come to the old server and the new one; `known` are recordings of each.

    Raises:
        NotMeasured: one of them does not listen, or breaks, or this machine has no cells for two.
    """
    first = catalogue.load().scenarios[FIRST[Role.SERVER]]
    contract = contract_of(subjects[0], options.assignment)
    setting = RunConfig(seed=seed, contract=contract)
    with closing(Cells(options.cell)) as cells:

        async def started(subject: Subject, known: Recordings) -> Subject:
            begin = partial(play, cells, scenario=first, setting=setting)
            told, seen = await set_out(subject, lambda of: begin(subject=of), known)
            if seen.first(Listens) is None:
                why = seen.broke_off or why_nobody_came(seen, "it does not listen")
                raise NotMeasured(f"not measured: {subject.name}: {why}")
            return told

        old, new = (asyncio.run(started(*each)) for each in zip(subjects, known, strict=True))
        return Meter(cells, old, new, contract, seed, note, least_ms).measure()
