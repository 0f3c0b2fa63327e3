"""The terminal face for judging: check, judge, demo."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Final, Literal, NoReturn

import typer
from rich.console import Console
from rich.text import Text

import harness
from harness.engine import recordings_file
from harness.engine.assignment_file import AssignmentFile
from harness.engine.assignment_file import read as read_settings
from harness.engine.session import examine_all, judge_recordings, most_moments
from harness.engine.targets import LECTURE, prepare, prepare_all, prepare_command
from harness.judge.requirement import Tier
from harness.record.recording import Recording
from harness.report import output_file, text
from harness.report.formats.json import as_json
from harness.report.side_by_side_text import LESS
from harness.results.result import Result
from harness.subject.submission import BuildOptions

from . import standard_output
from .format_options import Outputs, takes_outputs, write_outputs
from .judging import Only, Seed, options_of
from .terminal import CellOption, EntryOption, Progress, Strict, console, new_app, say

app = new_app()


_NONE: Final[Outputs] = {}
TierOption = Annotated[
    Tier | None, typer.Option(help="Count requirements up to this tier.", show_default="lecture")
]
Moments = Annotated[
    int | None,
    typer.Option(
        metavar="N|all",
        parser=most_moments,
        help="At how many points moments/* lets something happen.",
        show_default="24; 3 of a server that wakes by the clock",
    ),
]
AssignmentPath = Annotated[
    Path | None, typer.Option(help="Settings of an assignment (TOML): contract, references, hints.")
]


@app.command()
@takes_outputs
def check(
    context: typer.Context,
    targets: Annotated[list[str] | None, typer.Argument(metavar="TARGET...")] = None,
    only: Only = None,
    tier: TierOption = None,
    strict: Strict = False,
    repeat: Annotated[int, typer.Option(min=1, help="Run everything so many times.")] = 1,
    seed: Seed = None,
    moments: Moments = None,
    cell: CellOption = None,
    assignment: AssignmentPath = None,
    outputs: Outputs = _NONE,
    record: Annotated[Path | None, typer.Option(help="Keep what was seen, for 'judge'.")] = None,
    save: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Keep the result, for 'compare'.")
    ] = None,
    entry: EntryOption = "",
    role: Annotated[
        Literal["server", "client"] | None, typer.Option(help="What it is; what it does, if not said.")
    ] = None,
) -> None:
    """Judge servers, and clients.

    TARGET is a folder or an archive as it was handed in, a source file, a program, or a reference name
    (tcpserver3); or give a command that starts one: forkspec check -- ./myserver {port}
    """
    standard_output.leave_to_file(record, save, *outputs.values())
    settings = read_settings(assignment)
    options = replace(
        options_of(settings, only=only, tier=tier, strict=strict, cell=cell, seed=seed), moments=moments
    )
    how = BuildOptions(entry, role or "").over(settings.handed_in)
    subjects = [each for target in targets or [] for each in prepare_all(target, how)]
    if context.obj is not None:
        subjects.append(prepare_command(context.obj, how))
    if not subjects:
        raise harness.HarnessError("nothing to check: name a file or a reference, or -- COMMAND {port}")
    out = console()
    with _Progress(out) as progress:
        results = examine_all(subjects, options, progress.note, repeat=repeat)
    _deliver(out, results, outputs, repeat, record, save)


@app.command()
@takes_outputs
def judge(
    file: Annotated[Path, typer.Argument(help="What 'check --record' wrote.")],
    only: Only = None,
    tier: TierOption = None,
    strict: Strict = False,
    assignment: AssignmentPath = None,
    outputs: Outputs = _NONE,
) -> None:
    """Judge recordings again; runs no server.

    They keep the contract they were made under.
    """
    standard_output.leave_to_file(*outputs.values())
    settings = read_settings(assignment)
    options = options_of(settings, only=only, tier=tier, strict=strict)
    results = [judge_recordings(recordings, options) for recordings in recordings_file.read(file)]
    _deliver(console(), results, outputs)


@app.command()
def demo(cell: CellOption = None, seed: Seed = None) -> None:
    """Judge the lecture's own servers, and ours."""
    out = console()
    subjects = [prepare(name) for name in LECTURE]
    with _Progress(out) as progress:
        results = examine_all(
            subjects, options_of(AssignmentFile(), cell=cell, seed=seed), progress.note
        )
    out.print(Text("The lecture in four servers", style="bold"))
    out.print()
    out.print(text.matrix(results, out))
    for result in results:
        out.print()
        if out.is_terminal:
            out.rule(style="dim", characters="-")
        text.show(result, out, table=False)
    out.print()
    out.print("Now yours: forkspec check ./tcpserver.c   (or .cpp, .py, an executable)")


def _deliver(
    out: Console,
    results: list[Result],
    outputs: Outputs,
    repeat: int = 1,
    record: Path | None = None,
    save: Path | None = None,
) -> NoReturn:
    """Write the files, which may fail, then show the results; exit with the results' status."""
    failures = []
    if record is not None:
        try:
            output_file.write(record, recordings_file.written(results))
        except output_file.UnwritableFile as error:
            failures.append(str(error))
    is_saved = False
    if save is not None:
        try:
            output_file.write(save, as_json(results))
            is_saved = True
        except output_file.UnwritableFile as error:
            failures.append(str(error))
    failures += write_outputs(outputs, results, repeat)
    for number, result in enumerate(results[::repeat]):
        if number:
            out.print()
        text.show(result, out)
        if repeat > 1:
            out.print(text.steadiness(results[number * repeat : (number + 1) * repeat]))
    if is_saved:
        say(f"{save}: {LESS}")
    if failures:
        raise output_file.UnwritableFile("; ".join(failures))
    statuses = {result.exit_status for result in results}
    raise typer.Exit(1 if 1 in statuses else max(statuses))


class _Progress(Progress):
    """Counts scenarios."""

    def __init__(self, out: Console) -> None:
        super().__init__(out)
        self._done = 0

    def note(self, subject: str, recording: Recording) -> None:
        """Count one finished scenario."""
        self._done += 1
        self.say(f"{subject}: {recording.scenario} seen ({self._done} scenarios so far)")
