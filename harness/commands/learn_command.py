"""The terminal face for learning a contract that nobody wrote: learn."""

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

import harness
from harness.engine import assignment_file as assignment
from harness.engine import learn_contract, targets
from harness.judge.learned import learn
from harness.judge.unbuilt import why_nobody_came
from harness.record.missing import Missing
from harness.report import learnt, output_file
from harness.report.printable import printable
from harness.subject.submission import BuildOptions

from .terminal import CellOption, console, new_app, say

app = new_app()
NOT_ALL = 2
NOTHING = 1


@app.command(name="learn")
def learn_(
    context: typer.Context,
    target: Annotated[str, typer.Argument(metavar="TARGET", show_default=False)] = "",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE.toml", help="Where it is written.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
    entry: Annotated[str, typer.Option(help="Which server, where a folder holds several.")] = "",
    cell: CellOption = None,
) -> None:
    """Find out which contract a server keeps, and write it down as an assignment.

    TARGET is as for 'check', or give a command: forkspec learn -o FILE.toml -- ./myserver {port}.
    Without -o the file is printed.

    The status is 0; 2 when something could not be told; 1 when there is nothing to learn from: it does
    not build, start, listen, or let anybody in.
    """
    if output is not None and output.exists() and not force:
        raise harness.HarnessError(f"{output}: there is such a file; --force writes over it")
    if bool(target) == (context.obj is not None):
        raise harness.HarnessError(
            "name one server: a file, a folder, a reference, or -- COMMAND {port}"
        )
    subject = (
        targets.prepare_command(context.obj)
        if context.obj
        else targets.prepare(target, BuildOptions(entry))
    )
    seen = learn_contract.observe(subject, cell)
    try:
        found = learn(seen)
    except Missing as missing:
        say(printable(f"nothing to learn from: {why_nobody_came(seen, str(missing))}"))
        raise typer.Exit(NOT_ALL if seen.broke_off else NOTHING) from missing
    name = subject.target or subject.name
    text = learnt.as_assignment(found, f"forkspec learn {name}")
    assignment.of_text(text, str(output or "what was learnt"))
    if output is None:
        say(text.rstrip())
    else:
        output_file.write(output, text)
        out = console()
        out.print(Text(printable(subject.name), style="bold"))
        for line in learnt.summary(found):
            say(line)
        say()
        then = f"read it, then judge by it: {_check(name, output)}"
        say(f"{output}: {then if found.speaks else 'all that is known; nobody can judge by it yet'}")
    raise typer.Exit(NOT_ALL if found.untold else 0)


def _check(name: str, output: Path) -> str:
    if name.startswith("-- "):
        return f"forkspec check --assignment {output} {name}"
    return f"forkspec check {name} --assignment {output}"
