"""Points: what the verdicts are worth, for each line of a rubric, and why.

What could not be told is pending: it earns nothing. With too much of it no total is published.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Final

from harness.judge.requirement import Requirement, Tier
from harness.judge.story import STEPS, Group
from harness.judge.verdict import Outcome, Verdict

from .lateness import LATE, Lateness
from .rubric import LEVELS, earns, worth

MOST_PENDING: Final = 0.2
TOTAL: Final = "total"
_SAME: Final = 1e-9


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
    """Points that a person gave or took, for a line of the rubric or a requirement, with a reason.

    With `sets` the line, or "total", is worth `points`, whatever was earned. Either settles what was
    pending there.
    """

    name: str
    points: float
    reason: str
    sets: bool = False

    @property
    def told(self) -> str:
        """The points as a report has them: "+2", or "=2"."""
        number = f"{round(self.points, 2):{'' if self.sets else '+'}g}"
        return f"={number}" if self.sets else number


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
    """One line's points and the ids that are not met; `unshown` are those that do not apply."""

    award: Award
    earned: float
    pending: float
    because: tuple[str, ...]
    unshown: tuple[str, ...] = ()
    is_settled: bool = False

    @property
    def is_passed(self) -> bool:
        """Whether nothing is missing: by the verdicts, or where a person has decided, by the points."""
        if self.is_settled:
            return self.earned >= self.award.points - _SAME
        return not self.because

    def because_told(self, feedback: Feedback, now: str) -> list[str]:
        """The ids that are not met, without those that are hidden at that moment."""
        return [each for each in self.because if not feedback.hides(each, now)]

    def name_told(self, feedback: Feedback, now: str) -> str:
        """The line's name; "hidden tests" where all that it needs is hidden then."""
        hidden = self.award.needs and all(feedback.hides(each, now) for each in self.award.needs)
        return "hidden tests" if hidden else self.award.name

    def text_told(self, feedback: Feedback, now: str) -> str:
        """The assignment's text for the line, unless the line's name is hidden at that moment."""
        return self.award.text if self.name_told(feedback, now) == self.award.name else ""


@dataclass(frozen=True, slots=True)
class Marks:
    """Points `earned` (before `late`), the maximum, and `pending` for what could not be told."""

    marks: tuple[Mark, ...]
    overrides: tuple[Override, ...]
    earned: float
    of: float
    pending: float
    late: Lateness | None = None

    def awaits_person(self, mark: Mark) -> bool:
        """Whether a person gives the points of this line, and has not done so yet."""
        return not mark.award.needs and all(each.name != mark.award.name for each in self.overrides)

    @property
    def is_settled(self) -> bool:
        """Whether a person has said what the total is."""
        return any(each.name == TOTAL and each.sets for each in self.overrides)

    @property
    def beside_lines(self) -> tuple[Override, ...]:
        """The points from a person for things that are no line of the rubric: no line holds them."""
        lines = {LATE, *(each.award.name for each in self.marks)}
        return tuple(each for each in self.overrides if each.name not in lines)

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
    late: Lateness | None = None,
) -> Marks:
    """What the verdicts are worth. A line is left out when none of its requirements was judged.

    `late` takes its percent of what was earned, before a person says what the total is.

    With `named_count`, a line that names requirements by id or group counts even so: they were not
    handed in.
    """
    marks, given = [], {each.name: each for each in _merged(overrides)}
    for award in marking.awards:
        covered = [r.id for r in requirements if r.id in verdicts and award.covers(r)]
        if covered or not award.needs:
            marks.append(_settled(_mark(award, covered, verdicts, given), given.get(award.name)))
        elif named_count and not set(award.needs) <= {tier.value for tier in Tier}:
            marks.append(_settled(Mark(award, 0.0, 0.0, ("not handed in",)), given.get(award.name)))
    lines = {each.award.name for each in marks}
    beside = sum(each.points for each in given.values() if each.name not in lines and not each.sets)
    earned = max(0.0, sum(each.earned for each in marks) + beside)
    earned = earned if marking.most is None else min(earned, marking.most)
    earned *= 1 - (late.percent if late else 0.0) / 100
    pending = sum(each.pending for each in marks if not each.award.bonus)
    if TOTAL in given and given[TOTAL].sets:
        earned, pending = given[TOTAL].points, 0.0
    return Marks(
        tuple(marks),
        tuple(given.values()),
        earned,
        sum(each.award.points for each in marks if not each.award.bonus),
        pending,
        late,
    )


def _merged(overrides: Sequence[Override]) -> list[Override]:
    """One for each name, in the order of the names; what sets points replaces all that came earlier."""
    found: dict[str, Override] = {}
    for each in overrides:
        before = found.get(each.name)
        if before is not None and not each.sets:
            reason = "; ".join(dict.fromkeys((before.reason, each.reason)))
            found[each.name] = replace(before, points=before.points + each.points, reason=reason)
        else:
            found[each.name] = each
    return list(found.values())


def _settled(line: Mark, given: Override | None) -> Mark:
    """The line as a person has decided, within its own points."""
    if given is None:
        return line
    earned = given.points if given.sets else line.earned + given.points
    earned = min(max(earned, 0.0), line.award.points)
    return replace(line, earned=earned, pending=0.0, is_settled=True)


def _mark(
    award: Award, covered: Sequence[str], verdicts: Mapping[str, Verdict], given: Collection[str]
) -> Mark:
    if not covered:
        return Mark(award, 0.0, 0.0, ())
    counted = {each: worth(each, verdicts) for each in covered}
    short = tuple(each for each in covered if not earns(counted[each]))
    unshown = tuple(each for each in short if verdicts[each].outcome is Outcome.NOT_APPLICABLE)
    unsure = [each for each in short if counted[each] is Outcome.INCONCLUSIVE and each not in given]
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
