"""The terminal face for comparisons: two servers, or two earlier results."""

import sys
import traceback
from pathlib import Path
from typing import Annotated, Final, NoReturn

import typer
from rich.text import Text

import harness
from harness.cell.cells import CellKind
from harness.engine import compare_servers
from harness.engine import stored_results as earlier
from harness.engine.assignment_file import read as read_settings
from harness.engine.targets import prepare
from harness.record.role import Role
from harness.report import changes, side_by_side_text
from harness.results.compare_result import CompareResult, of_servers
from harness.results.side_by_side import CANNOT_TELL, LEAST_MS
from harness.subject.submission import BuildOptions

from . import standard_output
from .format_options import Outputs, takes_comparison_outputs, write_comparison
from .judging import Seed, options_of
from .terminal import AssignmentOption, CellOption, Progress, Strict, console, new_app

app = new_app()
_HEAD: Final = 512
_NONE: Final[Outputs] = {}


@app.command()
@takes_comparison_outputs
def compare(
    old: Annotated[str, typer.Argument(metavar="OLD", help="The server as it was; or a stored result.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The server as it is now; or a result.")],
    strict: Strict = False,
    assignment: AssignmentOption = None,
    cell: CellOption = None,
    seed: Seed = None,
    least: Annotated[
        float,
        typer.Option(
            metavar="MS",
            min=0.5,
            help="A wait longer by so much must be seen; where it cannot be, the status is 125.",
        ),
    ] = LEAST_MS,
    outputs: Outputs = _NONE,
) -> None:
    """Compare two servers side by side, or two stored results of the same servers.

    Two servers, each as for 'check', are judged in the same minutes, and the same clients come to both
    in turn. Told are verdicts that got worse, and what a client waits for, costs and leaves behind.
    The status is what 'git bisect run' wants: 0 no regression, 1 a regression, 125 could not tell.

    Two files that 'check --save' or --json wrote are compared by their verdicts and evidence alone. The
    status is 1 when something that counts got worse, else 0; 3 for a file that cannot be compared.
    """
    standard_output.leave_to_file(*outputs.values())
    are_stored = [_is_stored(each) for each in (old, new)]
    if all(are_stored):
        comparisons = earlier.compare(Path(old), Path(new), strict=strict)
        out = console()
        changes.show(comparisons, out)
        out.print(Text(side_by_side_text.LESS, style="dim"))
        stored = CompareResult(old, new, comparisons)
        write_comparison(outputs, stored)
        raise typer.Exit(stored.exit_status)
    try:
        if any(are_stored):
            _refuse_a_mixture(*((old, new) if are_stored[0] else (new, old)))
        found = _servers(old, new, strict, assignment, cell, seed, least)
        write_comparison(outputs, found)
        status = found.exit_status
    except harness.HarnessError as error:
        print(f"forkspec: {error}", file=sys.stderr)
        status = CANNOT_TELL
    except Exception:  # noqa: BLE001  (ours; no bisection may take it for a regression)
        traceback.print_exc()
        status = CANNOT_TELL
    raise typer.Exit(status)


def _servers(
    old: str,
    new: str,
    strict: bool,
    assignment: Path | None,
    cell: CellKind | None,
    seed: int | None,
    least_ms: float,
) -> CompareResult:
    settings = read_settings(assignment)
    options = options_of(settings, strict=strict, cell=cell, seed=seed)
    how = BuildOptions(role=Role.SERVER.value).over(settings.handed_in)
    subjects = [prepare(each, how) for each in (old, new)]
    out = console()
    with Progress(out) as progress:
        found = compare_servers.compare(subjects[0], subjects[1], options, progress.say, least_ms)
    side_by_side_text.show(found, old, new, out)
    return of_servers(old, new, found)


def _refuse_a_mixture(stored: str, server: str) -> NoReturn:
    raise harness.HarnessError(
        f"{stored} is a stored result, and {server} a server: give two servers, or two results"
    )


def _is_stored(told: str) -> bool:
    """Whether this is a result and no server: by its name, or because JSON begins there."""
    path = Path(told)
    try:
        with path.open("rb") as file:
            begins_so = file.read(_HEAD).lstrip()[:1] in {b"{", b"["}
    except OSError:
        begins_so = False
    return begins_so or path.suffix == ".json"
