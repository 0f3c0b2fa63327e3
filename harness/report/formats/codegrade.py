"""What a Custom Test of CodeGrade says: a report, and on the last line the JSON object with the points.

Source: codegrade.com, How to use custom test blocks ({"tag": "points", "points": "3/5"});
help.codegrade.com, JSON object for automatic comments (written to file descriptor 3; what is larger than
250 kB is dropped).
"""

import json
import re
from typing import Any, Final

from harness.report.printable import printable
from harness.report.result_rules import last_line
from harness.report.student_lines import headline, points_lines, what_is_not_met
from harness.results.marking import Feedback
from harness.results.student import Student

from .format import CourseSystem, Format

_NONE: Final = "{}"
_POINTS: Final = re.compile(r"(\d+)/([1-9]\d*)")
_MOST_BYTES: Final = 250_000


def as_codegrade(student: Student, feedback: Feedback, now: str) -> str:
    """The report; then the points as whole numbers, or an empty object where no total is published."""
    lines = [headline(student, feedback, now)]
    lines += [told for told, _ in points_lines(student, feedback, now)]
    lines += ["", "\n\n".join(what_is_not_met(student, feedback, now))]
    return "\n".join([*lines, _points(student)]) + "\n"


def without_result(why: str) -> str:
    """The reason, and no points."""
    return f"{printable(why)}\n{_NONE}\n"


def broken_rules(text: str) -> list[str]:
    """The written rules that a file breaks, whichever program wrote it."""
    last = last_line(text)
    try:
        told: Any = json.loads(last)
    except (ValueError, RecursionError):
        return ["the last line is no JSON"]
    if told == {}:
        return []
    if not isinstance(told, dict) or told.get("tag") != "points" or set(told) != {"tag", "points"}:
        return [f"the last line is no object with the points: {last}"]
    match = _POINTS.fullmatch(str(told["points"]))
    if match is None or int(match[1]) > int(match[2]):
        return [f"points: {told['points']!r} is no part of a whole"]
    return [f"more than {_MOST_BYTES} bytes"] if len(last.encode()) > _MOST_BYTES else []


def points_in(text: str) -> str:
    """The points on the last line; "" where there are none."""
    told: dict[str, str] = json.loads(last_line(text))
    return told.get("points", "")


def _points(student: Student) -> str:
    if student.total is None or not student.marks.of:
        return _NONE
    earned, of = min(student.total, student.marks.of), student.marks.of
    scale = 1 if earned.is_integer() and of == int(of) else 100
    told = {"tag": "points", "points": f"{round(earned * scale)}/{round(of * scale)}"}
    return json.dumps(told)


FORMAT: Final = Format(
    name="codegrade",
    extension="codegrade.txt",
    says="a report, and CodeGrade's points on the last line",
    of_student=as_codegrade,
    course_system=CourseSystem(as_codegrade, without_result, broken_rules, points_in),
    place=12,
)
