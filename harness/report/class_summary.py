"""What a teacher asks about a class first: who needs a look and why, and which causes are common."""

from __future__ import annotations

from collections.abc import Sequence

from harness.results.student import Student


def needs_look(student: Student) -> bool:
    """Whether a teacher has something to settle: set aside, no total, or something not told."""
    return student.total is None or bool(student.pending)


def why_look(student: Student) -> str:
    """What there is to settle."""
    return student.refused or f"could not be told: {', '.join(student.pending)}"


def common_causes(students: Sequence[Student]) -> dict[str, list[str]]:
    """Whose servers and clients show each cause, most first: an id of `causes`, names of students."""
    found: dict[str, list[str]] = {}
    for each in students:
        causes = [cause for result in each.results for cause in result.diagnosis.causes]
        for cause in dict.fromkeys(causes):
            found.setdefault(cause, []).append(each.name)
    return dict(sorted(found.items(), key=lambda item: -len(item[1])))
