"""Gradescope's `results.json`: how a student's result is written, and the rules that it keeps.

Source: gradescope-autograders.readthedocs.io, Autograder specifications.
"""

import json
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

from harness.judge.verdict import Outcome
from harness.report.printable import printable
from harness.report.result_rules import NUMBER, broken, in_tests, odd_values
from harness.report.student_lines import as_json_text, explained, headline, shown_verdicts, why_points
from harness.results.marking import Feedback
from harness.results.rubric import met
from harness.results.student import Student

from .format import CourseSystem, Format

_VISIBILITIES: Final = {"hidden", "after_due_date", "after_published", "visible"}
_FORMATS: Final = {"text", "html", "simple_format", "md", "ansi"}
_KEYS: Final[Mapping[str, type | tuple[type, ...]]] = {
    "score": NUMBER, "execution_time": NUMBER, "output": str, "output_format": str,
    "test_output_format": str, "test_name_format": str, "visibility": str, "stdout_visibility": str,
    "extra_data": dict, "tests": list, "leaderboard": list,
}  # fmt: skip
_TEST_KEYS: Final[Mapping[str, type | tuple[type, ...]]] = {
    "score": NUMBER, "max_score": NUMBER, "status": str, "name": str, "name_format": str,
    "number": str, "output": str, "output_format": str, "tags": list, "visibility": str,
    "extra_data": dict,
}  # fmt: skip


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
            "status": "passed" if mark.is_passed else "failed",
            "output": why_points(student, mark, feedback, now),
            "output_format": "text",
        }
        for mark in student.marks.marks
    ]
    for test, mark in zip(tests, student.marks.marks, strict=True):
        if student.marks.awaits_person(mark):  # without points it has no colour either
            del test["status"], test["score"], test["max_score"]
    tests += [
        {"name": given.name, "score": given.points, "max_score": 0.0, "output": given.reason}
        for given in student.marks.beside_lines
    ]
    for result, requirement, verdict in shown_verdicts(student, feedback, now):
        tests.append(
            {
                "name": requirement.id,
                "status": "passed" if met(verdict) else "failed",
                "output": explained(result, requirement, verdict),
                "output_format": "text",
            }
        )
        if verdict.outcome is Outcome.INCONCLUSIVE:
            del tests[-1]["status"]  # neither
    visibility = "hidden" if student.total is None else "visible"
    for test in tests:
        test["visibility"] = visibility
    told: dict[str, Any] = {
        "output": headline(student, feedback, now),
        "output_format": "text",
        "visibility": visibility,
        "stdout_visibility": "hidden",
        "score": round(student.marks.earned, 4),
        "tests": tests,
    }
    return as_json_text(told)


def without_result(why: str) -> str:
    """`results.json` where there is no result: no points, and nothing that a student sees."""
    return as_json_text(
        {
            "score": 0.0,
            "output": printable(why),
            "output_format": "text",
            "visibility": "hidden",
            "stdout_visibility": "hidden",
            "tests": [],
        }
    )


def points_in(text: str) -> str:
    """The points of a valid file, and the first line of what it says; "" where it is hidden."""
    told: dict[str, Any] = json.loads(text)
    if told.get("visibility") == "hidden":
        return ""
    of = sum(test.get("max_score", 0) for test in told["tests"])
    return f"{told.get('score', 0):g} of {of:g}  {told.get('output', '').partition(chr(10))[0]}".rstrip()


def _rules(told: Mapping[str, Any], _: str) -> Iterator[str]:
    yield from odd_values("", told, _KEYS)
    if "score" not in told and not told.get("tests"):
        yield "neither score nor tests"
    yield from _chosen("", told)
    yield from in_tests(told, _rules_of_test)


def _rules_of_test(where: str, test: Mapping[str, Any]) -> Iterator[str]:
    yield from odd_values(where, test, _TEST_KEYS)
    yield from _chosen(where, test)
    status = test.get("status")
    if isinstance(status, str) and status not in {"passed", "failed"}:
        yield f"{where}status: {status!r}"


def _chosen(where: str, told: Mapping[str, Any]) -> Iterator[str]:
    for key, value in told.items():
        if not isinstance(value, str):
            continue
        if key in {"visibility", "stdout_visibility"} and value not in _VISIBILITIES:
            yield f"{where}{key}: {value!r}"
        if key.endswith("_format") and value not in _FORMATS:
            yield f"{where}{key}: {value!r}"


FORMAT: Final = Format(
    name="gradescope",
    extension="gradescope.json",
    says="Gradescope's `results.json`",
    of_student=as_gradescope,
    course_system=CourseSystem(as_gradescope, without_result, partial(broken, rules=_rules), points_in),
    place=6,
)
