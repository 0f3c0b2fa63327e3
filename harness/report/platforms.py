"""One student's result for Gradescope, PrairieLearn, Classroom 50, Autolab and check50.

Each by its own written rules; nothing in a file that the student may not see at that moment.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import harness
from harness.judge.causes import CAUSES
from harness.judge.requirement import Requirement
from harness.judge.verdict import Outcome, Verdict
from harness.results.marking import Feedback, Mark
from harness.results.result import Result
from harness.results.rubric import met
from harness.results.student import Student, as_told

from .printable import printable
from .words import advice, by_hand

_HIDDEN: Final = "not shown before its day"
_MOST_PRAIRIELEARN_BYTES: Final = 1 << 20
_TOO_LONG: Final = "what was observed is too long to be shown here"


def as_gradescope(student: Student, feedback: Feedback, now: str) -> str:
    """`results.json`: a test for each line of the rubric, then one for each requirement.

    A line that a person grades has neither points nor status. Where no total is published, all of it is
    hidden until a person has looked.
    """
    tests = [
        {
            "name": mark.name_told(feedback, now),
            "score": round(mark.earned, 4),
            "max_score": 0.0 if mark.award.bonus else mark.award.points,
            "status": "failed" if mark.because else "passed",
            "output": _why(student, mark, feedback, now),
            "output_format": "text",
        }
        for mark in student.marks.marks
    ]
    for test, mark in zip(tests, student.marks.marks, strict=True):
        if student.marks.awaits_person(mark):  # without points it has no colour either
            del test["status"], test["score"], test["max_score"]
    tests += [
        {"name": given.name, "score": given.points, "max_score": 0.0, "output": given.reason}
        for given in student.marks.overrides
    ]
    for result, requirement, verdict in _told(student, feedback, now):
        tests.append(
            {
                "name": requirement.id,
                "status": "passed" if met(verdict) else "failed",
                "output": _explained(result, requirement, verdict),
                "output_format": "text",
            }
        )
        if verdict.outcome is Outcome.INCONCLUSIVE:
            del tests[-1]["status"]  # neither
    visibility = "hidden" if student.total is None else "visible"
    for test in tests:
        test["visibility"] = visibility
    told: dict[str, Any] = {
        "output": _head(student, feedback, now),
        "output_format": "text",
        "visibility": visibility,
        "stdout_visibility": "hidden",
        "score": round(student.marks.earned, 4),
        "tests": tests,
    }
    return _json(told)


def as_prairielearn(student: Student, feedback: Feedback, now: str) -> str:
    """`results.json`: a share of the points, or not gradable where no total is published."""
    if student.total is None:
        why = student.refused or "too much could not be told; your teacher looks at it"
        return _json({"gradable": False, "format_errors": [printable(why)]})
    share = min(1.0, student.total / student.marks.of) if student.marks.of else 0.0
    tests = [
        {
            "name": mark.name_told(feedback, now),
            "points": round(mark.earned, 4),
            "max_points": mark.award.points,
            "output": _why(student, mark, feedback, now),
        }
        for mark in student.marks.marks
    ]
    output = "\n\n".join(_explained(*told) for told in _told(student, feedback, now) if not met(told[2]))
    told = {"gradable": True, "score": round(share, 6), "message": _head(student, feedback, now)}
    whole = _json({**told, "output": output, "tests": tests})
    if len(whole.encode()) > _MOST_PRAIRIELEARN_BYTES:
        return _json({**told, "output": _TOO_LONG, "tests": tests})
    return whole


def as_classroom50(student: Student, feedback: Feedback, now: str) -> str:
    """`classroom50/result/v1`: whole, non-negative points; a hundredth of a point is the unit."""
    tests = [
        {
            "test-name": mark.name_told(feedback, now),
            "passed": not mark.because and not student.marks.awaits_person(mark),
            "score": _hundredths(mark.earned),
            "max-score": _hundredths(mark.award.points),
        }
        for mark in student.marks.marks
    ]
    return _json(
        {
            "schema": "classroom50/result/v1",
            "classroom": student.identity.get("classroom", ""),
            "assignment": student.identity.get("assignment", ""),
            "assignment_type": "individual",
            "owner": student.identity.get("owner", student.name),
            "submission": student.identity.get("submission", ""),
            "commit": student.identity.get("commit", ""),
            "release": "",
            "review": "",
            "datetime": now,
            "graded_at": now,
            "score": _hundredths(student.total or 0.0),
            "max-score": _hundredths(student.marks.of),
            "tests": tests,
            "submitted_by": {"username": student.name, "id": student.identity.get("id", "")},
        }
    )


def as_autolab(student: Student, feedback: Feedback, now: str) -> str:
    """What goes to standard output: the presentation, and on the last line the scores by problem."""
    stages: dict[str, dict[str, Any]] = {}
    for result, requirement, verdict in _told(student, feedback, now):
        group, _, name = requirement.id.partition("/")
        entry: dict[str, Any] = {"passed": met(verdict)}
        if not entry["passed"]:
            entry["hint"] = _without_colons(_explained(result, requirement, verdict))
        stages.setdefault(group, {})[name] = entry
    shown = {"_presentation": "semantic", "stages": list(stages), **stages}
    scores: dict[str, float] = {}
    if student.total is not None:
        for mark in student.marks.marks:
            scores[_without_colons(mark.award.name)] = round(mark.earned, 4)
        for given in student.marks.overrides:
            name = _without_colons(given.name)
            scores[name] = scores.get(name, 0.0) + given.points
    return json.dumps(shown) + "\n" + json.dumps({"scores": scores}) + "\n"


def as_check50(student: Student, feedback: Feedback, now: str) -> str:
    """check50's JSON: a check for each requirement; what could not be told is null."""
    if student.refused:
        error = {"type": "UnusableTarget", "value": student.refused, "traceback": [], "data": {}}
        return _json({"slug": "forkspec", "error": error, "version": harness.__version__})
    results: list[dict[str, Any]] = []
    for _, requirement, verdict in _told(student, feedback, now):
        passed: bool | None = met(verdict)
        if verdict.outcome in {Outcome.INCONCLUSIVE, Outcome.BLOCKED}:
            passed = None
        cause = None
        if not passed:
            cause = {"rationale": printable(verdict.evidence.observed)}
            if help_ := CAUSES.get(verdict.evidence.cause):
                cause["help"] = help_.look_at
        results.append(
            {
                "name": requirement.id,
                "description": requirement.says,
                "passed": passed,
                "log": [],
                "cause": cause,
                "data": {},
                "dependency": verdict.blocked_by or None,
            }
        )
    return _json({"slug": "forkspec", "results": results, "version": harness.__version__})


def as_gradescope_without(why: str) -> str:
    """`results.json` where there is no result: no points, and nothing that a student sees."""
    return _json(
        {
            "score": 0.0,
            "output": printable(why),
            "output_format": "text",
            "visibility": "hidden",
            "stdout_visibility": "hidden",
            "tests": [],
        }
    )


def as_prairielearn_without(why: str) -> str:
    """`results.json` where there is no result: not gradable, so that it costs the student nothing."""
    return _json({"gradable": False, "format_errors": [printable(why)]})


Writer = Callable[[Student, Feedback, str], str]
WRITERS: Final[Mapping[str, tuple[str, Writer]]] = {
    "gradescope": ("gradescope.json", as_gradescope),
    "prairielearn": ("prairielearn.json", as_prairielearn),
    "classroom50": ("classroom50.json", as_classroom50),
    "autolab": ("autolab.txt", as_autolab),
    "check50": ("check50.json", as_check50),
}
WITHOUT_RESULT: Final[Mapping[str, Callable[[str], str]]] = {
    "gradescope": as_gradescope_without,
    "prairielearn": as_prairielearn_without,
}


def _told(
    student: Student, feedback: Feedback, now: str
) -> Iterator[tuple[Result, Requirement, Verdict]]:
    for result in student.results:
        shown = as_told(result, feedback, now)
        for requirement in shown.requirements:
            yield shown, requirement, shown.verdicts[requirement.id]


def _why(student: Student, mark: Mark, feedback: Feedback, now: str) -> str:
    """The assignment's own words; the ids that are not met, the hidden ones counted; or who grades."""
    shown = [each for each in mark.because if not feedback.hides(each, now)]
    hidden = len(mark.because) - len(shown)
    parts = shown + ([f"{hidden} {_HIDDEN}"] if hidden else [])
    told = [mark.text_told(feedback, now), f"not met: {', '.join(parts)}" if parts else ""]
    if student.marks.awaits_person(mark):
        told.append(f"a person gives these points, {mark.award.points:g} at most")
    return printable("\n".join(filter(None, told)))


def _explained(result: Result, requirement: Requirement, verdict: Verdict) -> str:
    lines = [f"{verdict.outcome.value}: {requirement.says} ({requirement.source})"]
    if not met(verdict):
        evidence = verdict.evidence
        lines += [f"expected: {evidence.expected}"] if evidence.expected else []
        lines += [f"observed: {evidence.observed}"]
        if cause := CAUSES.get(evidence.cause):
            lines += [f"because: {cause.because}", f"look at: {advice(cause.look_at, result.subject)}"]
        lines += [f"by hand: {by_hand(result, requirement)}"]
    return printable("\n".join(lines))


def _head(student: Student, feedback: Feedback, now: str) -> str:
    told = [as_told(result, feedback, now).diagnosis.sentence for result in student.results[:1]]
    return printable(" ".join(filter(None, [student.refused, *told, *student.remarks])))


def _without_colons(text: str) -> str:
    """Autolab's parser stumbles over a colon after a word."""
    return text.replace(":", " -")


def _hundredths(points: float) -> int:
    return max(0, round(100 * points))


def _json(told: Mapping[str, Any]) -> str:
    return json.dumps(told, indent=1, ensure_ascii=False) + "\n"
