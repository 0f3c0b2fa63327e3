"""A line for each subject or student, for a shell: name, level, what counts and is not met."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from harness.report.formats.format import Format, Option
from harness.report.printable import printable
from harness.results.result import Result
from harness.results.rubric import met
from harness.results.student import Student


def as_summary(results: Sequence[Result]) -> str:
    """One line a subject and run."""
    return _lines((each.subject, each.level_told, *_not_met(each)) for each in results)


def book_as_summary(students: Sequence[Student]) -> str:
    """One line a student; nothing is hidden in it."""
    return _lines(
        (each.name, each.level_told, *(i for result in each.results for i in _not_met(result)))
        for each in students
    )


def _not_met(result: Result) -> list[str]:
    counted = [each for each in result.requirements if result.rubric.counts(each)]
    return [each.id for each in counted if not met(result.verdicts[each.id])]


def _lines(rows: Iterable[Sequence[str]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter="\t", lineterminator="\n")
    writer.writerows([printable(cell) for cell in row] for row in rows)
    return out.getvalue()


FORMAT = Format(
    name="summary",
    extension="tsv",
    says="a line for each subject, for a shell",
    option=Option("--summary", "Write a line for each."),
    of_results=as_summary,
    of_class=book_as_summary,
)
