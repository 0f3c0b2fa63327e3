"""Grades as course systems import them: the points of each student, by the system's own columns.

A student without a total is left out: systems take an empty cell for a grade that is to be deleted.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from harness.results.student import Student

from .printable import printable

TITLE: Final = "forkspec"  # of the assignment, where its file gives no name
_DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r")
Who = Mapping[str, str]


def with_total(students: Sequence[Student]) -> Iterator[tuple[Student, Who, str]]:
    """Everybody who has a total, partners too: the student, the columns of each, and the points."""
    for each in students:
        if each.total is not None:
            for who in (each.identity, *each.partners):
                yield each, who, points(each.total)


def points(number: float) -> str:
    """A number of points with at most two decimals and a point, as all systems read it."""
    return f"{number:.2f}".rstrip("0").rstrip(".")


def maximum(students: Sequence[Student]) -> str:
    """The most points that can be reached, by the rubric."""
    return points(max((each.marks.of for each in students), default=0.0))


def column(who: Who, *names: str) -> str:
    """The first of these columns that a student has, whatever its case; "" if there is none."""
    known = {key.strip().casefold(): value.strip() for key, value in who.items()}
    return next((known[name] for name in names if known.get(name)), "")


def as_text(head: Sequence[str], rows: Iterable[Sequence[str]], *, quoted: bool = False) -> str:
    """Comma-separated lines; "" without a row. All cells are quoted where the system wants it."""
    found = list(rows)
    if not found:
        return ""
    out = io.StringIO()
    lines = csv.writer(out, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL)
    lines.writerows([head, *found])
    return out.getvalue()


def harmless(cell: str) -> str:
    """No cell may begin as a formula does: what students choose stands in some."""
    return f"'{printable(cell)}" if cell.startswith(_DANGEROUS) else printable(cell)
