"""The terminal face for a class: grade, rejudge, show, override, preview, purge."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import tempfile
from collections.abc import Sequence
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import quote

import typer

import harness
from harness.engine import catalogue, doctor
from harness.engine import check as engine
from harness.engine.assignment import Settings
from harness.engine.assignment import read as read_settings
from harness.engine.cohort import appeal as appeals
from harness.engine.cohort import roster
from harness.engine.cohort.cluster import on as on_cluster
from harness.engine.cohort.examine import here
from harness.engine.cohort.grade import Grading, Progress
from harness.engine.cohort.pseudonyms import under_pseudonyms
from harness.engine.cohort.store import Store
from harness.judge.marking import Feedback, Override
from harness.judge.student import Student
from harness.judge.verdict import Outcome
from harness.report import evidence, formats, gradebook, platforms, student_text
from harness.report.printable import printable
from harness.subject import store as contents
from harness.terminal import CellOption, console, say

app = typer.Typer()
_OUT: Final = Path("results")
_SECONDS_A_MINUTE: Final = 60
OutOption = Annotated[Path, typer.Option("--out", metavar="DIR", help="Where results lie.")]
AssignmentOption = Annotated[
    Path | None, typer.Option(help="Settings of an assignment (TOML); the lecture's without.")
]


class BookFormat(StrEnum):
    """What a grade book, or one student's result, can be written as."""

    CSV = "csv"
    JSON = "json"
    MARKDOWN = "markdown"
    JUNIT = "junit"
    GRADESCOPE = "gradescope"
    PRAIRIELEARN = "prairielearn"
    CLASSROOM50 = "classroom50"
    AUTOLAB = "autolab"
    CHECK50 = "check50"


FormatOption = Annotated[
    list[BookFormat] | None, typer.Option("--format", help="Write this, too; repeatable.")
]


@app.command()
def grade(
    submissions: Annotated[Path, typer.Argument(metavar="SUBMISSIONS", help="What a class handed in.")],
    assignment: AssignmentOption = None,
    out: OutOption = _OUT,
    format: FormatOption = None,  # noqa: A002  (the option's name)
    cell: CellOption = None,
    seed: Annotated[int, typer.Option(help="Seed of the random orders.")] = 0,
    cluster: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Judge on this Dask scheduler; 'local' starts one.")
    ] = "",
    pseudonyms: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write no names; who is who stands in FILE.")
    ] = None,
) -> None:
    """Judge a class: everybody once, however often this is interrupted and given again."""
    settings, students = read_settings(assignment), roster.read(submissions)
    examine = on_cluster(cluster) if cluster else here
    with Store(out) as store:
        store.has_names(pseudonyms is None)
        if pseudonyms is not None:
            students = under_pseudonyms(students, pseudonyms)
        grading = Grading(store, settings, cell=cell.value if cell else None, seed=seed)
        store.belongs_to(grading.terms, str(assignment or ""))

        def tell(progress: Progress) -> None:
            say(_line(progress))
            _write_student(out, progress.newest, settings, format or ())

        grading.run(students, out, tell, examine)
        everybody = list(grading.everybody())
    _write_class(out, everybody, settings, format or ())
    say()
    say(_summary(everybody, out))
    handed_in = {each.student for each in students}
    if gone := [each.name for each in everybody if each.name not in handed_in]:
        say(f"not among these, and kept from before: {printable(', '.join(gone))}")


@app.command()
def rejudge(
    out: OutOption = _OUT,
    assignment: AssignmentOption = None,
    format: FormatOption = None,  # noqa: A002
) -> None:
    """Judge the stored recordings again, by this version and this rubric; runs no server."""
    with Store(out, new=False) as store:
        assignment = _assignment(store, assignment)
        settings = read_settings(assignment)
        before = {row.name: row.earned for row in store.students()}
        grading = Grading(store, settings)
        store.belongs_to(grading.terms, str(assignment or ""))
        everybody = list(grading.everybody())
    for student in everybody:
        if student.total != before[student.name]:
            say(f"{student.name}: {_points(before[student.name])} -> {_points(student.total)}")
    changed = sum(student.total != before[student.name] for student in everybody)
    _write_class(out, everybody, settings, format or ())
    say(f"{len(everybody)} students judged again, the points of {changed} changed")


@app.command()
def show(
    student: Annotated[str, typer.Argument(metavar="STUDENT")],
    out: OutOption = _OUT,
    assignment: AssignmentOption = None,
    all_: Annotated[bool, typer.Option("--all", help="What is hidden and kept back, too.")] = False,
) -> None:
    """Tell one student's result again."""
    with Store(out, new=False) as store:
        settings = read_settings(_assignment(store, assignment))
        found = Grading(store, settings).graded(student)
    feedback = Settings().assignment.feedback if all_ else settings.assignment.feedback
    student_text.show(found, feedback, _now(), console())


@app.command(context_settings={"ignore_unknown_options": True})
def override(
    student: Annotated[str, typer.Argument(metavar="STUDENT")],
    requirement: Annotated[str, typer.Argument(metavar="WHAT", help="A requirement, or a line's name.")],
    points: Annotated[float, typer.Argument(metavar="POINTS", help="+2 or -1.")],
    reason: Annotated[str, typer.Argument(metavar="REASON")],
    out: OutOption = _OUT,
    assignment: AssignmentOption = None,
) -> None:
    """Give or take points by hand; it survives 'rejudge'."""
    with Store(out, new=False) as store:
        settings = read_settings(_assignment(store, assignment))
        grading = Grading(store, settings)
        now = grading.graded(student)
        before = now.total
        known = {mark.award.name for mark in now.marks.marks}
        if requirement not in known:
            catalogue.find(requirement)
        store.override(grading.row(student).key, Override(requirement, points, reason))
        after = grading.graded(student).total
        everybody = list(grading.everybody())
    _write_class(out, everybody, settings, ())
    say(f"{student}: {_points(before)} -> {_points(after)}")


@app.command()
def appeal(
    student: Annotated[str, typer.Argument(metavar="STUDENT")],
    only: Annotated[str, typer.Option("--only", metavar="ID", help="The requirement in question.")],
    repeat: Annotated[int, typer.Option(min=1, help="Examine the hand-in so many times.")] = 20,
    pack: Annotated[
        Path | None, typer.Option(metavar="FILE.zip", help="Where the evidence goes.")
    ] = None,
    out: OutOption = _OUT,
    assignment: AssignmentOption = None,
) -> None:
    """Examine again exactly what was judged, and pack the evidence; changes no points."""
    requirement = catalogue.find(only).id
    with Store(out, new=False) as store:
        grading = Grading(store, read_settings(_assignment(store, assignment)))
        row = grading.row(student)

        def tell(outcome: Outcome, times: int) -> None:
            say(f"[{times}/{repeat}] {outcome.value}")

        found = appeals.appeal(store, row, requirement, grading, repeat=repeat, progress=tell)
    file = pack or out / f"appeal-{_slug(student)}-{requirement.replace('/', '-')}.zip"
    formats.write(file, evidence.packed(found, dict(doctor.of_this_machine())))
    say()
    say(evidence.summary(found))
    say(f"{file}: what was handed in, what was seen then and {repeat} times since")


@app.command()
def preview(
    assignment: AssignmentOption = None,
    solution: Annotated[Path | None, typer.Option(help="Your own solution.")] = None,
    faults: Annotated[
        bool, typer.Option("--faults/--no-faults", help="All reference faults, too.")
    ] = True,
) -> None:
    """Score your solution, the lecture's servers and every fault, to see whether the rubric is fair."""
    settings = read_settings(assignment)
    names = [name for name, entry in engine.manifest().items() if entry["role"] == "lecture" or faults]
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder)) as store:
        grading = Grading(store, settings)
        students = [roster.of_target(name) for name in names]
        students = ([roster.of_target(str(solution))] if solution else []) + students
        grading.run(students, Path(folder), lambda progress: say(_line(progress)))


@app.command()
def purge(
    before: Annotated[str, typer.Option(metavar="DATE", help="Judged before this day, 2027-01-31.")],
    out: OutOption = _OUT,
) -> None:
    """Remove students with their recordings and reports."""
    try:
        day = dt.date.fromisoformat(before).isoformat()
    except ValueError:
        raise harness.HarnessError(f"{before}: no day, such as 2027-01-31") from None
    with Store(out, new=False) as store:
        names, settings = store.before(day), read_settings(_assignment(store, None))
        store.forget(names)
        everybody = list(Grading(store, settings).everybody())
    for name in names:
        for suffix in ("txt", "html", *(suffix for suffix, _ in platforms.WRITERS.values())):
            (out / "students" / f"{_slug(name)}.{suffix}").unlink(missing_ok=True)
    shutil.rmtree(out / "handed-in", ignore_errors=True)
    for book in ("gradebook.json", "gradebook.xml"):
        (out / book).unlink(missing_ok=True)
    _write_class(out, everybody, settings, ())
    say(f"{len(names)} students removed")


def _assignment(store: Store, named: Path | None) -> Path | None:
    """The file that was named, or the one that the class was last judged by."""
    return named or (Path(store.source) if store.source else None)


def _line(progress: Progress) -> str:
    student = progress.newest
    points = f"{_points(student.total)} of {student.marks.of:g} points"
    level = "" if student.level is None else f", level {student.level}"
    why = student.refused or student.diagnosis
    left = f"{progress.left_s:.0f} s left"
    if progress.left_s >= _SECONDS_A_MINUTE:
        left = f"{progress.left_s / _SECONDS_A_MINUTE:.0f} min left"
    head = f"[{progress.done}/{progress.of}] {student.name}: {points}{level}"
    return printable(f"{head}  ({left})  {why}".rstrip())


def _points(points: float | None) -> str:
    return "pending" if points is None else f"{round(points, 2):g}"


def _summary(everybody: Sequence[Student], out: Path) -> str:
    pending = [each.name for each in everybody if each.total is None]
    told = (
        f"{len(everybody)} students; {out / 'class.html'}, {out / 'gradebook.csv'}, {out / 'students'}"
    )
    return f"{told}\nto be looked at: {', '.join(pending)}" if pending else told


def _write_student(
    out: Path, student: Student, settings: Settings, chosen: Sequence[BookFormat]
) -> None:
    folder, feedback = out / "students", settings.assignment.feedback
    folder.mkdir(parents=True, exist_ok=True)
    base = folder / _slug(student.name)
    formats.write(base.with_name(f"{base.name}.txt"), student_text.as_text(student, feedback, _now()))
    _write_page(out, base.with_name(f"{base.name}.html"), student, feedback)
    for kind in chosen:
        if kind.value in platforms.WRITERS:
            suffix, write = platforms.WRITERS[kind.value]
            formats.write(base.with_name(f"{base.name}.{suffix}"), write(student, feedback, _now()))


def _write_page(out: Path, path: Path, student: Student, feedback: Feedback) -> None:
    from harness.report.html import folder  # noqa: PLC0415  (what shows no page is quicker)

    _write_shared(out)
    folder.write_student(path, student, feedback, _now())


@cache
def _write_shared(out: Path) -> None:
    """What all pages of a class refer to, once a run."""
    from harness.report.html import folder  # noqa: PLC0415  (see above)

    folder.write_shared(out, catalogue.every_requirement(), engine.killers_of)


def _write_class(
    out: Path, everybody: Sequence[Student], settings: Settings, chosen: Sequence[BookFormat]
) -> None:
    for student in everybody:
        _write_student(out, student, settings, chosen)
    formats.write(out / "gradebook.csv", gradebook.as_csv(everybody))
    formats.write(out / "class.md", gradebook.as_markdown(everybody))
    _write_class_page(out, everybody)
    if BookFormat.JSON in chosen:
        formats.write(out / "gradebook.json", gradebook.as_json(everybody))
    if BookFormat.JUNIT in chosen:
        results = [result for each in everybody for result in each.results]
        formats.write(out / "gradebook.xml", formats.as_junit(results))


def _write_class_page(out: Path, everybody: Sequence[Student]) -> None:
    from harness.report.html import classbook, site  # noqa: PLC0415  (see above)

    _write_shared(out)
    pages = {each.name: f"students/{quote(_slug(each.name))}.html" for each in everybody}
    site.write(out / "class.html", classbook.page(everybody, pages))


def _slug(name: str) -> str:
    """A file's name for a student, whatever the name."""
    plain = re.sub(r"[^\w.()@ -]", "_", name).strip(". ")
    return plain if plain == name else f"{plain or '_'}-{contents.digest(name)[:6]}"


def _now() -> str:
    return dt.datetime.now().astimezone().replace(tzinfo=None).isoformat(timespec="seconds")
