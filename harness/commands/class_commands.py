"""The terminal face for a class: grade, rejudge, purge."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

import harness
from harness.cohort import class_list, roster, similarity
from harness.cohort.cluster import on as on_cluster
from harness.cohort.examine import here
from harness.cohort.grade import Grading, Progress
from harness.cohort.pseudonyms import under_pseudonyms
from harness.cohort.purge import forget
from harness.cohort.results_folder import ResultsFolder
from harness.cohort.store import Store, stale_absences
from harness.cohort.student_work import NotHandedIn, StudentWork
from harness.engine.assignment_file import read as read_settings
from harness.report.formats.registry import of_systems
from harness.report.printable import printable
from harness.report.words import points_in_words, total_in_words
from harness.results.student import Student

from .format_options import takes_formats
from .judging import Seed
from .terminal import OUT, AssignmentOption, CellOption, ForceOption, OutOption, new_app, say

app = new_app()
_SECONDS_A_MINUTE: Final = 60
_MOST_ASIDE: Final = 20


@app.command()
@takes_formats
def grade(
    submissions: Annotated[
        Path, typer.Argument(metavar="SUBMISSIONS", help="What a class handed in: a folder, an archive.")
    ],
    assignment: AssignmentOption = None,
    out: OutOption = OUT,
    formats: Sequence[str] = (),
    cell: CellOption = None,
    seed: Seed = None,
    cluster: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Judge on this Dask scheduler; 'local' starts one.")
    ] = "",
    force: ForceOption = False,
    again: Annotated[
        bool, typer.Option("--again", help="Judge once more all of whom something could not be told.")
    ] = False,
    pseudonyms: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write no names; who is who stands in FILE.")
    ] = None,
    listed: Annotated[
        Path | None, typer.Option("--roster", metavar="CSV", help="The class list: who is missing?")
    ] = None,
) -> None:
    """Judge a class: everybody once, however often this is interrupted and given again."""
    with roster.opened(submissions) as folder:
        settings, handed_in = read_settings(assignment), roster.read(folder)
        students: Sequence[StudentWork] = handed_in.students
        if listed is not None:
            told = class_list.compared(students, class_list.read(listed), listed)
            students = told.students
            _tell_list(told)
        _tell_aside(handed_in.aside)
        examine = on_cluster(cluster) if cluster else here
        with Store(out, alone=True) as store:
            store.grounds.has_names(pseudonyms is None)
            if pseudonyms is not None:
                students = under_pseudonyms(students, pseudonyms)
            known = of_systems(handed_in.systems) if pseudonyms is None else []
            results = ResultsFolder(out, settings, [*formats, *known])
            if came := stale_absences(store, students):
                results.remove_reports(came)
                store.forget(came)
            called = {row.key: row.name for row in store.students()}
            students = store.names_apart(students)
            seed = store.grounds.seed(seed, settings)
            grading = Grading(store, settings, cell=cell, seed=seed, forced=force)
            store.grounds.belongs_to(grading.terms, settings)
            store.grounds.set_aside([] if pseudonyms else map(str, handed_in.aside))

            def tell(progress: Progress) -> None:
                say(_line(progress))
                results.write_student(progress.newest)

            try:
                grading.run(students, out, tell, examine, again=again)
            except KeyboardInterrupt:
                say("interrupted: who is finished is kept; the same command goes on with the others")
                raise
            results.remove_reports(n for key, n in called.items() if store.of_key(key).name != n)
            alike = [str(each) for each in similarity.in_store(store)]
            everybody = results.write_class(grading.everybody(), aside=store.grounds.aside, alike=alike)
    say()
    say(_summary(everybody, out))
    _tell_alike(alike, out)
    for line in results.gone_back():
        say(printable(line))
    _tell_gone(everybody, students)


@app.command()
@takes_formats
def rejudge(
    out: OutOption = OUT,
    assignment: AssignmentOption = None,
    formats: Sequence[str] = (),
) -> None:
    """Judge the stored recordings again, by this version and this rubric; runs no server."""
    with Store(out, new=False, alone=True) as store:
        file = assignment or store.grounds.source
        settings = read_settings(file) if file else store.grounds.settings
        before = {row.name: row.earned for row in store.students()}
        grading = Grading(store, settings)
        store.grounds.belongs_to(grading.terms, settings)
        results = ResultsFolder(out, settings, formats)
        everybody = results.write_class(grading.everybody(), aside=store.grounds.aside)
    for student in everybody:
        if student.total != (was := before[student.name]):
            say(f"{student.name}: {points_in_words(was)} -> {total_in_words(student)}")
    changed = sum(student.total != before[student.name] for student in everybody)
    say(f"{len(everybody)} students judged again, the points of {changed} changed")


@app.command()
def purge(
    before: Annotated[
        str, typer.Option(metavar="DATE", help="Judged before this day, 2027-01-31.")
    ] = "",
    student: Annotated[str, typer.Option(metavar="NAME", help="This student alone.")] = "",
    out: OutOption = OUT,
) -> None:
    """Remove students with their recordings and reports."""
    if bool(before) == bool(student):
        raise harness.HarnessError("purge: say --before DATE or --student NAME")
    try:
        day = dt.date.fromisoformat(before).isoformat() if before else ""
    except ValueError:
        raise harness.HarnessError(f"{before}: no day, such as 2027-01-31") from None
    with Store(out, new=False, alone=True) as store:
        settings = store.grounds.settings
        names = store.before(day) if day else [Grading(store, settings).row(student).name]
        results = ResultsFolder(out, settings)
        results.forget(names)
        forget(store, names)
        alike = [str(each) for each in similarity.in_store(store)]
        everybody = Grading(store, settings).everybody()
        results.write_class(everybody, only=(), aside=store.grounds.aside, alike=alike)
    say(f"{len(names)} students removed")


def _tell_list(told: class_list.Compared) -> None:
    for names, what in (
        (told.missing, "handed in nothing"),
        (told.unlisted, "handed in, and not on the class list"),
        (told.unclear, "on the class list more than once by this name"),
    ):
        if names:
            say(f"{len(names)} {what}: {printable(', '.join(names))}")


def _tell_aside(aside: Sequence[NotHandedIn]) -> None:
    if aside:
        say(f"not a hand-in, because ({len(aside)}):")
    for each in aside[:_MOST_ASIDE]:
        say(f"  {printable(str(each))}")
    if len(aside) > _MOST_ASIDE:
        say(f"  and {len(aside) - _MOST_ASIDE} more, in not-handed-in.txt")


def _tell_alike(alike: Sequence[str], out: Path) -> None:
    if alike:
        say(printable(f"hand-ins that are alike ({out / 'alike.txt'}): {alike[0]}"))
        say(f"and {len(alike) - 1} more" if len(alike) > 1 else "look at both: it proves nothing")


def _tell_gone(everybody: Sequence[Student], students: Sequence[StudentWork]) -> None:
    present = {each.student for each in students}
    if gone := [each.name for each in everybody if each.name not in present]:
        say(f"not among these, and kept from before: {printable(', '.join(gone))}")


def _line(progress: Progress) -> str:
    student = progress.newest
    points = f"{points_in_words(student.total)} of {student.marks.of:g} points"
    if student.marks.pending:
        points += f", {student.marks.pending:.2g} pending"
    level = f", level {student.level_told}" if student.level_told else ""
    why = student.refused or student.diagnosis
    left = f"{progress.left_s:.0f} s left"
    if progress.left_s >= _SECONDS_A_MINUTE:
        left = f"{progress.left_s / _SECONDS_A_MINUTE:.0f} min left"
    head = f"[{progress.done}/{progress.of}] {student.name}: {points}{level}"
    return printable(f"{head}  ({left})  {why}".rstrip())


def _summary(everybody: Sequence[Student], out: Path) -> str:
    pending = [each.name for each in everybody if each.total is None]
    told = (
        f"{len(everybody)} students; {out / 'class.html'}, {out / 'gradebook.csv'}, {out / 'students'}"
    )
    if pending:
        told += f"\nto be looked at: {', '.join(pending)}"
    if untold := [f"{each.name} ({len(each.pending)})" for each in everybody if each.pending]:
        names = printable(", ".join(untold))
        told += f"\nnot told in full, which lowers no level: {names}; --again judges them once more"
    late = [each for each in everybody if each.marks.late and each.marks.late.by_files]
    if 2 * len(late) > len(everybody):
        told += (
            f"\n{len(late)} of {len(everybody)} are late by the times of their files, which no system "
            "tells: were they copied without their times?"
        )
    return told
