"""Which verdicts of a result are explained at length, and in which order."""

from collections.abc import Iterator
from typing import Final

from harness.judge.requirement import Requirement
from harness.judge.verdict import Outcome, Verdict
from harness.results.result import Result

_MANY: Final = {Outcome.INCONCLUSIVE: 3, Outcome.NOT_APPLICABLE: 6, Outcome.BLOCKED: 6}


def opened(result: Result) -> Iterator[tuple[Requirement, Verdict]]:
    """The verdicts that get more than a line: FAIL before INCONCLUSIVE, what counts before the rest."""
    again = told_already(result)
    chosen = [
        (requirement, result.verdicts[requirement.id])
        for requirement in result.requirements
        if result.verdicts[requirement.id].outcome in {Outcome.FAIL, Outcome.INCONCLUSIVE}
        and requirement.id not in again
    ]
    yield from sorted(
        chosen, key=lambda pair: (pair[1].outcome is not Outcome.FAIL, not result.rubric.counts(pair[0]))
    )


def told_already(result: Result) -> dict[str, str]:
    """Verdicts that one reason explains, all but the first of them: id and reason."""
    reasons: dict[tuple[Outcome, str], list[str]] = {}
    for requirement in result.requirements:
        verdict = result.verdicts[requirement.id]
        reasons.setdefault((verdict.outcome, verdict.evidence.observed), []).append(requirement.id)
    return {
        identifier: reason
        for (outcome, reason), ids in reasons.items()
        if len(ids) >= _MANY.get(outcome, len(ids) + 1)
        for identifier in ids[1:]
    }
