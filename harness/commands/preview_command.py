"""The terminal face for a rubric before a class: preview."""

import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer

import harness
from harness.cohort import roster
from harness.cohort.grade import Grading, Progress
from harness.cohort.store import Store
from harness.engine import catalogue, references
from harness.engine.assignment_file import AssignmentFile
from harness.engine.assignment_file import read as read_settings
from harness.record.contract import Contract
from harness.report.preview_table import Scored, table
from harness.report.printable import printable
from harness.results.marking import mark, of_the_lecture
from harness.results.ranking import Ranked, doubts
from harness.subject import manifest

from .terminal import AssignmentOption, ForceOption, console, new_app, say

app = new_app()
_A_SERVER_S: Final = 40  # of one processor, for what comes to rest soon
_SECONDS_A_MINUTE: Final = 60


@app.command()
def preview(
    assignment: AssignmentOption = None,
    solution: Annotated[Path | None, typer.Option(help="Your own solution.")] = None,
    faults: Annotated[
        bool, typer.Option("--faults/--no-faults", help="All reference faults, too.")
    ] = True,
    promised: Annotated[
        bool, typer.Option("--promised", help="Run nothing: score what the manifest promises.")
    ] = False,
    all_: Annotated[bool, typer.Option("--all", help="A row for each fault, too.")] = False,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Keep what was seen, and go on from it.")
    ] = None,
    force: ForceOption = False,
) -> None:
    """Score your solution, the lecture's servers and every fault, to see whether the rubric is fair."""
    settings = read_settings(assignment)
    known = manifest.references()
    names = {
        name: entry.role == "fault"
        for name, entry in known.items()
        if entry.role == "lecture" or (faults and entry.role == "fault")
    }
    if promised:
        if settings.assignment.contract not in {None, Contract()}:
            raise harness.HarnessError(
                "--promised: what is promised is by the lecture's contract, and this is another contract"
            )
        names = {each: is_fault for each, is_fault in names.items() if not known[each].contract}
        _tell(_as_promised(settings, names), names, all_rows=all_)
        return
    students = [roster.of_target(name) for name in names]
    students = ([roster.of_target(str(solution))] if solution else []) + students
    say(_estimate(len(students), out))
    with _folder(out) as folder, Store(folder, alone=True) as store:
        grading = Grading(store, settings, forced=force)
        store.grounds.belongs_to(grading.terms, settings)
        try:
            grading.run(students, folder, _show_progress)
        finally:
            these = {each.student for each in students}
            scored = [
                Scored(each.name, each.level_told, each.marks, each.refused)
                for each in grading.everybody()
                if each.name in these
            ]
            _tell(scored, names, all_rows=all_)


def _as_promised(settings: AssignmentFile, names: Mapping[str, bool]) -> list[Scored]:
    requirements = catalogue.load().requirements
    marking = settings.assignment.marking or of_the_lecture(requirements)
    known = manifest.references()
    return [
        Scored(name, str(known[name].level), mark(marking, requirements, references.promised(name)))
        for name in names
    ]


def _tell(scored: Sequence[Scored], names: Mapping[str, bool], *, all_rows: bool) -> None:
    """The table, then what may be unfair. Of faults only their number and range, unless `all_rows`."""
    if not scored:
        say("nothing was finished")
        return
    say()
    shown = [each for each in scored if all_rows or not names.get(each.name, False)]
    if shown:
        console().print(table(shown))
    earned = [each.marks.earned for each in scored if names.get(each.name, False)]
    if earned:
        least, most = round(min(earned), 2), round(max(earned), 2)
        say(f"{len(earned)} faults earn from {least:g} to {most:g} points (--all: each of them)")
    ranked = [
        Ranked(
            each.name,
            int(each.level_told.rpartition(" ")[2] or 0),
            each.marks.earned,
            is_fault=names.get(each.name, False),
        )
        for each in scored
        if not each.refused
    ]
    for doubt in doubts(ranked):
        say(printable(f"look: {doubt}"))


def _estimate(many: int, out: Path | None) -> str:
    minutes = max(1, round(many * _A_SERVER_S / (os.cpu_count() or 1) / _SECONDS_A_MINUTE))
    kept = f"is kept in {out}" if out else "is scored, and not kept without --out"
    return (
        f"{many} servers: some {minutes} minutes here, more on a busy machine (--promised: none). "
        f"After Ctrl-C what is finished {kept}."
    )


def _show_progress(progress: Progress) -> None:
    """One line that changes; in a pipe a line for each tenth."""
    line = f"{progress.done} of {progress.of}"
    if sys.stdout.isatty():
        sys.stdout.write(f"\r{line}" + "\n" * (progress.done == progress.of))
        sys.stdout.flush()
    elif progress.done * 10 // progress.of > (progress.done - 1) * 10 // progress.of:
        say(line)


@contextmanager
def _folder(out: Path | None) -> Iterator[Path]:
    if out is not None:
        yield out
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)
