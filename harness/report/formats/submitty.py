"""Submitty's `validation_results.json`: what a custom validator says of one test case.

Source: submitty.org, Instructor, Autograding, Validation ("Python Custom Validator Output").
"""

import json
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

from harness.report.printable import printable
from harness.report.result_rules import NUMBER, broken, is_of, odd_values
from harness.report.student_lines import as_json_text, headline, points_lines, what_is_not_met
from harness.results.marking import Feedback
from harness.results.student import Student

from .format import CourseSystem, Format

_STATUSES: Final = {True: "success", False: "failure", None: "information"}
_DATA: Final[Mapping[str, type | tuple[type, ...]]] = {
    "score": NUMBER, "message": (str, list), "status": str,
}  # fmt: skip
_KNOWN: Final = ("information", "failure", "warning", "success")


def as_submitty(student: Student, feedback: Feedback, now: str) -> str:
    """A share of the points with a message for each line; a failure where no total is published."""
    if student.total is None:
        return without_result(student.refused or "too much could not be told; your teacher looks at it")
    share = min(1.0, student.total / student.marks.of) if student.marks.of else 0.0
    messages = [{"message": headline(student, feedback, now), "status": "information"}]
    messages += [
        {"message": told, "status": _STATUSES[passed]}
        for told, passed in points_lines(student, feedback, now)
    ]
    messages += [
        {"message": told, "status": "information"} for told in what_is_not_met(student, feedback, now)
    ]
    shown = [each for each in messages if each["message"]]
    return as_json_text({"status": "success", "data": {"score": round(share, 6), "message": shown}})


def without_result(why: str) -> str:
    """A failure of the validator: Submitty shows its message to the teacher, in the validator's log."""
    return as_json_text({"status": "failure", "message": printable(why)})


def points_in(text: str) -> str:
    """The share of the points in a valid file."""
    told: dict[str, Any] = json.loads(text)
    return f"{100 * told['data']['score']:g} %" if told["status"] == "success" else ""


def _rules(told: Mapping[str, Any], _: str) -> Iterator[str]:
    if told.get("status") == "failure":
        yield from odd_values("", told, {"status": str, "message": str})
        return
    if told.get("status") != "success":
        yield f"status: {told.get('status')!r}"
    data = told.get("data")
    if not isinstance(data, dict):
        yield f"data: {data!r}"
        return
    yield from odd_values("data: ", data, _DATA)
    score = data.get("score")
    if score is None or (is_of(score, NUMBER) and not 0 <= score <= 1):
        yield f"score: {score!r} is not between 0 and 1"
    message = data.get("message")
    for each in message if isinstance(message, list) else []:
        is_whole = isinstance(each, dict) and set(each) == {"message", "status"}
        if not is_whole or each["status"] not in _KNOWN or not isinstance(each["message"], str):
            yield f"message: {each!r}"


FORMAT: Final = Format(
    name="submitty",
    extension="submitty.json",
    says="Submitty's `validation_results.json`, of a custom validator",
    of_student=as_submitty,
    course_system=CourseSystem(as_submitty, without_result, partial(broken, rules=_rules), points_in),
    place=11,
)
