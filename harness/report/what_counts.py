"""Marks in a report for what counts: word and star of a row, tallies, why a failure does not."""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from harness.judge.causes import CAUSES
from harness.judge.requirement import Requirement, Tier
from harness.judge.verdict import Outcome, Verdict
from harness.results.result import Result

_TALLIED: Final = {
    Outcome.PASS: ("passed", "passed"),
    Outcome.NOT_APPLICABLE: ("does not apply", "do not apply"),
    Outcome.FAIL: ("failed", "failed"),
    Outcome.BLOCKED: ("blocked", "blocked"),
    Outcome.INCONCLUSIVE: ("could not be told", "could not be told"),
}
MET: Final = frozenset({"PASS", "n/a"})  # words of what is met
_MEANS: Final = {
    "BEYOND": "fails, and does not count",
    "BLOCKED": "not judged, since something else fails",
    "INCONCLUSIVE": "could not be told",
    "n/a": "does not apply",
}
_ONLY_LECTURE: Final = "this fails, but does not count:"
_NO_MORE_ASKED: Final = {
    Tier.ROBUST: "it is asked of a program in real use, and not yet in the lecture's exercise",
    Tier.ADVISORY: "it is advice, and no demand of the lecture",
}


def word_for(result: Result, requirement: Requirement) -> str:
    """The word in the table: a FAIL that does not count is BEYOND, and NOT_APPLICABLE is n/a."""
    outcome = result.verdicts[requirement.id].outcome
    if outcome is Outcome.FAIL and not result.rubric.counts(requirement):
        return "BEYOND"
    return "n/a" if outcome is Outcome.NOT_APPLICABLE else outcome.value


def words_for(result: Result) -> dict[str, str]:
    """The word of each requirement that was judged, by its id."""
    return {each.id: word_for(result, each) for each in result.requirements}


def star(result: Result, requirement: Requirement) -> str:
    """The sign behind the id of a requirement that counts, in a table where not all do."""
    is_marked = result.rubric.counts(requirement) and not all(
        map(result.rubric.counts, result.requirements)
    )
    return " *" if is_marked else ""


def signs_told(result: Result) -> str:
    """The meaning of the star and the words in the table, of those that a reader may mistake."""
    words = set(words_for(result).values())
    told = ["* counts"] if any(star(result, each) for each in result.requirements) else []
    told += [f"{word}: {means}" for word, means in _MEANS.items() if word in words]
    return "; ".join(told)


def counted(result: Result, *, counts: bool) -> str:
    """How many count, or do not, and what came of them: "3 ...: 2 passed, 1 failed"; "" for none."""
    asked = [r for r in result.requirements if result.rubric.counts(r) is counts]
    if not asked:
        return ""
    count = "requirement that counts" if len(asked) == 1 else "requirements that count"
    whose = count if counts else "beyond the lecture"
    failed = {r.id for r in asked if result.verdicts[r.id].outcome is Outcome.FAIL}
    advice = sum(r.id in failed and r.tier is Tier.ADVISORY and not counts for r in asked)
    rest = (r.id for r in asked if counts or r.id not in failed or r.tier is not Tier.ADVISORY)
    told = [tallied(result.verdicts[each] for each in rest)]
    told += [f"{advice} piece{'' if advice == 1 else 's'} of advice not followed"] if advice else []
    return f"{len(asked)} {whose}: {', '.join(filter(None, told))}"


def tallied(verdicts: Iterable[Verdict]) -> str:
    """How many there are of each kind: "2 passed, 1 failed"."""
    tally = Counter(each.outcome for each in verdicts)
    told = [
        f"{tally[outcome]} {one if tally[outcome] == 1 else many}"
        for outcome, (one, many) in _TALLIED.items()
        if tally[outcome]
    ]
    return ", ".join(told)


def beyond(result: Result, requirement: Requirement, verdict: Verdict) -> str:
    """Why a failure that does not count does not, and what it keeps from counting all the same."""
    cause = CAUSES.get(verdict.evidence.cause)
    if cause is not None and cause.from_slide:
        why = "the lecture's slide does the same"
    else:
        why = _NO_MORE_ASKED.get(requirement.tier, "it lies beyond what counts here")
    stops = [
        each.id
        for each in result.requirements
        if result.rubric.counts(each) and result.verdicts[each.id].blocked_by == requirement.id
    ]
    but = (
        f". But {', '.join(stops)}, which counts, cannot be judged until this is mended" if stops else ""
    )
    return f"{_ONLY_LECTURE} {why}{but}"
