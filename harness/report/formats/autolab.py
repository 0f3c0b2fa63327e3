"""What Autolab reads from an autograder's standard output for a student."""

from __future__ import annotations

import json
from typing import Any, Final

from harness.report.student_lines import explained, shown_verdicts
from harness.results.marking import Feedback
from harness.results.rubric import met
from harness.results.student import Student

from .format import Format


def as_autolab(student: Student, feedback: Feedback, now: str) -> str:
    """What goes to standard output: the presentation, and on the last line the scores by problem."""
    stages: dict[str, dict[str, Any]] = {}
    for result, requirement, verdict in shown_verdicts(student, feedback, now):
        group, _, name = requirement.id.partition("/")
        entry: dict[str, Any] = {"passed": met(verdict)}
        if not entry["passed"]:
            entry["hint"] = _without_colons(explained(result, requirement, verdict))
        stages.setdefault(group, {})[name] = entry
    shown = {"_presentation": "semantic", "stages": list(stages), **stages}
    scores: dict[str, float] = {}
    if student.total is not None:
        for mark in student.marks.marks:
            scores[_without_colons(mark.award.name)] = round(mark.earned, 4)
        for given in student.marks.beside_lines:
            name = _without_colons(given.name)
            scores[name] = scores.get(name, 0.0) + given.points
    return json.dumps(shown) + "\n" + json.dumps({"scores": scores}) + "\n"


def _without_colons(text: str) -> str:
    """Autolab's parser stumbles over a colon after a word."""
    return text.replace(":", " -")


FORMAT: Final = Format(
    name="autolab",
    extension="autolab.txt",
    says="Autolab's two lines: what is shown, and the scores by problem",
    of_student=as_autolab,
    place=9,
)
