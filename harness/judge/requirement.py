"""A requirement: one sentence with a permanent id, and the pure function that decides it."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, Protocol

from harness.record.contract import Contract
from harness.record.events import Started
from harness.record.missing import Missing
from harness.record.recording import Recording

from . import crashes
from .children import forks_on
from .decided import once
from .our_limits import met_our_limit
from .patience import threw_out_in_time
from .standing import in_its_words, raised, stood
from .story import Group, group_of
from .verdict import Outcome, Verdict, blocked, inconclusive, not_applicable

Judgement = Callable[[Recording], Verdict]
ANSWERS: Final = "service/reply"
LISTENS: Final = "contract/listens"
IDLE: Final = "contract/idle-timeout"
_EXITS: Final = "fork/child-exits"
_OF_A_LOCK: Final = frozenset({"lock-around-service", "handler-under-lock", "lock-kept"})
_NOBODY_STOOD: Final = frozenset({"turns-away", "ends-when-two-come", "one-shot"})
_NOT_PLAYED: Final = "not played: "
LEFT_OUT: Final = "it was left out of this run"


def _always(_: Contract) -> str:
    return ""


class Tier(StrEnum):
    """How much is asked: the lecture's slides, a robust server, or advice."""

    LECTURE = "lecture"
    ROBUST = "robust"
    ADVISORY = "advisory"


class Scenario(Protocol):
    """The part of a scenario that a requirement needs: its name, and how many clients it brings."""

    @property
    def name(self) -> str:
        """The scenario's name, unique among scenarios."""
        ...

    @property
    def clients(self) -> int:
        """The most clients that it has at once."""
        ...


@dataclass(frozen=True, slots=True)
class Requirement:
    """One sentence, its source, its baselines, and its judgement.

    `slide` says where it comes from: slides by number, or "beyond; " and another source. `needs` are the
    ids of its baselines: when one of them fails, this is BLOCKED. `by_hand` lists ordinary commands with
    which a doubting student sees the same without forkspec. `clients` is how many come at once.
    `unless` says why a contract does not ask for it, "" where it does: then it is NOT_APPLICABLE,
    whatever else fails.
    """

    id: str
    says: str
    slide: str
    tier: Tier
    scenario: str
    needs: tuple[str, ...]
    why: str
    by_hand: str
    judge: Judgement
    unless: Callable[[Contract], str] = _always
    clients: int = 0

    def not_asked(self, contract: Contract) -> str:
        """Why a contract does not ask for it; "" where it does."""
        most = contract.most_at_once
        if most and self.clients > most:
            return f"the assignment lets {most} clients in at once; this brings up to {self.clients}"
        return self.unless(contract)

    @property
    def group(self) -> Group:
        """The group, which is the first word of the id."""
        return group_of(self.id)

    @property
    def source(self) -> str:
        """The source of the sentence, in words: "slide 12", or a man page, an RFC, a section of UNP."""
        if self.slide[:1].isdigit():
            return f"slide {self.slide}"
        return self.slide.removeprefix("beyond; ")

    def decide(self, recording: Recording) -> Verdict:
        """The verdict on one recording. What is missing from it can only be INCONCLUSIVE.

        So is a judgement that raises an error: our bug is never the student's grade. A run that broke
        off proves no absence, and can be neither PASS nor NOT_APPLICABLE.
        """
        try:
            why = self.not_asked(recording.contract)
            verdict = not_applicable(why) if why else self.judge(recording)
            blames = verdict.outcome in {Outcome.FAIL, Outcome.BLOCKED}
        except Missing as missing:
            return inconclusive(_why_untold(recording, str(missing)))
        except Exception as error:  # noqa: BLE001  (the one boundary)
            return inconclusive(f"forkspec's own judgement broke: {error!r}")
        if blames and (why := self._excuse(recording, verdict)):
            return inconclusive(why)
        if not recording.is_finished and verdict.outcome in {Outcome.PASS, Outcome.NOT_APPLICABLE}:
            return inconclusive(_why_untold(recording))
        if verdict.outcome is not Outcome.FAIL:
            return verdict
        evidence = verdict.evidence
        where = raised(recording, evidence.observed)
        if not where and evidence.cause not in _NOBODY_STOOD:
            where = stood(recording, waits_for_a_lock=evidence.cause in _OF_A_LOCK)
        cause = evidence.cause or crashes.why(recording, evidence.observed)
        observed, where = (in_its_words(recording, each) for each in (evidence.observed, where))
        if recording.came_before:
            pause_s = round(recording.paused_before_s)
            since = f", {pause_s} s ago" if pause_s else ""
            observed = f"after {recording.came_before} clients had come and gone{since}: {observed}"
        return replace(verdict, evidence=replace(evidence, observed=observed, where=where, cause=cause))

    def _excuse(self, recording: Recording, verdict: Verdict) -> str:
        """Why a failure does not count, for this requirement or as a baseline; "" when it does."""
        is_runaway = verdict.evidence.facts.get("runaway")  # forks without end: our limit is no excuse
        if recording.lost_its_cell:
            return _why_untold(recording)
        if met_our_limit(recording) and not is_runaway:
            return "the server met a limit of forkspec's own: nothing shown counts"
        if self.id != IDLE and threw_out_in_time(recording):
            return (
                "a client was thrown out for its silence before its turn came, as the assignment wants"
            )
        return ""


def requirement(
    id: str,  # noqa: A002  (the catalogue's own word)
    *,
    scenario: Scenario,
    slide: str,
    tier: str,
    says: str,
    why: str,
    by_hand: str,
    needs: Sequence[str] = (LISTENS, ANSWERS),
    unless: Callable[[Contract], str] = _always,
) -> Callable[[Judgement], Judgement]:
    """Declare that the decorated function is the judgement of a requirement.

    Raises:
        TypeError: the `slide` is no text; the author's, as a ValueError for an unknown `tier` is.
    """
    if not isinstance(slide, str):
        raise TypeError(f"slide={slide!r} of {id} is no text, such as '6-9, 14' or 'beyond; accept(2)'")

    def declare(judge: Judgement) -> Judgement:
        judge.requirement = Requirement(  # type: ignore[attr-defined]
            id,
            says,
            slide,
            Tier(tier),
            scenario.name,
            tuple(needs),
            why,
            by_hand,
            judge,
            unless,
            scenario.clients,
        )
        return judge

    return declare


def judge_all(
    requirements: Sequence[Requirement], recordings: Mapping[str, Recording]
) -> dict[str, Verdict]:
    """Decide every requirement, baselines before what needs them; keys are ids, in the given order.

    `recordings` are by scenario name; a scenario that was not played gives INCONCLUSIVE.
    """
    by_id = {each.id: each for each in requirements}
    any_of_them = next(iter(recordings.values()), None)
    decided: dict[str, Verdict] = {}
    endless = any(once("forks on", each, _is_endless) for each in recordings.values())

    def decide(each: Requirement) -> Verdict:
        if each.id in decided:
            return decided[each.id]
        recording = recordings.get(each.scenario, any_of_them)
        if why := each.not_asked(recording.contract if recording is not None else Contract()):
            decided[each.id] = not_applicable(why)
            return decided[each.id]
        for need in () if endless and each.id == _EXITS else each.needs:
            if need in by_id and (broken := _broken_by(need, decide(by_id[need]))):
                decided[each.id] = blocked(broken)
                return decided[each.id]
        untold = next((need for need in each.needs if need in by_id and _is_untold(decided[need])), "")
        why = _not_played(untold, decided[untold]) if untold else ""
        verdict = decided[each.id] = _decided(each, recordings.get(each.scenario), untold, why)
        if _is_untold(verdict) and endless:  # each play of it would end at our limit
            decided[each.id] = blocked(_EXITS)
        if verdict.blocked_by in by_id:
            decided[each.id] = _unless_it_holds(verdict, decide(by_id[verdict.blocked_by]))
        return decided[each.id]

    return {each.id: decide(each) for each in requirements}


def _is_endless(recording: Recording) -> bool:
    """Whether a child forks without end once it has served: our limit ends every run of its server."""
    with suppress(Missing):
        return forks_on(recording) is not None
    return False


def _unless_it_holds(verdict: Verdict, other: Verdict) -> Verdict:
    """What a judgement's BLOCKED comes to, given the verdict on the requirement that it blames.

    It has inferred from its own recording that the other fails; the other's recording decides that.
    """
    if other.outcome is Outcome.BLOCKED:
        return blocked(other.blocked_by)
    if other.outcome is not Outcome.PASS:
        return verdict
    by = verdict.blocked_by
    return verdict.otherwise or inconclusive(f"{by} did not hold here, and holds when tried by itself")


def _not_played(untold: str, verdict: Verdict) -> str:
    """Why a scenario was not played: which baseline is INCONCLUSIVE, and for which reason."""
    reason = verdict.evidence.observed
    return (
        reason
        if reason.startswith(_NOT_PLAYED)
        else f"{_NOT_PLAYED}{untold} could not be told: {reason}"
    )


def _decided(each: Requirement, recording: Recording | None, untold: str, why: str) -> Verdict:
    """The verdict; `untold` is a baseline that is INCONCLUSIVE, and `why` the reason for all such."""
    if recording is not None:
        verdict = once((each.id, each.judge, each.unless), recording, each.decide)
        if not _is_untold(verdict) or recording.ran_out or untold != LISTENS:
            return verdict
    if untold:
        return inconclusive(why)
    return inconclusive(LEFT_OUT)


def _is_untold(verdict: Verdict) -> bool:
    return verdict.outcome is Outcome.INCONCLUSIVE


def _why_untold(recording: Recording, missing: str = "") -> str:
    """One sentence: what is missing, and why the recording breaks off, if it does."""
    never_began = recording.broke_off and recording.first(Started) is None
    if recording.ran_out or never_began:
        return recording.broke_off.removeprefix("broken off: ")
    if missing:
        told = not recording.broke_off or missing in recording.broke_off
        return missing if told else f"{missing} ({recording.broke_off})"
    return recording.broke_off or "the recording breaks off before the scenario's end"


def _broken_by(need: str, verdict: Verdict) -> str:
    """The id of the baseline that failed first; "" when this baseline holds."""
    match verdict.outcome:
        case Outcome.FAIL:
            return need if verdict.breaks_baseline else ""
        case Outcome.BLOCKED:
            return verdict.blocked_by
        case _:
            return ""
