"""The terminal face for a crowd: crowd."""

import asyncio
import json
import re
import sys
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

import typer

import harness
from harness.engine import crowd_run, session, targets
from harness.engine.assignment_file import read as read_settings
from harness.judge.unbuilt import why_nobody_came
from harness.record.contract import Contract
from harness.record.recording import Recording
from harness.report import crowd_text, output_file
from harness.report.printable import printable
from harness.results.crowd_result import Schedule
from harness.stage.crowd import Tally
from harness.subject.submission import BuildOptions

from . import standard_output
from .terminal import AssignmentOption, CellOption, EntryOption, console, new_app, say

app = new_app()
_ADDRESS: Final = re.compile(r"\[?(?P<host>[^\[\]/\s]+?)\]?:(?P<port>\d{1,5})")
_SPAN: Final = re.compile(r"(\d+(?:\.\d+)?) ?(ms|s|)")
_MOST, _PORTS = 10_000, 1 << 16
_EVERY_S: Final = 0.25
_Result = TypeVar("_Result")


@app.command()
def crowd(
    context: typer.Context,
    target: Annotated[str, typer.Argument(metavar="TARGET", show_default=False)] = "",
    clients: Annotated[int, typer.Option(min=1, max=_MOST, help="How many come.")] = 1000,
    silence: Annotated[str, typer.Option(help="How long each says nothing: 2s, 500ms.")] = "1s",
    rate: Annotated[float, typer.Option(min=0.1, help="How many come in a second.")] = 500,
    patience: Annotated[str, typer.Option(help="An answer after so long is none.")] = "5s",
    assignment: AssignmentOption = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the figures as JSON.")] = None,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE.html", help="Write a page with pictures.")
    ] = None,
    entry: EntryOption = "",
    cell: CellOption = None,
) -> None:
    """Let thousands of clients come, silent at first, and measure how long they wait.

    TARGET is HOST:PORT of a server that runs, or as for 'check': then it is built and started in a cell,
    and its family is counted, too. Or give a command: forkspec crowd -- ./myserver {port}

    Nothing is judged. The status is 0; 1 when somebody was not answered rightly; 2 when our own clients
    came too late to measure anything.
    """
    standard_output.leave_to_file(json_file, html)
    plan = Schedule(clients, _seconds("silence", silence), rate, _seconds("patience", patience))
    if plan.longest_s > crowd_run.LONGEST_S:
        raise harness.HarnessError(
            f"this crowd would take up to {plan.longest_s:.0f} s, and {crowd_run.LONGEST_S:.0f} s are "
            "the most: take a higher --rate, fewer --clients or a shorter --silence"
        )
    if bool(target) == (context.obj is not None):
        raise harness.HarnessError(
            "name one server: HOST:PORT, a file, a reference, or -- COMMAND {port}"
        )
    settings, tally = read_settings(assignment), Tally()
    if (found := _ADDRESS.fullmatch(target)) and (port := int(found["port"])) < _PORTS:
        contract = settings.assignment.contract or Contract()
        result = _run(crowd_run.at_address(found["host"], port, plan, contract, tally), plan, tally)
    else:
        how = BuildOptions(entry).over(settings.handed_in)
        prepare = targets.prepare_command if context.obj else targets.prepare
        subject = prepare(context.obj or target, how)
        contract = session.contract_of(subject, settings.assignment)
        work = crowd_run.of_subject(subject, plan, contract, tally, cell)
        seen = _run(work, plan, tally)
        if isinstance(seen, Recording):
            say(printable(f"no crowd can come: {why_nobody_came(seen, 'it does not listen')}"))
            raise typer.Exit(2 if seen.broke_off else 1)
        result = seen
    crowd_text.show(result, console())
    if json_file is not None:
        output_file.write(json_file, json.dumps(result.as_data(), indent=1) + "\n")
    if html is not None:
        from harness.report.html import crowd_page, site  # noqa: PLC0415  (who wants no page waits for none)

        site.write(html, crowd_page.of_result(result))
    raise typer.Exit(result.exit_status)


def _seconds(name: str, told: str) -> float:
    found = _SPAN.fullmatch(told)
    if found is None:
        raise harness.HarnessError(f"--{name} {told}: a time is 2s, 0.5s or 500ms")
    return float(found[1]) / (1000 if found[2] == "ms" else 1)


def _run(work: Coroutine[Any, Any, _Result], plan: Schedule, tally: Tally) -> _Result:
    """Run it to its end; in a terminal with a line that tells how far it is."""

    async def watched() -> _Result:
        watching = asyncio.create_task(_watch(plan, tally)) if sys.stdout.isatty() else None
        try:
            return await work
        finally:
            tally.is_called_off = True  # after Ctrl-C; a thread cannot be ended from outside
            if watching is not None:
                watching.cancel()
                sys.stdout.write("\r\x1b[K")

    return session.run(watched())


async def _watch(plan: Schedule, tally: Tally) -> None:
    """A line that changes; it shares a processor with the crowd, so it does little, and seldom."""
    began_s = time.monotonic()
    while True:
        sys.stdout.write(
            f"\r{time.monotonic() - began_s:5.1f} s: {tally.came} of {plan.clients} have come, "
            f"{tally.asked} asked, {tally.answered} were answered, {tally.over} are gone \x1b[K"
        )
        sys.stdout.flush()
        await asyncio.sleep(_EVERY_S)
