"""Moodle's offline grading worksheet, and the feedback files of a class as the zip that it takes.

Moodle keeps a grade that is newer than "Last modified (grade)": "-" is older than all, so that nobody's
own grade is replaced unless the box for it is ticked. The head is that of a course in English.

Source: mod/assign/feedback/offline/importgradeslib.php (init, next), mod/assign/lang/en/assign.php
(hiddenuser, recordid); mod/assign/feedback/file/importziplib.php (is_valid_filename_for_import).
"""

from collections.abc import Iterator, Sequence
from typing import Final

from harness.report.grades_csv import Who, as_text, column, harmless, maximum, with_total
from harness.results.student import Student

from .format import Format, GoesBack

_HEAD: Final = ("Identifier", "Full name", "Grade", "Maximum grade", "Last modified (grade)")
_HIDDEN_USER: Final = "Participant "
_NEVER: Final = "-"


def as_moodle(students: Sequence[Student], _: str) -> str:
    """The worksheet; "" where nobody has a participant's number."""
    most = maximum(students)
    rows = [
        [f"{_HIDDEN_USER}{number}", harmless(column(who, "name") or student.name), points, most, _NEVER]
        for student, who, points in with_total(students)
        if (number := _number(who))
    ]
    return as_text(_HEAD, rows)


def _folders(student: Student) -> Iterator[str]:
    """Name, number, plugin, as the zip's importer splits it at underscores; partners have theirs."""
    for who in (student.identity, *student.partners):
        if number := _number(who):
            name = (column(who, "name") or student.name).replace("_", " ").replace("/", " ")
            yield f"{name}_{number}_assignfeedback_file"


def _number(who: Who) -> str:
    """The participant's number, from the list's own column or from the name of the hand-in."""
    told = column(who, "identifier").removeprefix(_HIDDEN_USER) or who.get("id", "")
    return told if told.isdecimal() else ""


FORMAT: Final = Format(
    name="moodle",
    extension="csv",
    says="Moodle's grading worksheet, and a zip of feedback files",
    goes_back=GoesBack(
        layout="Moodle",
        of_grades=as_moodle,
        where="View all submissions, Upload grading worksheet; Upload multiple feedback files in a zip",
        needs="no participant's number is known: --roster with the grading worksheet",
        feedback_folders=_folders,
    ),
    place=21,
)
