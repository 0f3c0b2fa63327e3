"""Verdict and evidence: what was decided, and what a doubting student can check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeGuard

Fact = str | float | Sequence[str] | Sequence[int] | None  # float: bool and int, too (PEP 484)


class Outcome(StrEnum):
    """The five possible verdicts. Only PASS and FAIL say something about the subject."""

    PASS = "PASS"  # noqa: S105
    FAIL = "FAIL"
    INCONCLUSIVE = "INCONCLUSIVE"
    NOT_APPLICABLE = "NOT_APPLICABLE"
    BLOCKED = "BLOCKED"


@dataclass(frozen=True, slots=True)
class Evidence:
    """The facts behind a verdict. `observed` is one sentence; `facts` are its numbers, for machines.

    `where` is the line of source at which the server stood, if it was seen.
    """

    observed: str
    expected: str = ""
    cause: str = ""
    facts: Mapping[str, Fact] = field(default_factory=dict)
    where: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict on one requirement.

    `blocked_by` names the baseline that failed; `otherwise` is the verdict if that one passes after all.
    `breaks_baseline` is False for a failure that hides nothing: a wrong answer is still an answer.
    """

    outcome: Outcome
    evidence: Evidence
    blocked_by: str = ""
    breaks_baseline: bool = True
    otherwise: Verdict | None = None

    def by_cause(self, cause: str) -> Verdict:
        """This verdict with another cause; "" where none is known."""
        return replace(self, evidence=replace(self.evidence, cause=cause))

    def with_facts(self, **facts: Fact) -> Verdict:
        """This verdict with further facts."""
        return replace(self, evidence=replace(self.evidence, facts={**self.evidence.facts, **facts}))


def has_failed(verdict: Verdict | None) -> TypeGuard[Verdict]:
    """Whether there is this verdict, and it is a failure."""
    return verdict is not None and verdict.outcome is Outcome.FAIL


def passed(observed: str, **facts: Fact) -> Verdict:
    """The sentence held, and this shows it."""
    return Verdict(Outcome.PASS, Evidence(observed, facts=facts))


def failed(
    observed: str, *, expected: str, cause: str = "", breaks_baseline: bool = True, **facts: Fact
) -> Verdict:
    """The sentence did not hold. `cause` is an id of `causes`, given only when this evidence fits it."""
    evidence = Evidence(observed, expected, cause, facts)
    return Verdict(Outcome.FAIL, evidence, breaks_baseline=breaks_baseline)


def not_applicable(why: str) -> Verdict:
    """The sentence says nothing about this subject, or this cell cannot show it."""
    return Verdict(Outcome.NOT_APPLICABLE, Evidence(why))


def inconclusive(why: str) -> Verdict:
    """Nothing could be told; the reason lies with us or the machine, not with the subject."""
    return Verdict(Outcome.INCONCLUSIVE, Evidence(why))


def blocked(by: str, otherwise: Verdict | None = None) -> Verdict:
    """A baseline failed; that failure is reported once, at the baseline. `otherwise`: if it passes."""
    evidence = Evidence(f"not judged: {by} fails")
    return Verdict(Outcome.BLOCKED, evidence, blocked_by=by, otherwise=otherwise)
