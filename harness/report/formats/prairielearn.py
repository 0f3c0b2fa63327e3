"""PrairieLearn's `results.json`: how a student's result is written, and the rules that it keeps.

Source: PrairieLearn docs, External grading.
"""

import json
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

from harness.report.printable import printable
from harness.report.result_rules import NUMBER, broken, in_tests, is_of, odd_values
from harness.report.student_lines import as_json_text, headline, what_is_not_met, why_points
from harness.results.marking import Feedback
from harness.results.student import Student

from .format import CourseSystem, Format

_MOST_BYTES: Final = 1 << 20
_TOO_LONG: Final = "what was observed is too long to be shown here"
_KEYS: Final[Mapping[str, type | tuple[type, ...]]] = {
    "gradable": bool, "score": NUMBER, "format_errors": (str, list), "message": str, "output": str,
    "images": list, "tests": list,
}  # fmt: skip
_TEST_KEYS: Final[Mapping[str, type | tuple[type, ...]]] = {
    "name": str, "description": str, "points": NUMBER, "max_points": NUMBER, "message": str,
    "output": str, "images": list,
}  # fmt: skip


def as_prairielearn(student: Student, feedback: Feedback, now: str) -> str:
    """`results.json`: a share of the points, or not gradable where no total is published."""
    if student.total is None:
        why = student.refused or "too much could not be told; your teacher looks at it"
        return as_json_text({"gradable": False, "format_errors": [printable(why)]})
    share = min(1.0, student.total / student.marks.of) if student.marks.of else 0.0
    tests = [
        {
            "name": mark.name_told(feedback, now),
            "points": round(mark.earned, 4),
            "max_points": mark.award.points,
            "output": why_points(student, mark, feedback, now),
        }
        for mark in student.marks.marks
    ]
    output = "\n\n".join(what_is_not_met(student, feedback, now))
    told = {"gradable": True, "score": round(share, 6), "message": headline(student, feedback, now)}
    whole = as_json_text({**told, "output": output, "tests": tests})
    if len(whole.encode()) > _MOST_BYTES:
        return as_json_text({**told, "output": _TOO_LONG, "tests": tests})
    return whole


def without_result(why: str) -> str:
    """`results.json` where there is no result: not gradable, so that it costs the student nothing."""
    return as_json_text({"gradable": False, "format_errors": [printable(why)]})


def points_in(text: str) -> str:
    """The share of the points in a valid file, and the first line of what it says."""
    told: dict[str, Any] = json.loads(text)
    if not told.get("gradable"):
        return ""
    return f"{100 * told['score']:g} %  {told.get('message', '').partition(chr(10))[0]}".rstrip()


def _rules(told: Mapping[str, Any], text: str) -> Iterator[str]:
    if len(text.encode()) > _MOST_BYTES:
        yield f"more than {_MOST_BYTES} bytes"
    yield from odd_values("", told, _KEYS)
    score: Any = told.get("score")
    if told.get("gradable") is False:
        if not told.get("format_errors"):
            yield "not gradable, and no format_errors"
    elif "score" not in told:
        yield "gradable, and no score"
    elif is_of(score, NUMBER) and not 0 <= score <= 1:
        yield f"score: {score!r} is not between 0 and 1"
    yield from in_tests(told, _rules_of_test)


def _rules_of_test(where: str, test: Mapping[str, Any]) -> Iterator[str]:
    yield from odd_values(where, test, _TEST_KEYS)
    if not {"points", "max_points"} <= set(test):
        yield f"{where}without points or max_points, so that no points are shown at all"


FORMAT: Final = Format(
    name="prairielearn",
    extension="prairielearn.json",
    says="PrairieLearn's `results.json`",
    of_student=as_prairielearn,
    course_system=CourseSystem(
        as_prairielearn, without_result, partial(broken, rules=_rules), points_in
    ),
    place=7,
)
