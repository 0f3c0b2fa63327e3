"""check50's JSON of a student: a check for each requirement."""

from typing import Any, Final

import harness
from harness.judge.causes import CAUSES
from harness.judge.verdict import Outcome
from harness.report.printable import printable
from harness.report.student_lines import as_json_text, shown_verdicts
from harness.results.marking import Feedback
from harness.results.rubric import met
from harness.results.student import Student

from .format import Format


def as_check50(student: Student, feedback: Feedback, now: str) -> str:
    """check50's JSON: a check for each requirement; what could not be told is null."""
    if student.refused:
        error = {"type": "UnusableTarget", "value": student.refused, "traceback": [], "data": {}}
        return as_json_text({"slug": "forkspec", "error": error, "version": harness.__version__})
    results: list[dict[str, Any]] = []
    for _, requirement, verdict in shown_verdicts(student, feedback, now):
        passed: bool | None = met(verdict)
        if verdict.outcome in {Outcome.INCONCLUSIVE, Outcome.BLOCKED}:
            passed = None
        cause = None
        if not passed:
            cause = {"rationale": printable(verdict.evidence.observed)}
            if help_ := CAUSES.get(verdict.evidence.cause):
                subject = student.results[0].written_in if student.results else ""
                cause["help"] = help_.told_of(subject).look_at
        results.append(
            {
                "name": requirement.id,
                "description": requirement.says,
                "passed": passed,
                "log": [],
                "cause": cause,
                "data": {},
                "dependency": verdict.blocked_by or None,
            }
        )
    return as_json_text({"slug": "forkspec", "results": results, "version": harness.__version__})


FORMAT: Final = Format(
    name="check50",
    extension="check50.json",
    says="check50's JSON",
    of_student=as_check50,
    place=10,
)
