"""The terminal face for course systems: export, and the autograde that an export runs."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final

import typer

import harness
from harness.cohort.results_folder import moment
from harness.cohort.single import Single
from harness.engine.assignment_file import read as read_settings
from harness.export import bundle, try_export, wheels
from harness.export.every_system import SYSTEMS
from harness.export.system import System
from harness.export.system import bundle as bundle_for
from harness.export.systems.gradescope import names_in
from harness.report import output_file
from harness.report.formats.registry import formats
from harness.report.printable import printable
from harness.results.student import Student

from . import standard_output
from .format_options import takes_system
from .terminal import AssignmentOption, CellOption, new_app, say

app = new_app()
_systems = new_app("Make what a course system needs to judge by itself.")
app.add_typer(_systems, name="export")
_NO_RESULT: Final = "it could not be judged; the autograder's own output says why"
_LONGEST_S: Final = 3600.0
OutOption = Annotated[Path, typer.Option("--out", "-o", metavar="PLACE", help="Where to write it.")]
TryOption = Annotated[
    Path | None,
    typer.Option("--try", metavar="SOLUTION", help="Run it here, under that system's limits, on this."),
]


def _export_to(system: System) -> Callable[..., None]:
    def export(
        out: OutOption = Path(system.out), assignment: AssignmentOption = None, try_: TryOption = None
    ) -> None:
        _export(system, out, assignment, try_)

    return export


for _system in SYSTEMS.values():
    _systems.command(_system.name, help=_system.says)(_export_to(_system))


def _export(system: System, out: Path, assignment: Path | None, solution: Path | None) -> None:
    standard_output.leave_to_file(out)
    read_settings(assignment)
    bundle.refuse_what_cannot_be(out, is_zip=system.is_zip)
    if solution is not None:
        try_export.refuse_what_cannot_be(solution)
    brought = wheels.collect()
    packed = bundle_for(system, assignment, brought)
    bundle.write(packed, out, is_zip=system.is_zip)
    size = sum(map(len, packed.files.values()))
    say(f"{out}: {len(packed.files)} files, {size / 1e6:.1f} MB")
    if solution is not None:
        known = formats().get(system.name)
        reads = known.course_system if known else None
        tried = try_export.try_export(system, packed, brought.files, solution, reads)
        for line in tried.lines:
            say(printable(line))
        if not tried.is_sound:
            raise typer.Exit(1)


@app.command(hidden=True)
@takes_system
def autograde(
    submission: Annotated[Path, typer.Argument(metavar="SUBMISSION")],
    out: Annotated[Path, typer.Option(metavar="FILE", help="The result; it stands at every moment.")],
    system: str,
    assignment: AssignmentOption = None,
    within: Annotated[
        float,
        typer.Option(min=1, max=_LONGEST_S, metavar="SECONDS", help="Then what is known is written."),
    ] = _LONGEST_S,
    metadata: Annotated[Path | None, typer.Option(help="Gradescope's submission_metadata.json.")] = None,
    cell: CellOption = None,
) -> None:
    """Judge one student for a course system; what an export's start runs."""
    output_file.refuse_standard_output(out, "the result is written more than once; name a file")
    known = {name: each.course_system for name, each in formats().items() if each.course_system}
    if system not in known:
        raise harness.HarnessError(f"{system}: no system that starts forkspec; say {' or '.join(known)}")
    without_result, with_result = known[system].without_result, known[system].with_result
    output_file.write(out, without_result("it is being judged"))
    is_told = False
    try:
        settings = read_settings(assignment)

        def tell(student: Student) -> None:
            nonlocal is_told
            output_file.write(out, with_result(student, settings.assignment.feedback, moment()))
            is_told = True

        name = (names_in(metadata) if metadata else "") or "student"
        Single(submission, name, settings, cell=cell).judge(within, tell)
    except Exception:
        if not is_told:
            output_file.write(out, without_result(_NO_RESULT))  # the teacher reads why on standard error
        raise
