"""Brightspace's grades: OrgDefinedId and Username behind a hash, the item, an end of line.

The numbers in the names of what was handed in are neither id: a class list tells them.

Source: community.d2l.com, Importing grades (Grades_Sample_Import_File.csv): Username or OrgDefinedId or
both, the item's name followed by "Points Grade", "End-of-Line Indicator".
"""

from collections.abc import Iterator, Sequence
from typing import Final

from harness.report.grades_csv import TITLE, Who, as_text, column, with_total
from harness.results.student import Student

from .format import Format, GoesBack

_HASH: Final = "#"


def as_brightspace(students: Sequence[Student], title: str) -> str:
    """The whole file; "" where nobody's OrgDefinedId or Username is known."""
    item = title or TITLE
    item += "" if item.endswith((">", "Points Grade")) else " Points Grade"
    return as_text(["OrgDefinedId", "Username", item, "End-of-Line Indicator"], _rows(students))


def _rows(students: Sequence[Student]) -> Iterator[list[str]]:
    for _, who, points in with_total(students):
        ids = [_hashed(who, "orgdefinedid"), _hashed(who, "username")]
        if any(ids):
            yield [*ids, points, _HASH]


def _hashed(who: Who, name: str) -> str:
    told = column(who, name).lstrip(_HASH)
    return _HASH + told if told else ""


FORMAT: Final = Format(
    name="brightspace",
    extension="csv",
    says="Brightspace's grades, to be imported",
    goes_back=GoesBack(
        layout="Brightspace",
        of_grades=as_brightspace,
        where="Grades, Enter Grades, Import",
        needs="no OrgDefinedId is known: --roster with the grades that Brightspace exports",
    ),
    place=22,
)
