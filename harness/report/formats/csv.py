"""CSV for spreadsheets and course systems: the grade book, a line for each student."""

import csv
import io
from collections.abc import Sequence
from typing import Final

from harness.judge.verdict import Outcome
from harness.report.grades_csv import harmless
from harness.report.words import points_in_words
from harness.results.student import Student

from .format import Format

BYTE_ORDER_MARK: Final = "\ufeff"  # without it spreadsheets take UTF-8 for something else
_SIGN: Final = {
    Outcome.PASS: "pass", Outcome.FAIL: "FAIL", Outcome.NOT_APPLICABLE: "n/a",
    Outcome.BLOCKED: "blocked", Outcome.INCONCLUSIVE: "pending",
}  # fmt: skip


def as_csv(students: Sequence[Student]) -> str:
    """One line for each student, with points, level and requirements; also for each partner."""
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
            points, f"{each.marks.of:g}", f"{round(each.marks.pending, 2):g}",
            each.level_told,
            *(_SIGN[verdicts[i].outcome] if i in verdicts else "" for i in ids),
            each.diagnosis, "; ".join([*each.remarks, *([each.refused] if each.refused else [])]),
        ]  # fmt: skip
        for who in (each.identity, *each.partners):
            row = [each.name, *(who.get(key, "") for key in identity), *tail]
            writer.writerow([harmless(str(cell)) for cell in row])
    return BYTE_ORDER_MARK + out.getvalue()


FORMAT: Final = Format(
    name="csv",
    extension="csv",
    says="a line for each student: the course system's columns, points, level, each requirement",
    of_class=as_csv,
    is_always_written=True,
    place=1,
)
