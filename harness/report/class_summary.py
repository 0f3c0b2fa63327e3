"""A teacher's first questions about a class: who needs a look, and which causes are common."""

import re
from collections.abc import Sequence
from typing import Final

from harness.judge.verdict import Outcome
from harness.results.student import Student

from .hide_paths import without_our_folders

_ERRORS: Final = re.compile(r"\berror\b|undefined reference|Error\b", re.IGNORECASE)


def needs_look(student: Student) -> bool:
    """Whether a teacher must look: set aside, no total, a verdict is missing, or it does not start."""
    return student.total is None or bool(student.pending) or bool(_does_not_start(student))


def why_look(student: Student) -> str:
    """The question to settle; for work that does not build or start, the first line with an error."""
    if student.refused:
        return student.refused
    if stopped := _does_not_start(student):
        return stopped
    return f"could not be told: {', '.join(student.pending)}"


def _does_not_start(student: Student) -> str:
    """What the first requirement that failed has seen, where it is the one that all others need."""
    for result in student.results:
        first = result.requirements[0].id
        if result.verdicts[first].outcome is Outcome.FAIL:
            observed = without_our_folders(result.verdicts[first].evidence.observed)
            seen, *more = observed.splitlines()
            error = next(filter(_ERRORS.search, more), "")
            return f"{seen} {error}".strip()
    return ""


def common_causes(students: Sequence[Student]) -> dict[str, list[str]]:
    """The students whose work shows each cause, most first: an id of `causes`, their names."""
    found: dict[str, list[str]] = {}
    for each in students:
        causes = [cause for result in each.results for cause in result.diagnosis.causes]
        for cause in dict.fromkeys(causes):
            found.setdefault(cause, []).append(each.name)
    return dict(sorted(found.items(), key=lambda item: -len(item[1])))
