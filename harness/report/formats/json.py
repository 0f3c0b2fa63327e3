"""JSON, for scripts: one subject's verdicts with their evidence, or a class with all its results."""

import json
from collections.abc import Sequence
from typing import Any, Final

import harness
from harness.report import compare_data
from harness.report.words import terms
from harness.results.compare_result import CompareResult
from harness.results.result import Result
from harness.results.student import Student

from .format import Format, Option

_DECIMALS: Final = 4


def as_data(result: Result) -> dict[str, Any]:
    """One subject's result as plain values; scripts may rely on the keys."""
    return {
        "forkspec": harness.__version__,
        "subject": result.subject,
        "cell": result.cell,
        "seed": result.seed,
        "level": result.level,
        "level_means": result.level_means or None,
        "level_is_least": result.is_least,
        "judged_by": terms(result),
        "diagnosis": result.diagnosis.sentence,
        "design": result.diagnosis.design,
        "reaping": result.diagnosis.reaping,
        "causes": list(result.diagnosis.causes),
        "exit_status": result.exit_status,
        "points": _points(result),
        "retried": list(result.retried),
        "warnings": result.warnings,
        "verdicts": [
            {
                "id": requirement.id,
                "tier": requirement.tier.value,
                "verdict": (verdict := result.verdicts[requirement.id]).outcome.value,
                "counts": result.rubric.counts(requirement),
                "evidence": {
                    "says": requirement.says,
                    "slide": requirement.slide,
                    "expected": verdict.evidence.expected,
                    "observed": verdict.evidence.observed,
                    "cause": verdict.evidence.cause,
                    "where": verdict.evidence.where,
                    "blocked_by": verdict.blocked_by,
                    "reference": result.assignment.references.get(requirement.id, ""),
                    "hint": result.assignment.hints.get(requirement.id, ""),
                    "facts": dict(verdict.evidence.facts),
                },
            }
            for requirement in result.requirements
        ],
    }


def _points(result: Result) -> dict[str, float] | None:
    marks = result.marks
    if marks is None:
        return None
    numbers = {"earned": marks.earned, "of": marks.of, "pending": marks.pending}
    return {key: round(number, _DECIMALS) for key, number in numbers.items()}


def as_json(results: Sequence[Result]) -> str:
    """One object for one subject; for several, a list of them."""
    data = [as_data(result) for result in results]
    return json.dumps(data[0] if len(data) == 1 else data, indent=2, ensure_ascii=False) + "\n"


def comparison_as_json(found: CompareResult) -> str:
    """One object: two servers, or all subjects of two stored results."""
    return json.dumps(compare_data.as_data(found), indent=2, ensure_ascii=False) + "\n"


def book_as_json(students: Sequence[Student]) -> str:
    """Everything, for scripts: the students in order, each with the results of every role."""
    return json.dumps([_student_data(each) for each in students], indent=1, ensure_ascii=False) + "\n"


def _student_data(student: Student) -> dict[str, Any]:
    return {
        "student": student.name,
        "identity": dict(student.identity),
        "remarks": list(student.remarks),
        "refused": student.refused,
        "points": None if student.total is None else round(student.total, _DECIMALS),
        "of": student.marks.of,
        "pending": round(student.marks.pending, _DECIMALS),
        "level": student.level,
        "level_is_least": any(each.is_least for each in student.results),
        "marks": [
            {
                "name": each.award.name,
                "points": each.award.points,
                "earned": round(each.earned, _DECIMALS),
                "pending": round(each.pending, _DECIMALS),
                "bonus": each.award.bonus,
                "not_met": list(each.because),
            }
            for each in student.marks.marks
        ],
        "overrides": [
            {"name": each.name, "points": each.points, "reason": each.reason, "sets": each.sets}
            for each in student.marks.overrides
        ],
        "results": [as_data(result) for result in student.results],
    }


FORMAT: Final = Format(
    name="json",
    extension="json",
    says="every verdict with its evidence, for scripts",
    option=Option("--json", "Write the results as JSON."),
    of_results=as_json,
    of_comparison=comparison_as_json,
    of_class=book_as_json,
    place=2,
)
