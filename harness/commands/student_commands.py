"""The terminal face for one student of a class: show, override, marks, appeal."""

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated

import typer

import harness
from harness.cohort import appeal_run as appeals
from harness.cohort.class_list import rows_of
from harness.cohort.grade import Grading
from harness.cohort.results_folder import ResultsFolder, moment
from harness.cohort.store import Store
from harness.engine import catalogue, doctor
from harness.engine.assignment_file import AssignmentFile
from harness.judge.verdict import Outcome
from harness.report import evidence, output_file, student_text
from harness.report.words import points_in_words, total_in_words
from harness.results.lateness import LATE
from harness.results.marking import TOTAL
from harness.results.overriding import bounded
from harness.results.student import Student

from . import standard_output
from .terminal import OUT, ForceOption, OutOption, console, new_app, say

app = new_app()


@app.command()
def show(
    student: Annotated[str, typer.Argument(metavar="STUDENT")],
    out: OutOption = OUT,
    all_: Annotated[bool, typer.Option("--all", help="What is hidden and kept back, too.")] = False,
) -> None:
    """Tell one student's result again."""
    with Store(out, new=False) as store:
        settings = store.grounds.settings
        found = Grading(store, settings).graded(student)
    feedback = AssignmentFile().assignment.feedback if all_ else settings.assignment.feedback
    student_text.show(found, feedback, moment(), console())


@app.command(context_settings={"ignore_unknown_options": True})
def override(
    student: Annotated[str, typer.Argument(metavar="STUDENT")],
    requirement: Annotated[
        str, typer.Argument(metavar="WHAT", help="A line's name, a requirement, 'late' or 'total'.")
    ],
    points: Annotated[str, typer.Argument(metavar="POINTS", help="+2, -1 or =3.")] = "",
    reason: Annotated[str, typer.Argument(metavar="REASON")] = "",
    out: OutOption = OUT,
    undo: Annotated[bool, typer.Option("--undo", help="Take back what was last given.")] = False,
) -> None:
    """Give or take points by hand; it survives 'rejudge', and settles what was pending there."""
    with Store(out, new=False) as store:
        settings = store.grounds.settings
        grading = Grading(store, settings)
        now = grading.graded(student)
        key = grading.row(student).key
        if undo:
            if not store.undo_override(key, requirement):
                raise harness.HarnessError(f"{now.name}: nothing was given for {requirement}")
        else:
            if not reason:
                raise harness.HarnessError("override: say POINTS (+2, -1 or =3) and a REASON")
            if requirement not in {TOTAL, LATE} and all(
                requirement != m.award.name for m in now.marks.marks
            ):
                _find(requirement, [each.award.name for each in now.marks.marks])
            given = bounded(now.marks, requirement, points, reason)
            store.override((key, given))
        after = grading.graded(student)
        ResultsFolder(out, settings).write_class(
            grading.everybody(), only=(now.name,), aside=store.grounds.aside
        )
    say(f"{now.name}: {points_in_words(now.total)} -> {total_in_words(after)}")


def _of_table(grading: Grading, name: str, file: Path) -> Student:
    """The student of a line of a table; an error names the table, too."""
    try:
        return grading.graded(name.strip())
    except harness.HarnessError as error:
        raise harness.HarnessError(f"{file}: {error}") from error


def _find(name: str, lines: Sequence[str]) -> None:
    """Look for a requirement, or a rubric's line; raises HarnessError, which names the nearest."""
    near = get_close_matches(name, lines, 1, 0.7)
    try:
        catalogue.find(name)
    except catalogue.UnknownRequirement:
        if not near:
            raise
        raise harness.HarnessError(
            f"{name}: no line of the rubric and no requirement; did you mean {near[0]}?"
        ) from None


@app.command()
def marks(
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="student, then a column a line.")],
    out: OutOption = OUT,
) -> None:
    """Give a class the points of a CSV file: each cell sets a line of the rubric. All, or none."""
    head, *rows = [row for row in rows_of(file) if any(map(str.strip, row))] or [[]]
    head = [cell.strip() for cell in head]
    if [cell.casefold() for cell in head[:1]] != ["student"]:
        raise harness.HarnessError(
            f"{file}: the first column is not 'student': its first line is student,style,... with the "
            "names of lines of the rubric"
        )
    with Store(out, new=False) as store:
        grading, given = Grading(store, store.grounds.settings), []
        for row in rows:
            found = _of_table(grading, row[0], file)
            for name, cell in zip(head[1:], row[1:], strict=False):
                if cell.strip():
                    try:
                        told = bounded(
                            found.marks, name, f"={cell.strip().replace(',', '.')}", f"from {file.name}"
                        )
                    except harness.HarnessError as error:
                        raise harness.HarnessError(f"{file}: {found.name}: {error}") from error
                    given.append((grading.row(found.name).key, told))
        store.override(*given)
        results = ResultsFolder(out, store.grounds.settings)
        results.write_class(grading.everybody(), aside=store.grounds.aside)
    say(f"{len(given)} marks of {len(rows)} students; override --undo takes one back")


@app.command()
def appeal(
    student: Annotated[str, typer.Argument(metavar="STUDENT")],
    only: Annotated[str, typer.Option("--only", metavar="ID", help="The requirement in question.")],
    repeat: Annotated[int, typer.Option(min=1, help="Examine the hand-in so many times.")] = 20,
    pack: Annotated[
        Path | None, typer.Option(metavar="FILE.zip", help="Where the evidence goes.")
    ] = None,
    out: OutOption = OUT,
    force: ForceOption = False,
) -> None:
    """Examine again exactly what was judged, and pack the evidence; changes no points."""
    standard_output.leave_to_file(pack)
    requirement = catalogue.find(only).id
    with Store(out, new=False) as store:
        grading = Grading(store, store.grounds.settings, forced=force)
        row = grading.row(student)

        def tell(outcome: Outcome, times: int) -> None:
            say(f"[{times}/{repeat}] {outcome.value}")

        found = appeals.appeal(store, row, requirement, grading, repeat=repeat, progress=tell)
    file = pack or ResultsFolder(out, AssignmentFile()).evidence_of(row.name, requirement)
    output_file.write(file, evidence.packed(found, dict(doctor.of_this_machine())))
    say()
    say(evidence.summary(found))
    say(f"{file}: what was handed in, what was seen then and {repeat} times since")
