"""Decides what counts, and which level a server has reached."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from harness.judge.requirement import Requirement, Tier
from harness.judge.story import STEPS, Group, group_of
from harness.judge.verdict import Outcome, Verdict
from harness.record.role import Role

_RANK: Final = {Tier.LECTURE: 0, Tier.ROBUST: 1, Tier.ADVISORY: 2}
MET: Final = frozenset({Outcome.PASS, Outcome.NOT_APPLICABLE})
STARTS: Final = "contract/starts"
CONCURRENT: Final = "concurrency/silent-client"
ADDRESS: Final = "contract/address"
_ASKED_OF_CHILDREN: Final = frozenset({Group.FORK, Group.REAPING})
LEVELS: Final = (
    "something basic is still missing",
    "answers",
    "concurrent",
    "all that the lecture asks for",
    "holds beyond the lecture",
)


@dataclass(frozen=True, slots=True)
class Rubric:
    """Which requirements count: those up to a tier, or all of them."""

    tier: Tier = Tier.LECTURE
    strict: bool = False

    def counts(self, requirement: Requirement) -> bool:
        """False for a requirement beyond the tier: it is shown, and does not touch the exit status."""
        return self.strict or _RANK[requirement.tier] <= _RANK[self.tier]

    @property
    def goal(self) -> int:
        """The highest level that can be reached by what counts."""
        return 4 if self.strict or self.tier is not Tier.LECTURE else 3


def met(verdict: Verdict) -> bool:
    """Whether nothing is left to do: the requirement holds, or does not apply."""
    return earns(verdict.outcome)


def worth(identifier: str, verdicts: Mapping[str, Verdict]) -> Outcome:
    """What a verdict counts as where points are given: as itself, but for two cases.

    What is asked of children does not apply to a server that has none. That earns points where the
    server serves many clients without them, and not where it serves them one by one. And of a server
    that never started nothing was shown: what does not apply to it earns nothing.
    """
    outcome = verdicts[identifier].outcome
    if outcome is not Outcome.NOT_APPLICABLE:
        return outcome
    group = group_of(identifier)
    if STARTS in verdicts and group.role is Role.SERVER and not met(verdicts[STARTS]):
        return verdicts[STARTS].outcome
    if group in _ASKED_OF_CHILDREN and CONCURRENT in verdicts:
        return verdicts[CONCURRENT].outcome
    return outcome


def is_for_want_of_children(identifier: str) -> bool:
    """Whether what does not apply, and earns nothing, asks for children."""
    return group_of(identifier) in _ASKED_OF_CHILDREN


def earns(outcome: Outcome) -> bool:
    """Whether what counts as this earns its points."""
    return outcome in MET


def level(requirements: Sequence[Requirement], verdicts: Mapping[str, Verdict]) -> int:
    """The level that the server has reached, 0 to 4. Each level needs those below it (see LEVELS)."""
    steps = _steps(requirements)
    short = (n for n, asked in enumerate(steps) if not all(met(verdicts[r.id]) for r in asked))
    return next(short, len(steps))


def is_least(requirements: Sequence[Requirement], verdicts: Mapping[str, Verdict], reached: int) -> bool:
    """Whether the level may be higher: what the next one asks for is met, or INCONCLUSIVE."""
    steps = _steps(requirements)
    asked = steps[reached] if reached < len(steps) else []
    return {verdicts[r.id].outcome for r in asked} - MET == {Outcome.INCONCLUSIVE}


def stoppers(
    requirements: Sequence[Requirement], verdicts: Mapping[str, Verdict], reached: int
) -> list[str]:
    """The ids of what fails and so stops the next level: its own requirements, or what blocks them."""
    steps = _steps(requirements)
    asked = {r.id: verdicts[r.id] for r in (steps[reached] if reached < len(steps) else [])}
    own = [identifier for identifier, v in asked.items() if v.outcome is Outcome.FAIL]
    return own or list(dict.fromkeys(v.blocked_by for v in asked.values() if v.blocked_by))


def _steps(requirements: Sequence[Requirement]) -> list[list[Requirement]]:
    """The requirements that each level adds: the lecture's groups, and then all of robust."""
    lecture = [r for r in requirements if r.tier is Tier.LECTURE]
    robust = [r for r in requirements if r.tier is Tier.ROBUST]
    return [*([r for r in lecture if r.group in groups] for groups in STEPS), robust]


def exit_status(
    requirements: Sequence[Requirement], verdicts: Mapping[str, Verdict], rubric: Rubric
) -> int:
    """0: all that counts is met; 1: something failed; 2: something could not be told."""
    outcomes = {verdicts[r.id].outcome for r in requirements if rubric.counts(r) and r.id in verdicts}
    if outcomes & {Outcome.FAIL, Outcome.BLOCKED}:
        return 1
    return 2 if Outcome.INCONCLUSIVE in outcomes else 0
