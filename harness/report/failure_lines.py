"""A failure line by line, the same on every face: expected, observed, because, and how to see it."""

import re
from collections.abc import Iterable
from pathlib import PurePath
from typing import Final

from harness.judge.by_hand import PORT, RUNS_BY, recipe
from harness.judge.causes import CAUSES
from harness.judge.requirement import LEFT_OUT, Requirement, Tier
from harness.judge.verdict import Outcome, Verdict
from harness.record.events import Listens, Started, Submitted
from harness.record.host import LOOPBACK, reached_at
from harness.record.recording import Recording
from harness.record.suffixes import CPP
from harness.results.result import Result

from .because import NOT_KNOWN, SAME, lines_named, not_known, to_mend_first, why
from .hide_paths import without_our_folders
from .opened import opened
from .words import build_warnings, command

_SEEN_BY_COMPILERS: Final = {
    *("compares-first", "reads-standard-input", "one-byte", "shows-first-bytes", "goes-on-unconnected"),
    *("both-serve", "both-accept"),
}
_OF_A_CONDITION: Final = re.compile(r"-W(?:parentheses|empty-body|misleading-indentation)")
_AT_ONCE: Final = {
    "concurrency/silent-client": 1,
    "concurrency/silent-few": 6,
    "concurrency/people": 19,
    "concurrency/silent-crowd": 32,
}
_NOTHING_HELD: Final = "nothing is held against your program here"
_OUT_OF_TIME: Final = "the check was at its time limit"
_OUR_MACHINE: Final = "this machine"
_HIDES: Final = "it hides from whoever looks at it"


def no_failure(result: Result, verdict: Verdict) -> str:
    """The meaning of an INCONCLUSIVE verdict for the reader, and what they can do."""
    observed = verdict.evidence.observed
    if LEFT_OUT in observed or _OUT_OF_TIME in observed:
        return f"{_NOTHING_HELD}: the command below judges it alone"
    if _OUR_MACHINE in observed:
        return f"{_NOTHING_HELD}: run it again when this machine has less to do"
    if _HIDES in observed:
        return f"{_NOTHING_HELD}: it is judged where forkspec runs as root; else a teacher settles it"
    failures = (each for each, told in opened(result) if told.outcome is Outcome.FAIL)
    first = next((each.id for each in failures if each.tier is not Tier.ADVISORY), "")
    if first:
        return f"{_NOTHING_HELD}, but {first} fails, and that may be the reason: mend it first"
    return f"{_NOTHING_HELD}: run it again, for a busy machine may be the reason"


def _holds_with(result: Result, requirement: Requirement, verdict: Verdict) -> str:
    """With how many other clients at once it does hold, where it fails with more; "" elsewhere."""
    many = _AT_ONCE.get(requirement.id, 0)
    if verdict.outcome is not Outcome.FAIL:
        return ""
    held = [
        f"with {fewer} silent client{'' if fewer == 1 else 's'} it passes ({identifier})"
        for identifier, fewer in _AT_ONCE.items()
        if fewer < many
        and (told := result.verdicts.get(identifier)) is not None
        and told.outcome is Outcome.PASS
    ]
    return held[-1] if held else ""


def explained(
    result: Result, requirement: Requirement, verdict: Verdict, *, alone: bool = False
) -> Iterable[tuple[str, str]]:
    """A failure in lines: the name and the text of each line that there is.

    A cause and what to look at are told once, but for every failure that is shown `alone`.
    """
    evidence = verdict.evidence
    if evidence.expected:
        yield "expected", evidence.expected
    yield "observed", without_our_folders(evidence.observed)
    if evidence.where:
        yield "stood", evidence.where
    if holds := _holds_with(result, requirement, verdict):
        yield "with fewer", holds
    because, look_at = why(result, requirement, verdict)
    is_told = because.startswith(SAME) and not alone
    if is_told:
        because, look_at = because.partition(": ")[0], ""
    yield from _reasons(result, requirement, verdict, because, look_at)
    if hint := result.assignment.hints.get(requirement.id):
        yield "hint", hint
    if reference := result.assignment.references.get(requirement.id):
        yield "see", reference
    before = _recipe_told_before(verdict, because) if is_told else ""
    first = to_mend_first(result) if verdict.outcome is Outcome.FAIL and not because else ""
    once = f"once {first} passes: " if first else ""
    yield "by hand", f"{once}{before or by_hand(result, requirement)}"
    yield "again", again(result, requirement)


def _reasons(
    result: Result, requirement: Requirement, verdict: Verdict, because: str, look_at: str
) -> Iterable[tuple[str, str]]:
    """Why it failed and what to look at; where that is not known, why the sentence matters."""
    if verdict.outcome is Outcome.INCONCLUSIVE:
        yield "no failure", no_failure(result, verdict)
        return
    unknown = "" if because else not_known(result)
    if because:
        yield "because", because
    elif result.diagnosis.sentence:  # kept back before a deadline, with the causes
        yield "because", unknown
    if look_at:
        if line := _warned_of(result, verdict):
            yield "the build", line
        yield "look at", look_at
        if lines := lines_named(result, verdict):
            yield "lines", lines
    if unknown == NOT_KNOWN:
        yield "it matters", requirement.why


def _recipe_told_before(verdict: Verdict, because: str) -> str:
    """Where the recipe of a cause stands that an earlier failure has, in words; "" without a recipe."""
    cause = CAUSES.get(verdict.evidence.cause)
    if cause is None or not cause.by_hand:
        return ""
    return f"as for {because.removeprefix(f'{SAME} as ').partition(',')[0]}"


def _warned_of(result: Result, verdict: Verdict) -> str:
    """The warning of the build about a condition or a parenthesis that goes with the cause, or ""."""
    if verdict.evidence.cause not in _SEEN_BY_COMPILERS:
        return ""
    found = (line for line in build_warnings(result.warnings) if _OF_A_CONDITION.search(line))
    return next(found, "")


def other_warnings(result: Result) -> list[str]:
    """The warnings of the build that stand beside no failure."""
    told = {_warned_of(result, verdict) for _, verdict in opened(result)}
    return [line for line in build_warnings(result.warnings) if line not in told]


def by_hand(result: Result, requirement: Requirement) -> str:
    """The recipe with the port that this server listens on, under the contract that it was judged by."""
    recording = result.recordings.get(requirement.scenario)
    cause = CAUSES.get(result.verdicts[requirement.id].evidence.cause)
    told = (cause.by_hand if cause is not None else "") or requirement.by_hand
    played = [recording] if recording is not None else list(result.recordings.values())
    listens = next((each for one in played if (each := one.first(Listens)) is not None), None)
    if not played:
        return told
    told = recipe(
        told,
        played[0].contract,
        listens.port if listens is not None else PORT,
        result.verdicts[requirement.id].evidence.facts,
        runs_by=RUNS_BY.get(PurePath(played[0].target or played[0].subject).suffix, ""),
        host=reached_at(listens.address or "", v6_only=bool(listens.v6_only)) if listens else LOOPBACK,
        forks_below=_forks_below(played[0]),
        starts_threads=result.diagnosis.design == "threads",
    )
    if (path := PurePath(played[0].target or played[0].subject)).suffix in {".c", *CPP}:
        told = told.replace("./tcpclient ", f"./{path.stem} ").replace("./server ", f"./{path.stem} ")
    starts = (event.start for each in result.recordings.values() for event in each.every(Submitted))
    start = next(filter(None, starts), "")
    return told.replace("start it", f"start it (`{start}`)", 1) if start else told


def _forks_below(recording: Recording) -> bool:
    """Whether all zombies seen are children of another process than the one that was started."""
    start = recording.first(Started)
    zombies = [(each.ppid, at.init) for at in recording.snapshots() for each in at.zombies]
    return bool(zombies) and all(
        start is not None and ppid not in {start.pid, init} for ppid, init in zombies
    )


def again(result: Result, requirement: Requirement) -> str:
    """The command that judges this requirement alone once more."""
    evidence = result.verdicts[requirement.id].evidence
    drawn = [f"--seed {result.seed}"] if "(seed " in evidence.observed else []
    if drawn and "drawn" in evidence.facts:
        drawn.append(f"--moments {evidence.facts['drawn']}")
    return command(result, f"--only {requirement.id}", *drawn)
