"""Everything that was decided about one subject, as every face shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Self

from harness.judge import another
from harness.judge.contradictions import withdrawn
from harness.judge.diagnosis import Diagnosis, diagnose, written_in
from harness.judge.one_mistake import by_one_cause
from harness.judge.requirement import Requirement, Tier, judge_all
from harness.judge.verdict import Outcome, Verdict
from harness.record.events import Built, Submitted
from harness.record.recording import Recording
from harness.record.role import Role

from .assignment import Assignment
from .marking import Marks, mark
from .rubric import ADDRESS, LEVELS, Rubric, exit_status, is_least, level, stoppers

_MOST_STOPPERS: Final = 2


@dataclass(frozen=True, slots=True)
class Result:
    """Verdicts in the requirements' order, with the recordings from which they were drawn.

    `level` is None when only some requirements were judged: a level needs all of them. Clients and pairs
    have no level.
    """

    subject: str
    cell: str
    refusals: tuple[str, ...]
    seed: int
    requirements: tuple[Requirement, ...]
    verdicts: Mapping[str, Verdict]
    recordings: Mapping[str, Recording]
    level: int | None
    diagnosis: Diagnosis
    rubric: Rubric
    retried: tuple[str, ...] = ()
    assignment: Assignment = field(default_factory=Assignment)

    @property
    def exit_status(self) -> int:
        """0: all that counts is met; 1: something failed; 2: something could not be told."""
        return exit_status(self.requirements, self.verdicts, self.rubric)

    @property
    def is_least(self) -> bool:
        """Whether the level may be higher, as far as one counts here: the next could not be told."""
        if self.level is None or self.level >= self.rubric.goal:
            return False
        return is_least(self.requirements, self.verdicts, self.level)

    @property
    def level_told(self) -> str:
        """The level as a row of a table has it; "" without one."""
        if self.level is None:
            return ""
        return f"at least {self.level}" if self.is_least else f"{self.level}"

    @property
    def level_means(self) -> str:
        """The meaning of the level, in words; "" without one. What could not be told never lowers it."""
        if self.level is None:
            return ""
        return f"level {self.level + 1} could not be told" if self.is_least else LEVELS[self.level]

    @property
    def headline(self) -> str:
        """How far it has come, and what stops it there, as a title; "" without a level."""
        if self.level is None:
            return ""
        reached = "at least" if self.is_least else "reached"
        goal = max(self.rubric.goal, self.level)
        told = f"Level {self.level} of {goal} {reached}"
        means = f", {elsewhere}" if (elsewhere := self._is_elsewhere) else f": {self.level_means}"
        return "; ".join(filter(None, [told + means, self.next_level_needs or self._fails_beyond]))

    @property
    def _is_elsewhere(self) -> str:
        """Where it listens, if its clients look elsewhere; "" otherwise."""
        address = self.verdicts.get(ADDRESS)
        if (
            address is None
            or address.outcome is not Outcome.FAIL
            or "port" not in address.evidence.facts
        ):
            return ""
        return f"but it listens on port {address.evidence.facts['port']}, not where its clients look"

    @property
    def _fails_beyond(self) -> str:
        """How much fails above the highest level that counts, in words; "" for nothing."""
        beyond = [
            each
            for each in self.requirements
            if self.verdicts[each.id].outcome is Outcome.FAIL and not self.rubric.counts(each)
        ]
        many = len(beyond)
        if not many or (self.level or 0) < self.rubric.goal:
            return ""
        if all(each.tier is Tier.ADVISORY for each in beyond):
            return f"{many} {'piece of advice is' if many == 1 else 'pieces of advice are'} not followed"
        return f"beyond that {many} {'requirement fails' if many == 1 else 'requirements fail'}"

    @property
    def next_level_needs(self) -> str:
        """The requirements of the next level that fail and count: "level 2 (concurrent) needs ..."."""
        if self.level is None or self.level >= self.rubric.goal:
            return ""
        stops = stoppers(self.requirements, self.verdicts, self.level)
        if not stops:
            return ""
        more = len(stops) - _MOST_STOPPERS
        named = [*stops[:_MOST_STOPPERS], *([f"{more} more"] if more > 0 else [])]
        needs = " and ".join(filter(None, [", ".join(named[:-1]), named[-1]]))
        return f"level {self.level + 1} ({LEVELS[self.level + 1]}) needs {needs}"

    @property
    def marks(self) -> Marks | None:
        """The points; None where the assignment gives none."""
        marking = self.assignment.marking
        return None if marking is None else mark(marking, self.requirements, self.verdicts)

    @property
    def warnings(self) -> str:
        """The compiler's warnings, where it built the program all the same; "" without any."""
        events = (recording.first(Built) for recording in self.recordings.values())
        return next((event.data.decode("utf-8", "replace") for event in events if event), "").strip()

    @property
    def written_in(self) -> str:
        """The name of a source, which tells the language in which causes are told."""
        return written_in(self.recordings) or self.subject

    def abridged(self) -> Self:
        """This result without most of its recordings: small, and enough for a class's grade book."""
        kept = {name: each.only(Built, Submitted) for name, each in self.recordings.items()}
        return replace(self, recordings=kept)


def decide(
    requirements: Sequence[Requirement],
    recordings: Mapping[str, Recording],
    rubric: Rubric,
    *,
    only: Sequence[str] = (),
    retried: Sequence[str] = (),
    assignment: Assignment | None = None,
) -> Result:
    """Judge the recordings of one subject. The same recordings give the same result on every face.

    `only` limits what is shown and counted to these requirements, and to a baseline that blocks them.
    """
    verdicts = judge_all(requirements, recordings)
    chosen = {*only, *(verdicts[identifier].blocked_by for identifier in only)}
    shown = tuple(r for r in requirements if not only or r.id in chosen)
    any_recording = next(iter(recordings.values()))
    verdicts = withdrawn(requirements, recordings, verdicts)
    verdicts = by_one_cause(requirements, recordings, verdicts)
    kept = another.traits(recordings, verdicts)
    is_server = any(each.group.role is Role.SERVER for each in requirements)
    return Result(
        subject=any_recording.subject,
        cell=any_recording.cell,
        refusals=any_recording.refusals,
        seed=any_recording.seed,
        requirements=shown,
        verdicts={r.id: verdicts[r.id] for r in shown},
        recordings=recordings,
        level=None if only or not is_server else level(requirements, verdicts),
        diagnosis=diagnose(
            recordings,
            verdicts,
            requirements,
            another.sentence(kept, any_recording.target or any_recording.subject),
        ),
        rubric=rubric,
        retried=tuple(retried),
        assignment=assignment or Assignment(),
    )


def inconclusive_scenarios(
    requirements: Sequence[Requirement], recordings: Mapping[str, Recording]
) -> list[str]:
    """The scenarios behind INCONCLUSIVE verdicts, which are to be played once more, alone."""
    verdicts = judge_all(requirements, recordings)
    return list(
        dict.fromkeys(r.scenario for r in requirements if verdicts[r.id].outcome is Outcome.INCONCLUSIVE)
    )
