"""Results as `forkspec check --json` wrote them: plain values, checked when they are read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import harness
from harness.judge.verdict import Fact, Outcome

from .result import Result

_T = TypeVar("_T")


class Incomparable(ValueError):
    """There are no results, or results that do not belong together; the text says why."""


@dataclass(frozen=True, slots=True)
class StoredVerdict:
    """One verdict as `forkspec check --json` wrote it."""

    id: str
    outcome: Outcome
    counts: bool
    says: str
    observed: str
    cause: str
    facts: Mapping[str, Fact]


@dataclass(frozen=True, slots=True)
class StoredResult:
    """One subject's verdicts by id, in the order of the file. `level` is None for a selection.

    `judged_by` tells the contract; "" where the file says nothing of it.
    """

    subject: str
    version: str
    cell: str
    level: int | None
    diagnosis: str
    verdicts: Mapping[str, StoredVerdict]
    judged_by: str = ""


def as_stored(result: Result) -> StoredResult:
    """A result as it would be read back."""
    verdicts = {
        each.id: StoredVerdict(
            id=each.id,
            outcome=(verdict := result.verdicts[each.id]).outcome,
            counts=result.rubric.counts(each),
            says=each.says,
            observed=verdict.evidence.observed,
            cause=verdict.evidence.cause,
            facts=dict(verdict.evidence.facts),
        )
        for each in result.requirements
    }
    told = result.diagnosis.sentence
    return StoredResult(result.subject, harness.__version__, result.cell, result.level, told, verdicts)


def stored_results(data: object) -> tuple[StoredResult, ...]:
    """The results in a file: one object, or a list of them; raises Incomparable for anything else."""
    found = tuple(_result(each) for each in (data if isinstance(data, list) else [data]))
    if not found:
        raise Incomparable("not a forkspec result (an empty list)")
    return found


def _result(raw: object) -> StoredResult:
    verdicts = [_verdict(each) for each in _get(raw, "verdicts", list)]
    level = raw.get("level") if isinstance(raw, dict) else None
    return StoredResult(
        subject=_get(raw, "subject", str),
        version=_get(raw, "forkspec", str),
        cell=_get(raw, "cell", str),
        level=None if level is None else _get(raw, "level", int),
        diagnosis=_get(raw, "diagnosis", str),
        verdicts={verdict.id: verdict for verdict in verdicts},
        judged_by=str(raw.get("judged_by") or "") if isinstance(raw, dict) else "",
    )


def _verdict(raw: object) -> StoredVerdict:
    word, evidence = _get(raw, "verdict", str), _get(raw, "evidence", dict)
    if word not in set(Outcome):
        raise Incomparable(f"not a result that this forkspec reads (a verdict {word!r})")
    return StoredVerdict(
        id=_get(raw, "id", str),
        outcome=Outcome(word),
        counts=_get(raw, "counts", bool),
        says=_get(evidence, "says", str),
        observed=_get(evidence, "observed", str),
        cause=_get(evidence, "cause", str),
        facts=_get(evidence, "facts", dict),
    )


def _get(raw: object, key: str, kind: type[_T]) -> _T:
    value = raw.get(key) if isinstance(raw, dict) else None
    if not isinstance(value, kind):
        raise Incomparable(f"not a forkspec result (no {key!r} where one belongs)")
    return value
