"""A student's report as plain text: points with their reasons, then each role's report."""

from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness.results.marking import Feedback
from harness.results.student import Student, as_told

from . import text
from .printable import printable
from .student_lines import why_unshown
from .words import total_in_words

_WIDTH: Final = 100
_MOST_NAMED: Final = 4


def as_text(student: Student, feedback: Feedback, now: str) -> str:
    """The report that the student may read at a moment (ISO 8601)."""
    return text.plain(lambda out: show(student, feedback, now, out), _WIDTH) + "\n"


def show(student: Student, feedback: Feedback, now: str, out: Console) -> None:
    """Print what a student is told, on a console."""
    out.print(Text(f"{printable(student.name)}: {total_in_words(student)} points", style="bold"))
    if student.refused:
        out.print(Text(printable(student.refused)))
    for remark in student.remarks:
        out.print(Text(printable(remark), style="dim"))
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False, pad_edge=False)
    for each in student.marks.marks:
        shown = each.because_told(feedback, now)
        more = len(each.because) - len(shown[:_MOST_NAMED])
        why = ", ".join(shown[:_MOST_NAMED])
        why += (f" and {more} more" if why else f" {more} that are hidden") if more else ""
        earned = f"{round(each.earned, 2):g} of {each.award.points:g}" + (
            " (bonus)" if each.award.bonus else ""
        )
        untold = each.pending and each.earned + each.pending == each.award.points
        short = f"{'could not be told' if untold else 'not met'}: {why.strip()}" if why else ""
        if student.marks.awaits_person(each):
            short = "a person gives these points"
        pending = f"{round(each.pending, 2):g} pending" if each.pending else ""
        table.add_row(earned, printable(each.name_told(feedback, now)), pending, short)
        if told := why_unshown(each, feedback, now):
            table.add_row("", Text(told, style="dim"), "", "")
        if told := each.text_told(feedback, now):
            table.add_row("", Text(printable(told), style="dim"), "", "")
    for given in student.marks.overrides:
        table.add_row(given.told, printable(given.name), "", printable(given.reason))
    out.print(table)
    for result in student.results:
        out.print()
        text.show(as_told(result, feedback, now), out)
