"""A requirement: one sentence with a permanent id, and the pure function that decides it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, Protocol

from .recording import Missing, Recording
from .standing import stood
from .verdict import Outcome, Verdict, blocked, inconclusive

Judgement = Callable[[Recording], Verdict]
ANSWERS: Final = "service/reply"
LISTENS: Final = "contract/listens"


class Tier(StrEnum):
    """How much is asked: the lecture's slides, a robust server, or advice."""

    LECTURE = "lecture"
    ROBUST = "robust"
    ADVISORY = "advisory"


class Scenario(Protocol):
    """What a requirement needs to know of its stimulus: its name."""

    @property
    def name(self) -> str:
        """The scenario's name, unique among scenarios."""
        ...


@dataclass(frozen=True, slots=True)
class Requirement:
    """One sentence, where it comes from, what it needs, and its judgement.

    `slide` says where it comes from: slides by number, or "beyond; " and another source. `needs` are
    its baselines by id: when one fails, this is BLOCKED. `by_hand` lists ordinary
    commands with which a doubting student sees the same without forkspec.
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

    @property
    def source(self) -> str:
        """Where it comes from, in words: "slide 12", or a man page, an RFC, a section of UNP."""
        if self.slide[:1].isdigit():
            return f"slide {self.slide}"
        return self.slide.removeprefix("beyond; ")

    def decide(self, recording: Recording) -> Verdict:
        """The verdict of one recording; what is missing from it can only be INCONCLUSIVE.

        So is a judgement that breaks: our bug is never the student's grade. A run that broke off
        proves no absence: it can neither PASS nor be NOT_APPLICABLE.
        """
        try:
            verdict = self.judge(recording)
        except Missing as missing:
            broke_off = f" ({recording.broke_off})" if recording.broke_off else ""
            return inconclusive(f"{missing}{broke_off}")
        except Exception as error:  # noqa: BLE001  (the one boundary)
            return inconclusive(f"forkspec's own judgement broke: {error!r}")
        if verdict.outcome is Outcome.FAIL and recording.met_our_limit and not verdict.is_runaway:
            return inconclusive("the server met a limit of forkspec's own: nothing shown counts")
        if not recording.is_finished and verdict.outcome in {Outcome.PASS, Outcome.NOT_APPLICABLE}:
            why = recording.broke_off or "the recording breaks off before the scenario's end"
            return inconclusive(why)
        if verdict.outcome is Outcome.FAIL and (where := stood(recording)):
            return replace(verdict, evidence=replace(verdict.evidence, where=where))
        return verdict


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
) -> Callable[[Judgement], Judgement]:
    """Declare the decorated function to be the judgement of a requirement."""

    def declare(judge: Judgement) -> Judgement:
        judge.requirement = Requirement(  # type: ignore[attr-defined]
            id, says, slide, Tier(tier), scenario.name, tuple(needs), why, by_hand, judge
        )
        return judge

    return declare


def judge_all(
    requirements: Sequence[Requirement], recordings: Mapping[str, Recording]
) -> dict[str, Verdict]:
    """Every requirement decided, baselines before what needs them; keys are ids, in given order.

    `recordings` are by scenario name; a scenario that was not run gives INCONCLUSIVE.
    """
    by_id = {each.id: each for each in requirements}
    decided: dict[str, Verdict] = {}

    def decide(each: Requirement) -> Verdict:
        if each.id in decided:
            return decided[each.id]
        for need in each.needs:
            if need in by_id and (broken := _broken_by(need, decide(by_id[need]))):
                decided[each.id] = blocked(broken)
                return decided[each.id]
        recording = recordings.get(each.scenario)
        if recording is None:
            decided[each.id] = inconclusive(f"the scenario {each.scenario} was not run")
        else:
            decided[each.id] = each.decide(recording)
        return decided[each.id]

    return {each.id: decide(each) for each in requirements}


def _broken_by(need: str, verdict: Verdict) -> str:
    """The id of the baseline that really failed, "" when this one holds."""
    match verdict.outcome:
        case Outcome.FAIL:
            return need if verdict.breaks_baseline else ""
        case Outcome.BLOCKED:
            return verdict.blocked_by
        case _:
            return ""
