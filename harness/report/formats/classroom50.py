"""Classroom 50's result of a student, `classroom50/result/v1`."""

from typing import Final

from harness.report.student_lines import as_json_text
from harness.results.marking import Feedback
from harness.results.student import Student

from .format import Format


def as_classroom50(student: Student, feedback: Feedback, now: str) -> str:
    """`classroom50/result/v1`: whole, non-negative points; a hundredth of a point is the unit."""
    tests = [
        {
            "test-name": mark.name_told(feedback, now),
            "passed": mark.is_passed and not student.marks.awaits_person(mark),
            "score": _hundredths(mark.earned),
            "max-score": _hundredths(mark.award.points),
        }
        for mark in student.marks.marks
    ]
    return as_json_text(
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


def _hundredths(points: float) -> int:
    return max(0, round(100 * points))


FORMAT: Final = Format(
    name="classroom50",
    extension="classroom50.json",
    says="Classroom 50's result, `classroom50/result/v1`",
    of_student=as_classroom50,
    place=8,
)
