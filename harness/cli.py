"""The terminal face: `forkspec check`, `judge`, `compare`, `demo`, `list`, `explain`, `doctor`."""

from __future__ import annotations

import io
import os
import signal
import sys
import traceback
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, NoReturn, Self

import typer
from rich.table import Table
from rich.text import Text

import harness
from harness.commands import (
    class_commands,
    export_commands,
    learn_command,
    preview_command,
    student_commands,
)
from harness.commands.format_options import Outputs, takes_outputs, write_outputs
from harness.commands.terminal import CellChoice, CellOption, console
from harness.engine import catalogue, doctor, recordings_file, references
from harness.engine import init_exercise as beginning
from harness.engine import stored_results as earlier
from harness.engine.assignment_file import AssignmentFile
from harness.engine.assignment_file import read as read_settings
from harness.engine.session import Options, examine_all, judge_recordings
from harness.engine.targets import LECTURE, prepare, prepare_all, prepare_command
from harness.export import wheels
from harness.judge.requirement import Tier
from harness.record.recording import Recording
from harness.record.role import Role
from harness.report import changes, output_file, pages, text
from harness.results.comparison import exit_status
from harness.results.result import Result
from harness.results.rubric import Rubric
from harness.subject.submission import BuildOptions

if TYPE_CHECKING:
    from rich.console import Console

app = typer.Typer(
    name="forkspec",
    help="A judge of concurrent TCP servers.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


class _Told(StrEnum):
    """The roles that a user can give."""

    SERVER = Role.SERVER.value
    CLIENT = Role.CLIENT.value


def _version(wanted: bool) -> None:
    if wanted:
        print(f"forkspec {harness.__version__}")
        raise typer.Exit


app.add_typer(learn_command.app)
app.add_typer(class_commands.app)
app.add_typer(preview_command.app)
app.add_typer(student_commands.app)
app.add_typer(export_commands.app, name="export")
app.add_typer(export_commands.alone)


@app.callback()
def forkspec(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which this is.")
    ] = False,
) -> None:
    """A judge of concurrent TCP servers."""


_NONE: Final[Outputs] = {}
Only = Annotated[list[str] | None, typer.Option(help="Judge only this requirement; repeatable.")]
TierOption = Annotated[
    Tier | None, typer.Option(help="Count requirements up to this tier.", show_default="lecture")
]
Strict = Annotated[bool, typer.Option("--strict", help="Count every requirement.")]
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
    seed: Annotated[int | None, typer.Option(help="Seed of the random orders.")] = None,
    cell: CellOption = None,
    assignment: AssignmentPath = None,
    outputs: Outputs = _NONE,
    record: Annotated[Path | None, typer.Option(help="Keep what was seen, for 'judge'.")] = None,
    entry: Annotated[str, typer.Option(help="Which server, where a folder holds several.")] = "",
    role: Annotated[_Told | None, typer.Option(help="What it is; what it does, if not said.")] = None,
) -> None:
    """Judge servers, and clients.

    TARGET is a folder or an archive as it was handed in, a source file, a program, or a reference name
    (tcpserver3); or give a command that starts one: forkspec check -- ./myserver {port}
    """
    settings = read_settings(assignment)
    options = _options(only, tier, strict, seed, cell, settings)
    how = BuildOptions(entry, role.value if role else "").over(settings.handed_in)
    subjects = [each for target in targets or [] for each in prepare_all(target, how)]
    if context.obj is not None:
        subjects.append(prepare_command(context.obj, how))
    if not subjects:
        raise harness.HarnessError("nothing to check: name a file or a reference, or -- COMMAND {port}")
    out = console()
    with _Progress(out) as progress:
        results = examine_all(subjects, options, progress.note, repeat=repeat)
    _deliver(out, results, outputs, repeat, record)


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
    """Judge recordings again; runs no server. They keep the contract they were made under."""
    settings = read_settings(assignment)
    options = _options(only, tier, strict, None, None, settings)
    results = [judge_recordings(recordings, options) for recordings in recordings_file.read(file)]
    _deliver(console(), results, outputs)


@app.command()
def compare(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="What 'check --json' wrote earlier.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="What it wrote now.")],
    strict: Strict = False,
) -> None:
    """Compare two results of the same servers; the status is 1 when something that counts got worse."""
    comparisons = earlier.compare(old, new, strict=strict)
    changes.show(comparisons, console())
    raise typer.Exit(exit_status(comparisons))


@app.command()
def demo(
    cell: CellOption = None,
    seed: Annotated[int | None, typer.Option(help="Seed of the random orders.")] = None,
) -> None:
    """Judge the lecture's own servers, and ours."""
    out = console()
    subjects = [prepare(name) for name in LECTURE]
    with _Progress(out) as progress:
        results = examine_all(subjects, _options(None, None, False, seed, cell), progress.note)
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


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder.")],
    lecture: Annotated[
        bool, typer.Option("--lecture", help="Students begin with the lecture's tcpserver and clients.")
    ] = False,
) -> None:
    """Begin an exercise: an assignment to settle, and a folder to hand out."""
    out = console()
    for path in beginning.begin(folder, wheels.own(), lecture=lecture):
        out.print(Text(str(folder / path)))
    settings, theirs = folder / beginning.ASSIGNMENT, folder / beginning.STUDENT
    out.print()
    out.print(Text(f"Settle {settings}, copy what students may see to {theirs}, and hand that out."))
    out.print(Text(f"Judge a submission: forkspec check SUBMISSION --assignment {settings}"))


@app.command(name="list")
def list_(
    servers: Annotated[bool, typer.Option("--servers", help="List the reference servers.")] = False,
) -> None:
    """List the requirements, or the reference servers."""
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column(no_wrap=True)
    if servers:
        for name, says in references.described().items():
            table.add_row(name, says)
    else:
        table.add_column(no_wrap=True)
        for requirement in catalogue.every_requirement():
            table.add_row(requirement.id, requirement.tier.value, requirement.says)
    console().print(table)


@app.command()
def explain(
    identifier: Annotated[str, typer.Argument(metavar="ID", show_default=False)] = "",
    html: Annotated[
        Path | None, typer.Option("--html", metavar="DIR", help="Write all of them as pages.")
    ] = None,
) -> None:
    """Say what a requirement means, why, and how to see it by hand."""
    if html is not None:
        from harness.report.html import write_pages  # noqa: PLC0415  (who wants no page waits for none)

        write_pages.write_requirements(html, catalogue.every_requirement(), references.killers_of)
        console().print(Text(str(html / "index.html")))
        if not identifier:
            return
    elif not identifier:
        raise harness.HarnessError("name a requirement (forkspec list), or --html DIR for all")
    requirement = catalogue.find(identifier)
    print(pages.page(requirement, references.killers_of(identifier)), end="")


@app.command(name="doctor")
def doctor_(cell: CellOption = None) -> None:
    """Say which cell this machine gives, why, and how to get a better one."""
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column(no_wrap=True, style="dim")
    for name, finding in doctor.examine(cell.value if cell else None)[1]:
        table.add_row(name, finding)
    console().print(table)


def _options(
    only: list[str] | None,
    tier: Tier | None,
    strict: bool,
    seed: int | None,
    cell: CellChoice | None,
    settings: AssignmentFile = AssignmentFile(),  # noqa: B008  (frozen)
) -> Options:
    for identifier in only or []:
        catalogue.find(identifier)
    return Options(
        tuple(only or ()),
        Rubric(tier or settings.tier or Tier.LECTURE, strict),
        cell.value if cell else None,
        seed,
        assignment=settings.assignment,
        bounded=True,
    )


def _deliver(
    out: Console, results: list[Result], outputs: Outputs, repeat: int = 1, record: Path | None = None
) -> NoReturn:
    """Show the results, write the files, and exit with the results' status."""
    for number, result in enumerate(results[::repeat]):
        if number:
            out.print()
        text.show(result, out)
        if repeat > 1:
            out.print(text.steadiness(results[number * repeat : (number + 1) * repeat]))
    failures = []
    if record is not None:
        try:
            output_file.write(record, recordings_file.written(results))
        except output_file.UnwritableFile as error:
            failures.append(str(error))
    failures += write_outputs(outputs, results, repeat)
    if failures:
        raise output_file.UnwritableFile("; ".join(failures))
    statuses = {result.exit_status for result in results}
    raise typer.Exit(1 if 1 in statuses else max(statuses))


class _Progress:
    """A line that is rewritten while scenarios finish; nothing in a pipe."""

    def __init__(self, out: Console) -> None:
        self._done = 0
        self._status: Any = out.status("preparing") if out.is_terminal else None

    def __enter__(self) -> Self:
        if self._status is not None:
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._status is not None:
            self._status.stop()

    def note(self, subject: str, recording: Recording) -> None:
        """Count one finished scenario."""
        self._done += 1
        if self._status is not None:
            self._status.update(f"{subject}: {recording.scenario} seen ({self._done} scenarios so far)")


def main() -> None:
    """Run the command line. An error of ours is one sentence and exit status 3."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # what a terminal cannot show is no reason to stop
            stream.reconfigure(errors="replace")
    words, command = sys.argv[1:], None
    if "--" in words:
        at = words.index("--")
        words, command = words[:at], words[at + 1 :]
    try:
        status = app(words, obj=command, standalone_mode=False)
    except harness.HarnessError as error:
        print(f"forkspec: {error}", file=sys.stderr)
        status = 3
    except typer.Abort:
        status = 130
    except Exception as error:  # noqa: BLE001  the last boundary
        if hasattr(error, "format_message"):  # click's usage errors, whichever click typer brings
            said = error.format_message().rstrip(".")
            print(f"forkspec: {said}; see forkspec --help", file=sys.stderr)
            status = 3
        else:  # ours: told with all we know, and never taken for a grade
            traceback.print_exc()
            status = 3
    except KeyboardInterrupt:
        print("forkspec: interrupted", file=sys.stderr)
        status = 130
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(status or 0)


if __name__ == "__main__":
    main()
