"""What the Virtual Programming Lab of Moodle reads from an evaluation: comments, and the grade.

The grade is in the rubric's points: the activity's maximum grade must be the rubric's.

Source: vpl.dis.ulpgc.es, Advanced features (Automated program assessment): a block between `<|--` and
`--|>`, in it titles begin with `-` and preformatted lines with `>`; the last line `Grade :=>> 7.5`.
"""

import re
from collections.abc import Iterator
from typing import Final

from harness.report.grades_csv import points
from harness.report.printable import printable
from harness.report.student_lines import headline, points_lines, what_is_not_met
from harness.results.marking import Feedback
from harness.results.student import Student

from .format import CourseSystem, Format

_BEGIN: Final = "<|--"
_END: Final = "--|>"
_GRADE: Final = "Grade :=>>"
_NUMBER: Final = re.compile(r"\d+(\.\d+)?")


def as_vpl(student: Student, feedback: Feedback, now: str) -> str:
    """A block of comments; then the grade, unless no total is published."""
    grade = [] if student.total is None else [f"{_GRADE} {points(student.total)}"]
    return "\n".join([_BEGIN, *_comments(student, feedback, now), _END, *grade]) + "\n"


def _comments(student: Student, feedback: Feedback, now: str) -> Iterator[str]:
    yield "-" + " ".join(headline(student, feedback, now).split() or ["forkspec"])
    for told, _ in points_lines(student, feedback, now):
        yield f">{told}"
    for each in what_is_not_met(student, feedback, now):
        title, *lines = each.splitlines()
        yield f"-{title}"
        yield from (f">{line}" for line in lines)


def without_result(why: str) -> str:
    """The reason as a comment, and no grade."""
    return f"{_BEGIN}\n-{printable(why)}\n{_END}\n"


def broken_rules(text: str) -> list[str]:
    """The written rules that a file breaks, whichever program wrote it."""
    slips, lines = [], text.splitlines()
    if lines.count(_BEGIN) != 1 or lines.count(_END) != 1 or lines.index(_BEGIN) > lines.index(_END):
        slips.append("no block of comments")
    else:
        inside = lines[lines.index(_BEGIN) + 1 : lines.index(_END)]
        slips += [f"neither a title nor preformatted: {line}" for line in inside if line[:1] not in "->"]
    grades = [line for line in lines if line.startswith(_GRADE)]
    slips += [
        f"no number: {line}"
        for line in grades
        if not _NUMBER.fullmatch(line.removeprefix(_GRADE).strip())
    ]
    return slips


def points_in(text: str) -> str:
    """The grade; "" where there is none."""
    grades = [line for line in text.splitlines() if line.startswith(_GRADE)]
    return grades[-1].removeprefix(_GRADE).strip() if grades else ""


FORMAT: Final = Format(
    name="vpl",
    extension="vpl.txt",
    says="the comments and the grade that Moodle's Virtual Programming Lab reads",
    of_student=as_vpl,
    course_system=CourseSystem(as_vpl, without_result, broken_rules, points_in),
    place=13,
)
