"""What Autolab reads from an autograder's standard output for a student.

Source: Autolab's docs/lab.md (the last line of text is the autoresult) and
docs/features/formatted-feedback.md (the line before it).
"""

import json
from typing import Any, Final

from harness.report.printable import printable
from harness.report.result_rules import NUMBER, is_of, last_line
from harness.report.student_lines import explained, shown_verdicts
from harness.results.marking import Feedback
from harness.results.rubric import met
from harness.results.student import Student

from .format import CourseSystem, Format


def as_autolab(student: Student, feedback: Feedback, now: str) -> str:
    """The standard output: the presentation, and on the last line the scores by problem."""
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


def without_result(why: str) -> str:
    """The reason as it stands; no problem gets a score."""
    return f"{_without_colons(printable(why))}\n{json.dumps({'scores': {}})}\n"


def broken_rules(text: str) -> list[str]:
    """The written rules that a file breaks, whichever program wrote it."""
    *before, last = text.rstrip("\n").split("\n")
    try:
        told: Any = json.loads(last)
    except (ValueError, RecursionError):
        return ["the last line is no JSON"]
    scores = told.get("scores") if isinstance(told, dict) else None
    if not isinstance(scores, dict):
        return ["the last line holds no scores"]
    slips = [f"{name}: {score!r}" for name, score in scores.items() if not is_of(score, NUMBER)]
    for line in before:
        if line.startswith("{"):
            shown: Any = json.loads(line)
            if shown.get("_presentation") != "semantic":
                slips.append("a line of JSON that is no presentation")
            slips += [f"{each}: no such stage" for each in shown.get("stages", []) if each not in shown]
    return slips


def points_in(text: str) -> str:
    """The scores by problem; "" where there are none."""
    scores: dict[str, float] = json.loads(last_line(text))["scores"]
    return ", ".join(f"{name} {score:g}" for name, score in scores.items())


def _without_colons(text: str) -> str:
    """Autolab's parser stumbles over a colon after a word."""
    return text.replace(":", " -")


FORMAT: Final = Format(
    name="autolab",
    extension="autolab.txt",
    says="Autolab's two lines: what is shown, and the scores by problem",
    of_student=as_autolab,
    course_system=CourseSystem(as_autolab, without_result, broken_rules, points_in),
    place=9,
)
