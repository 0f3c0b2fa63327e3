"""The grade book of a class: CSV for spreadsheets, Markdown for people, JSON for scripts."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from harness.judge.causes import CAUSES
from harness.judge.verdict import Outcome
from harness.results.student import Student

from . import formats
from .printable import printable
from .words import points_in_words, total_in_words

BYTE_ORDER_MARK: Final = "\ufeff"  # without it spreadsheets take UTF-8 for something else
_DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r")
_SIGN: Final = {
    Outcome.PASS: "pass", Outcome.FAIL: "FAIL", Outcome.NOT_APPLICABLE: "n/a",
    Outcome.BLOCKED: "blocked", Outcome.INCONCLUSIVE: "pending",
}  # fmt: skip


def as_csv(students: Sequence[Student]) -> str:
    """One line a student: who, points, level, a column for each requirement, diagnosis, remarks.

    Who handed in together has a line each.
    """
    identity = list(dict.fromkeys(key for each in students for key in each.identity))
    ids = list(dict.fromkeys(i for each in students for result in each.results for i in result.verdicts))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    head = ["student", *identity, "points", "of", "pending", "level"]
    writer.writerow([*head, *ids, "diagnosis", "remarks"])
    for each in students:
        verdicts = {i: v for result in each.results for i, v in result.verdicts.items()}
        points = "" if each.total is None else points_in_words(each.total)
        tail = [
            points, f"{each.marks.of:g}", f"{each.marks.pending:g}",
            each.level_told,
            *(_SIGN[verdicts[i].outcome] if i in verdicts else "" for i in ids),
            each.diagnosis, "; ".join([*each.remarks, *([each.refused] if each.refused else [])]),
        ]  # fmt: skip
        for who in (each.identity, *each.partners):
            row = [each.name, *(who.get(key, "") for key in identity), *tail]
            writer.writerow([_harmless(str(cell)) for cell in row])
    return BYTE_ORDER_MARK + out.getvalue()


def _harmless(cell: str) -> str:
    """No cell may begin as a formula does: what students choose stands in some."""
    return f"'{printable(cell)}" if cell.startswith(_DANGEROUS) else printable(cell)


def as_markdown(students: Sequence[Student]) -> str:
    """What a teacher reads first: who needs a look, the points of all, what to talk about."""
    return "\n".join(_lines(students)) + "\n"


def _lines(students: Sequence[Student]) -> Iterator[str]:
    yield f"# {len(students)} students"
    looks = [each for each in students if needs_look(each)]
    if looks:
        yield from ("", "## To be looked at", "")
        for each in looks:
            yield f"- {_cell(each.name)}: {_cell(why_look(each))}"
    yield from ("", "## Points", "", "| student | points | level | |", "|---|---|---|---|")
    for each in students:
        why = _cell(each.diagnosis or each.refused)
        yield f"| {_cell(each.name)} | {total_in_words(each)} | {each.level_told} | {why} |"
    if causes := common_causes(students):
        yield from ("", "## What to talk about", "")
        for cause, whose in causes.items():
            yield f"- {len(whose)} times: {CAUSES[cause].because}"


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


def _cell(text: str) -> str:
    return printable(text).replace("|", "\\|").replace("\n", " ")


def as_json(students: Sequence[Student]) -> str:
    """Everything, for scripts: the students in order, each with the results of every role."""
    return json.dumps([_data(each) for each in students], indent=1, ensure_ascii=False) + "\n"


def _data(student: Student) -> dict[str, Any]:
    return {
        "student": student.name,
        "identity": dict(student.identity),
        "remarks": list(student.remarks),
        "refused": student.refused,
        "points": student.total,
        "of": student.marks.of,
        "pending": student.marks.pending,
        "level": student.level,
        "level_is_least": any(each.is_least for each in student.results),
        "marks": [
            {
                "name": each.award.name,
                "points": each.award.points,
                "earned": each.earned,
                "pending": each.pending,
                "bonus": each.award.bonus,
                "not_met": list(each.because),
            }
            for each in student.marks.marks
        ],
        "overrides": [
            {"name": each.name, "points": each.points, "reason": each.reason}
            for each in student.marks.overrides
        ],
        "results": [formats.as_data(result) for result in student.results],
    }
