"""The words of a result, the same on every face: remarks on verdicts, contract, commands, figures."""

import math
import shlex
from typing import Final

from harness.judge.causes import CAUSES
from harness.judge.diagnosis import as_sentence
from harness.judge.requirement import Requirement
from harness.judge.verdict import Outcome, Verdict
from harness.record.contract import FAILS
from harness.record.events import Submitted
from harness.record.role import Role
from harness.results.result import Result
from harness.results.student import Student

from .because import why_all_the_same
from .hide_paths import without_our_folders

_MOST_WARNINGS: Final = 5
_ANSWERED: Final = {
    "either": "a line comes back, capitalised or as it came",
    "upper": "a line comes back capitalised",
    "echo": "a line comes back as it came",
}
_ANY: Final = {"{any}": "any line"}
_LONG_MS: Final = 999.5  # from here on in seconds


def remark(result: Result, requirement: Requirement, verdict: Verdict) -> str:
    """The text beside the word in the table: the sentence, or why there is no other word."""
    match verdict.outcome:
        case Outcome.PASS:
            told = (requirement.says, points_tried(verdict), why_all_the_same(result, requirement))
            return " ".join(filter(None, told))
        case Outcome.FAIL:
            return f"{requirement.says}  ({requirement.source})"
        case Outcome.INCONCLUSIVE:
            return f"could not be told: {without_our_folders(verdict.evidence.observed)}"
        case Outcome.BLOCKED | Outcome.NOT_APPLICABLE:
            return without_our_folders(verdict.evidence.observed)


def points_tried(verdict: Verdict) -> str:
    """At how many of the points found something was to happen; "" where none were looked for."""
    points, tried = (verdict.evidence.facts.get(each) for each in ("points", "tried"))
    if points is None or tried is None:
        return ""
    more = "" if tried == points else ", drawn by the seed (--moments all tries each)"
    is_static = verdict.evidence.facts.get("static")
    only = " None is within a function: the C library is part of the program." if is_static else ""
    return f"Tried at {tried} of {points} points{more}.{only}"


def command(result: Result, *options: str) -> str:
    """The command that judges the same subject once more."""
    recording = next(iter(result.recordings.values()))
    words = ["forkspec check", *options]
    if result.assignment.source:
        words.append(f"--assignment {shlex.quote(result.assignment.source)}")
    target = recording.target or recording.subject
    is_command = target.startswith("-- ")
    words.insert(len(words) if is_command else 1, target if is_command else shlex.quote(target))
    return " ".join(words)


def started_as(result: Result) -> str:
    """The file that was started, where more than one was handed in; "" elsewhere."""
    handed_in = (each.first(Submitted) for each in result.recordings.values())
    submitted = next(filter(None, handed_in), None)
    is_one_of_many = submitted is not None and submitted.many > 1 and bool(submitted.start)
    return f"Started as '{submitted.start}'." if submitted is not None and is_one_of_many else ""


def terms(result: Result) -> str:
    """Which contract a server is judged by, in one sentence; "" for a client and a pair."""
    recording = next(iter(result.recordings.values()))
    if all(each.group.role is not Role.SERVER for each in result.requirements):
        return ""
    contract, source = recording.contract, result.assignment.source.rpartition("/")[2]
    whose = f"the contract of {source}" if source else "the contract that was given for it"
    if contract.is_the_lectures:
        whose = "the lecture's contract"
    said = [f"whoever connects hears {contract.greeting!r}"] if contract.greeting else []
    answer = contract.transform.rstrip("\r\n")
    said.append(
        _ANSWERED.get(contract.transform) or f"a line is answered by {_ANY.get(answer) or repr(answer)}"
    )
    if contract.unasked:
        said[-1] = "whoever connects is answered, whatever they say"
    elif contract.dialogue:
        said = ["a dialogue of its own"]
    if contract.at_half_close:
        said[-1] += " once the client has closed its side"
    said.append(
        "then the server closes"
        if contract.closes
        else "then the connection stays open for the next line"
    )
    if contract.most_at_once:
        said.append(f"no more than {contract.most_at_once} clients are let in at once")
    if contract.unseen == FAILS:
        said.append("who hides, and cannot be looked at, fails")
    return f"Judged by {whose}: {', '.join(said)}."


def design_alone(result: Result) -> str:
    """The diagnosis without the causes: for a report that tells them below and nothing else."""
    told = result.diagnosis.sentence
    for verdict in result.verdicts.values():
        if (cause := CAUSES.get(verdict.evidence.cause)) is not None:
            told = told.replace(f"{as_sentence(cause.told_of(result.written_in).because)}.", "")
    return told.strip().replace("  ", " ")


def build_warnings(log: str) -> list[str]:
    """The warnings in what a build said, the first few of them."""
    lines = without_our_folders(log).splitlines()
    found = list(dict.fromkeys(line for line in lines if "warning" in line.lower()))
    more = [f"and {len(found) - _MOST_WARNINGS} more"] if len(found) > _MOST_WARNINGS else []
    return found[:_MOST_WARNINGS] + more


def points_in_words(total: float | None) -> str:
    """Points to two digits; "pending" where none are published."""
    return "pending" if total is None else f"{round(total, 2):g}"


def total_in_words(student: Student) -> str:
    """The points and their maximum; "pending" where none are published."""
    total = student.total
    return "pending" if total is None else f"{points_in_words(total)} of {student.marks.of:g}"


def span_told(value_ms: float) -> str:
    """Three digits, in seconds where it is long."""
    if math.isinf(value_ms):
        return "never"
    if value_ms < _LONG_MS:
        return f"{value_ms:.3g} ms"
    return f"{value_ms / 1000:.3g} s" if value_ms < 1000 * _LONG_MS else f"{value_ms / 1000:.0f} s"
