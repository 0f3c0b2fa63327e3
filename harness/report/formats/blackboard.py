"""Blackboard's Grade Center: Username, and a column for the assignment, all cells quoted.

A column's id stands in its head, `Week 3 [Total Pts: 18 Score] |1234567`: give that as the assignment's
`name`. A head without one makes a new column, of text.

Source: help.blackboard.com, Instructor, Grade Center, Working offline ("Format external files"): the
unique identifier of a student is the user name, that of a column its number; cells of comma-delimited
files are quoted.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from harness.report.grades_csv import TITLE, as_text, column, harmless, with_total
from harness.results.student import Student

from .format import Format, GoesBack

_HEAD: Final = ("Last Name", "First Name", "Username")


def as_blackboard(students: Sequence[Student], title: str) -> str:
    """The whole file; "" where nobody's user name is known."""
    return as_text([*_HEAD, title or TITLE], _rows(students), quoted=True)


def _rows(students: Sequence[Student]) -> Iterator[list[str]]:
    for _, who, points in with_total(students):
        if username := column(who, "username", "user name"):
            names = [harmless(column(who, each)) for each in ("last name", "first name")]
            yield [*names, username, points]


FORMAT: Final = Format(
    name="blackboard",
    extension="csv",
    says="Blackboard's Grade Center, to be uploaded",
    goes_back=GoesBack(
        layout="Blackboard",
        of_grades=as_blackboard,
        where="Grade Center, Work Offline, Upload",
        needs="no user name is known: --roster with the grades that Blackboard exports",
    ),
    place=23,
)
