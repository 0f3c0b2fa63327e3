"""The terminal face for course systems: export, and the autograde that an export runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Final

import typer

import harness
from harness.cohort.results_folder import moment
from harness.cohort.single import Single
from harness.engine.assignment_file import read as read_settings
from harness.export import bundle, systems, wheels
from harness.export import try_export as rehearsal
from harness.report import formats, platforms, rules
from harness.report.printable import printable
from harness.results.student import Student

from .terminal import AssignmentOption, CellOption, say

app = typer.Typer(help="Make what a course system needs to judge by itself.", no_args_is_help=True)
alone = typer.Typer()
_NO_RESULT: Final = "it could not be judged; the autograder's own output says why"
_LONGEST_S: Final = 3600.0
OutOption = Annotated[Path, typer.Option("--out", "-o", metavar="PLACE", help="Where to write it.")]
TryOption = Annotated[
    Path | None,
    typer.Option("--try", metavar="SOLUTION", help="Run it here, under that system's limits, on this."),
]


@app.command()
def gradescope(
    out: OutOption = Path("autograder.zip"), assignment: AssignmentOption = None, try_: TryOption = None
) -> None:
    """Write autograder.zip, to be uploaded as the assignment's autograder."""
    _export("gradescope", out, assignment, try_)


@app.command()
def prairielearn(
    out: OutOption = Path("prairielearn"), assignment: AssignmentOption = None, try_: TryOption = None
) -> None:
    """Write a folder with a Dockerfile for the grader's image, and what goes into info.json."""
    _export("prairielearn", out, assignment, try_)


@app.command()
def github(
    out: OutOption = Path("github"), assignment: AssignmentOption = None, try_: TryOption = None
) -> None:
    """Write a folder with a workflow that judges each push, to be copied into the repository."""
    _export("github", out, assignment, try_)


def _export(name: str, out: Path, assignment: Path | None, solution: Path | None) -> None:
    system = systems.SYSTEMS[name]
    read_settings(assignment)
    bundle.refuse_what_cannot_be(out, is_zip=system.is_zip)
    if solution is not None:
        rehearsal.refuse_what_cannot_be(solution)
    brought = wheels.collect()
    packed = systems.bundle(system, assignment, brought)
    bundle.write(packed, out, is_zip=system.is_zip)
    size = sum(map(len, packed.files.values()))
    say(f"{out}: {len(packed.files)} files, {size / 1e6:.1f} MB")
    if solution is not None:
        tried = rehearsal.rehearse(
            system, packed, brought.files, solution, lambda text: rules.broken(name, text)
        )
        for line in tried.lines:
            say(printable(line))
        if not tried.is_sound:
            raise typer.Exit(1)


@alone.command(hidden=True)
def autograde(
    submission: Annotated[Path, typer.Argument(metavar="SUBMISSION")],
    out: Annotated[Path, typer.Option(metavar="FILE", help="The result; it stands at every moment.")],
    format: Annotated[str, typer.Option(help="gradescope or prairielearn.")],  # noqa: A002
    assignment: AssignmentOption = None,
    within: Annotated[
        float,
        typer.Option(min=1, max=_LONGEST_S, metavar="SECONDS", help="Then what is known is written."),
    ] = _LONGEST_S,
    metadata: Annotated[Path | None, typer.Option(help="Gradescope's submission_metadata.json.")] = None,
    cell: CellOption = None,
) -> None:
    """Judge one student for a course system; what an export's start runs."""
    if format not in platforms.WITHOUT_RESULT:
        known = " or ".join(platforms.WITHOUT_RESULT)
        raise harness.HarnessError(f"{format}: no system that starts forkspec; say {known}")
    empty, (_, full) = platforms.WITHOUT_RESULT[format], platforms.WRITERS[format]
    formats.write(out, empty("it is being judged"))
    is_told = False
    try:
        settings = read_settings(assignment)

        def tell(student: Student) -> None:
            nonlocal is_told
            formats.write(out, full(student, settings.assignment.feedback, moment()))
            is_told = True

        name = _students(metadata) or "student"
        Single(submission, name, settings, cell=cell.value if cell else None).judge(within, tell)
    except Exception:
        if not is_told:
            formats.write(out, empty(_NO_RESULT))  # why, is for the teacher: on standard error
        raise


def _students(metadata: Path | None) -> str:
    """The names in Gradescope's metadata; "" where there are none, since no name decides anything."""
    try:
        told: Any = json.loads(metadata.read_text(encoding="utf-8")) if metadata else {}
        return " and ".join(str(each["name"]) for each in told.get("users", []))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return ""
