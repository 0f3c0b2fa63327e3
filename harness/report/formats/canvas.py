"""Canvas's gradebook CSV, as its importer reads it: Student, ID, SIS ids, Section, the assignment.

Source: Canvas LMS, lib/gradebook_importer.rb (row_has_student_headers?, update_column_count,
process_pp, process_student). A student is found by the number under ID, then by the SIS ids; an
empty cell deletes a grade. The assignment is found by its id, as in "Week 3 (4711)", or by its title.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from harness.report.grades_csv import TITLE, as_text, column, harmless, maximum, with_total
from harness.results.student import Student

from .format import Format, GoesBack

_HEAD: Final = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
_OF_ASSIGNMENT: Final = "    Points Possible"


def as_canvas(students: Sequence[Student], title: str) -> str:
    """The whole file; "" where nobody has an id of Canvas's."""
    rows = list(_rows(students))
    possible = [_OF_ASSIGNMENT, "", "", "", "", maximum(students)]
    return as_text([*_HEAD, title or TITLE], [possible, *rows] if rows else [])


def _rows(students: Sequence[Student]) -> Iterator[list[str]]:
    for student, who, points in with_total(students):
        is_anonymous = who.get("name", "").startswith("anon_")
        ids = () if is_anonymous else (who.get("id", ""), who.get("ID", ""))
        number = next((each for each in ids if each.isdecimal()), "")
        sis = [column(who, "sis user id"), column(who, "sis login id")]
        if number or any(sis):
            name = column(who, "student", "name") or student.name
            yield [harmless(name), number, *sis, harmless(column(who, "section")), points]


FORMAT: Final = Format(
    name="canvas",
    extension="csv",
    says="Canvas's gradebook, to be imported",
    goes_back=GoesBack(
        layout="Canvas",
        of_grades=as_canvas,
        where="Grades, Import",
        needs="no id of Canvas's is known: --roster with the gradebook that Canvas exports",
    ),
    place=20,
)
