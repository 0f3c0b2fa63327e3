"""Compares two stored results of the same subjects: which verdicts changed, and which numbers."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from harness.judge.verdict import Fact, Outcome

from .rubric import MET
from .stored import Incomparable, StoredResult, StoredVerdict

BEYOND: Final = "worse beyond"
_NUMBER: Final = re.compile(r"0x[0-9a-fA-F]+|\d+(?:[.,]\d+)*")
_PATH: Final = re.compile(r"(?<!\S)/[^\s'\"]+")
_MEASURED: Final = ("_ns", "_us", "_ms", "_s")


class Trend(StrEnum):
    """How a verdict has changed. Only WORSE is held against the subject.

    INCONCLUSIVE says nothing about the subject: a change from it (TOLD) or to it (NOT_TOLD) is neither
    better nor worse. FAIL and BLOCKED count the same, and so do PASS and NOT_APPLICABLE.
    """

    WORSE = "worse"
    NOT_TOLD = "not told"
    TOLD = "now told"
    MOVED = "moved"
    BETTER = "better"
    NEW = "new"
    GONE = "gone"
    SAME = "as before"


@dataclass(frozen=True, slots=True)
class Change:
    """One requirement in the older and the newer result; None where only the other one has it.

    `counts` is the newer result's word, or True under a strict comparison.
    """

    id: str
    trend: Trend
    counts: bool
    old: StoredVerdict | None
    new: StoredVerdict | None

    @property
    def word(self) -> str:
        """The trend in a word; "worse beyond" where it is worse and does not count."""
        is_beyond = self.trend is Trend.WORSE and not self.counts
        return BEYOND if is_beyond else self.trend.value

    @property
    def is_old_failure(self) -> bool:
        """True for a FAIL where the older result had FAIL or BLOCKED."""
        if self.old is None or self.new is None or self.new.outcome is not Outcome.FAIL:
            return False
        return self.old.outcome in {Outcome.FAIL, Outcome.BLOCKED}


@dataclass(frozen=True, slots=True)
class Comparison:
    """One run of one subject in both results; `run` counts from 1 among the runs of the same name."""

    run: int
    old: StoredResult
    new: StoredResult
    changes: tuple[Change, ...]


def compare(
    old: Sequence[StoredResult], new: Sequence[StoredResult], *, strict: bool = False
) -> tuple[Comparison, ...]:
    """Compare every subject of both results, in the newer order; the runs of a subject by their order.

    With `strict` every requirement counts.

    Raises:
        Incomparable: other subjects, another number of runs, or no requirement in common; the user's.
    """
    _same_subjects(Counter(r.subject for r in old), Counter(r.subject for r in new))
    earlier, runs = _by_run(old), _by_run(new)
    return tuple(
        Comparison(key[1], earlier[key], result, _changes(earlier[key], result, strict=strict))
        for key, result in runs.items()
    )


def compare_servers(old: StoredResult, new: StoredResult, *, strict: bool = False) -> Comparison:
    """Two servers, whatever their names."""
    return Comparison(1, old, new, _changes(old, new, strict=strict))


def only_repeated(first: Comparison, again: Comparison) -> Comparison:
    """The first comparison with only those changes that came again; the others count as no change."""
    came = {each.id: each.trend for each in again.changes}
    changes = (
        each if came.get(each.id, each.trend) is each.trend else replace(each, trend=Trend.SAME)
        for each in first.changes
    )
    return replace(first, changes=tuple(changes))


def change(old: StoredVerdict | None, new: StoredVerdict | None, *, strict: bool = False) -> Change:
    """One requirement in both results; at least one of the two is given."""
    present = new or old
    if present is None:
        raise ValueError("no verdict on either side")
    return Change(present.id, _trend(old, new), strict or present.counts, old, new)


def exit_status(comparisons: Iterable[Comparison]) -> int:
    """1 when something that counts is worse, otherwise 0."""
    changes = [each for comparison in comparisons for each in comparison.changes]
    return int(any(each.trend is Trend.WORSE and each.counts for each in changes))


def moved_facts(old: StoredVerdict, new: StoredVerdict) -> dict[str, tuple[Fact, Fact]]:
    """The numbers that differ, (old, new), but for times; None where one side has none."""
    names = [name for name in {**old.facts, **new.facts} if not name.endswith(_MEASURED)]
    pairs = {name: (old.facts.get(name), new.facts.get(name)) for name in names}
    return {name: (was, now) for name, (was, now) in pairs.items() if was != now}


def _trend(old: StoredVerdict | None, new: StoredVerdict | None) -> Trend:
    if old is None or new is None:
        return Trend.NEW if old is None else Trend.GONE
    if old.outcome is new.outcome:
        return Trend.SAME if _same_evidence(old, new) else Trend.MOVED
    if new.outcome is Outcome.INCONCLUSIVE:
        return Trend.NOT_TOLD
    if old.outcome is Outcome.INCONCLUSIVE:
        return Trend.TOLD
    held, holds = old.outcome in MET, new.outcome in MET
    if held is holds:
        return Trend.MOVED
    return Trend.WORSE if held else Trend.BETTER


def _same_evidence(old: StoredVerdict, new: StoredVerdict) -> bool:
    """Whether two sentences differ in numbers and paths only.

    Pids and milliseconds differ in every run; two versions lie in two places.
    """
    sentences = {_NUMBER.sub("0", _PATH.sub("/", each.observed)) for each in (old, new)}
    return old.cause == new.cause and len(sentences) == 1 and not moved_facts(old, new)


def _changes(old: StoredResult, new: StoredResult, *, strict: bool) -> tuple[Change, ...]:
    if old.judged_by and new.judged_by and old.judged_by != new.judged_by:
        raise Incomparable(
            f"{new.subject!r} was judged by different assignments: {old.judged_by!r}, and now "
            f"{new.judged_by!r}"
        )
    if not old.verdicts.keys() & new.verdicts.keys():
        raise Incomparable(f"{new.subject!r}: no requirement is in both")
    return tuple(
        change(old.verdicts.get(identifier), new.verdicts.get(identifier), strict=strict)
        for identifier in {**new.verdicts, **old.verdicts}
    )


def _by_run(results: Sequence[StoredResult]) -> dict[tuple[str, int], StoredResult]:
    seen: Counter[str] = Counter()
    keyed = {}
    for result in results:
        seen[result.subject] += 1
        keyed[result.subject, seen[result.subject]] = result
    return keyed


def _same_subjects(old: Counter[str], new: Counter[str]) -> None:
    extra = {"old": [n for n in old if n not in new], "new": [n for n in new if n not in old]}
    told = [f"only the {side} one has {_listed(names)}" for side, names in extra.items() if names]
    told += [
        f"{name!r} stands {old[name]} times in the old one and {new[name]} times in the new"
        for name in old
        if name in new and old[name] != new[name]
    ]
    if told:
        raise Incomparable(f"not the same subjects: {'; '.join(told)}")


def _listed(names: Sequence[str]) -> str:
    rest = f" and {len(names) - 3} more" if len(names) > 3 else ""  # noqa: PLR2004
    return ", ".join(map(repr, names[:3])) + rest
