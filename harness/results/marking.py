"""Points: what the verdicts are worth, for each line of a rubric, and why.

What could not be told is pending: it earns nothing. With too much of it no total is published.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Final

from harness.judge.requirement import Requirement, Tier
from harness.judge.story import STEPS, Group
from harness.judge.verdict import Outcome, Verdict

from .rubric import LEVELS, earns, worth

MOST_PENDING: Final = 0.2


@dataclass(frozen=True, slots=True)
class Award:
    """One line of a rubric and its points.

    `needs` are ids, groups ("reaping/*") or tiers. Each requirement among them that is met earns its
    share; with `whole`, all of them together earn all points. Without needs a person gives the points. A
    bonus does not raise the maximum. `text` is told to students.
    """

    name: str
    points: float
    needs: tuple[str, ...] = ()
    whole: bool = False
    bonus: bool = False
    text: str = ""

    def covers(self, requirement: Requirement) -> bool:
        """Whether a requirement is among this line's needs."""
        return any(
            need in {requirement.id, requirement.tier.value} or fnmatchcase(requirement.id, need)
            for need in self.needs
        )


@dataclass(frozen=True, slots=True)
class Marking:
    """All lines of a rubric; `most` is the highest total, where one is set."""

    awards: tuple[Award, ...] = ()
    most: float | None = None


@dataclass(frozen=True, slots=True)
class Override:
    """Points that a person gave or took, for a line of the rubric or a requirement, with a reason."""

    name: str
    points: float
    reason: str


@dataclass(frozen=True, slots=True)
class Feedback:
    """What students are told, and when. `hidden` ids and groups count, and are shown from `until` on.

    Before the `deadline`, with `before_deadline` "observed", causes and cures are kept back. Moments are
    ISO 8601, "" for never.
    """

    before_deadline: str = "all"
    deadline: str = ""
    hidden: tuple[str, ...] = field(default=())
    until: str = ""

    def hides(self, identifier: str, now: str) -> bool:
        """Whether the detail of this requirement is hidden at that moment."""
        is_early = not self.until or now < self.until
        return is_early and any(fnmatchcase(identifier, each) for each in self.hidden)

    def tells_cause(self, now: str) -> bool:
        """Whether cause and cure are shown at that moment."""
        return self.before_deadline != "observed" or bool(self.deadline and now >= self.deadline)


@dataclass(frozen=True, slots=True)
class Mark:
    """One line with the points earned and pending, and why: the ids that are not met.

    `unshown` are those of them that do not apply only because the server serves one client at a time.
    """

    award: Award
    earned: float
    pending: float
    because: tuple[str, ...]
    unshown: tuple[str, ...] = ()

    def name_told(self, feedback: Feedback, now: str) -> str:
        """The line's name; "hidden tests" where all that it needs is hidden then."""
        hidden = self.award.needs and all(feedback.hides(each, now) for each in self.award.needs)
        return "hidden tests" if hidden else self.award.name

    def text_told(self, feedback: Feedback, now: str) -> str:
        """The assignment's text for the line, unless the line's name is hidden at that moment."""
        return self.award.text if self.name_told(feedback, now) == self.award.name else ""


@dataclass(frozen=True, slots=True)
class Marks:
    """Points earned, and the maximum. `pending` are the points of what could not be told."""

    marks: tuple[Mark, ...]
    overrides: tuple[Override, ...]
    earned: float
    of: float
    pending: float

    def awaits_person(self, mark: Mark) -> bool:
        """Whether a person gives the points of this line, and has not done so yet."""
        return not mark.award.needs and all(each.name != mark.award.name for each in self.overrides)

    @property
    def is_published(self) -> bool:
        """False where more than a fifth of the points is pending: a total would say nothing."""
        return self.pending <= MOST_PENDING * self.of


def mark(
    marking: Marking,
    requirements: Sequence[Requirement],
    verdicts: Mapping[str, Verdict],
    overrides: Sequence[Override] = (),
    *,
    named_count: bool = False,
) -> Marks:
    """What the verdicts are worth. A line is left out when none of its requirements was judged.

    With `named_count`, a line that names requirements by id or group counts even so: they were not
    handed in.
    """
    marks = []
    for award in marking.awards:
        covered = [r.id for r in requirements if r.id in verdicts and award.covers(r)]
        if covered or not award.needs:
            marks.append(_mark(award, covered, verdicts))
        elif named_count and not set(award.needs) <= {tier.value for tier in Tier}:
            marks.append(Mark(award, 0.0, 0.0, ("not handed in",)))
    given = sum(each.points for each in overrides)
    earned = max(0.0, sum(each.earned for each in marks) + given)
    return Marks(
        tuple(marks),
        tuple(overrides),
        earned if marking.most is None else min(earned, marking.most),
        sum(each.award.points for each in marks if not each.award.bonus),
        sum(each.pending for each in marks if not each.award.bonus),
    )


def _mark(award: Award, covered: Sequence[str], verdicts: Mapping[str, Verdict]) -> Mark:
    if not covered:
        return Mark(award, 0.0, 0.0, ())
    counted = {each: worth(each, verdicts) for each in covered}
    short = tuple(each for each in covered if not earns(counted[each]))
    unshown = tuple(each for each in short if verdicts[each].outcome is Outcome.NOT_APPLICABLE)
    unsure = [each for each in short if counted[each] is Outcome.INCONCLUSIVE]
    if award.whole:
        pending = award.points if short and len(unsure) == len(short) else 0.0
        return Mark(award, 0.0 if short else award.points, pending, short, unshown)
    part = award.points / len(covered)
    return Mark(award, part * (len(covered) - len(short)), part * len(unsure), short, unshown)


def of_the_lecture(requirements: Sequence[Requirement]) -> Marking:
    """The default rubric: one point for each of the lecture's three levels that is reached."""
    awards: list[Award] = []
    groups: set[Group] = set()
    for number, added in enumerate(STEPS, start=1):
        groups |= set(added)
        ids = tuple(r.id for r in requirements if r.tier is Tier.LECTURE and r.group in groups)
        awards.append(Award(f"level {number}: {LEVELS[number]}", 1.0, ids, whole=True))
    return Marking(tuple(awards))
