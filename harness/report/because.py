"""Why a requirement failed, in words: its own cause, or another failure's where both are one mistake."""

from collections.abc import Sequence
from typing import Final

from harness.judge import wording
from harness.judge.causes import CAUSES
from harness.judge.requirement import Requirement, Tier
from harness.judge.standing import ASLEEP, RUNNING
from harness.judge.verdict import Outcome, Verdict
from harness.record.events import Died, Submitted
from harness.record.spelling import ending
from harness.results.result import Result

from .opened import opened

SAME: Final = "the same cause"
NOT_KNOWN: Final = "not known"
_MOST_LINES: Final = 6
_SLEEPS: Final = ("pause()", "sigsuspend()", "sleep()", "usleep()", "nanosleep()")


def why(result: Result, requirement: Requirement, verdict: Verdict) -> tuple[str, str]:
    """Why it failed, and what to look at; each is "" where no cause is known.

    One mistake has one cause: of two failures with one cause, the second refers to the first.
    """
    failures = [(other, told) for other, told in opened(result) if told.outcome is Outcome.FAIL]
    identifier, before = verdict.evidence.cause, ""
    if (same := _kept_at_one_line(failures, requirement, verdict)) is not None:
        identifier, before = same[1].evidence.cause, f"{SAME} as {same[0].id}, at the same line: "
    elif identifier in CAUSES:
        first = next((o for o, told in failures if told.evidence.cause == identifier), requirement)
        before = "" if first.id == requirement.id else f"{SAME} as {first.id}: "
    elif verdict.outcome is Outcome.FAIL:
        for other, told in failures:
            alike = _alike(result, (other, told), (requirement, verdict))
            if told.evidence.cause in CAUSES and alike:
                identifier, before = told.evidence.cause, f"{SAME} as {other.id}, {alike}: "
                break
    if (cause := CAUSES.get(identifier)) is None:
        return "", ""
    said = cause.told_of(result.written_in)
    return f"{before}{said.because}", said.look_at


def why_all_the_same(result: Result, requirement: Requirement) -> str:
    """Why a requirement passes though its sentence seems to deny a cause told here; "" elsewhere."""
    failures = (told for _, told in opened(result) if told.outcome is Outcome.FAIL)
    causes = (CAUSES[told.evidence.cause] for told in failures if told.evidence.cause in CAUSES)
    return next((each.beside[requirement.id] for each in causes if requirement.id in each.beside), "")


def lines_named(result: Result, verdict: Verdict) -> str:
    """Where the student's own source has what is to be looked at; "" where no cause or line is known."""
    return "; ".join(sites_named(result, verdict))


def sites_named(result: Result, verdict: Verdict) -> list[str]:
    """Each of these places, as "read() at server.c:23 in main()"; what a cause names first stands first.

    Beyond so many lines the calls that a cause names last are left out: all of them would say nothing.
    """
    cause = CAUSES.get(verdict.evidence.cause)
    made = next((e.calls for r in result.recordings.values() for e in r.every(Submitted)), {})
    sites: list[str] = []
    for role in cause.calls if cause else ():
        new = [each for each in made.get(role, ()) if each not in sites]
        if len(sites) + len(new) > _MOST_LINES:
            break
        sites += new
    return sites


def not_known(result: Result) -> str:
    """The words in place of a cause; the cause of another failure may be this one's."""
    known = to_mend_first(result)
    return f"{NOT_KNOWN}; the cause of {known} is known: mend that first" if known else NOT_KNOWN


def to_mend_first(result: Result) -> str:
    """The id of the first failure in the lecture with a known cause, which may explain others; or ""."""
    failures = (
        other
        for other, told in opened(result)
        if told.outcome is Outcome.FAIL and other.tier is Tier.LECTURE
    )
    return next((o.id for o in failures if result.verdicts[o.id].evidence.cause in CAUSES), "")


def _alike(result: Result, one: tuple[Requirement, Verdict], other: tuple[Requirement, Verdict]) -> str:
    """In what two failures are one mistake, in words; "" where they may be two."""
    if _run_at_one_line(one[1], other[1]):
        return "at the same line"
    ends = {_last_words(result, *each) for each in (one, other)}
    return "with the same last words" if len(ends) == 1 and "" not in ends else ""


def _kept_at_one_line(
    failures: Sequence[tuple[Requirement, Verdict]], requirement: Requirement, verdict: Verdict
) -> tuple[Requirement, Verdict] | None:
    """An earlier failure with a cause, whose process slept for a signal or a clock at the same line."""
    _, asleep, line = verdict.evidence.where.partition(ASLEEP)
    if not line.startswith(_SLEEPS):
        return None
    for other, told in failures:
        if other.id == requirement.id:
            return None
        if told.evidence.cause in CAUSES and told.evidence.where.endswith(f"{asleep}{line}"):
            return other, told
    return None


def _last_words(result: Result, requirement: Requirement, verdict: Verdict) -> str:
    """How the server ended and what it said then, where that is what was observed; "" elsewhere."""
    recording = result.recordings.get(requirement.scenario)
    died = recording.first(Died) if recording is not None else None
    if recording is None or died is None:
        return ""
    said = wording.said(recording)
    end = f"{ending(died.status)}{said}"
    return end if said and end in verdict.evidence.observed else ""


def _run_at_one_line(one: Verdict, other: Verdict) -> bool:
    """Whether a process was running, without an end, at the same line of source in both failures."""
    _, runs, line = one.evidence.where.partition(RUNNING)
    return bool(runs) and other.evidence.where.endswith(f"{runs}{line}")
