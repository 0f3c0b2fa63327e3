"""The terminal face for learning a contract that nobody wrote: learn."""

import re
import shlex
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

import harness
from harness.engine import assignment_file as assignment
from harness.engine import learn_contract, targets
from harness.judge.learned import learn
from harness.judge.unbuilt import why_nobody_came
from harness.record.dialogue import Dialogue, Step
from harness.record.missing import Missing
from harness.report import learnt, output_file
from harness.report.printable import printable
from harness.subject.submission import BuildOptions

from .terminal import CellOption, EntryOption, console, new_app, say

app = new_app()
NOT_ALL = 2
NOTHING = 1
_SAY = "What a client says for a line, in one or several steps: 'SET {word} {line}'. May be repeated."
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "0": "\0", "\\": "\\"}


@app.command(name="learn")
def learn_(
    context: typer.Context,
    target: Annotated[str, typer.Argument(metavar="TARGET", show_default=False)] = "",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE.toml", help="Where it is written.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
    entry: EntryOption = "",
    spoken: Annotated[list[str] | None, typer.Option("--say", metavar="WORDS", help=_SAY)] = None,
    first: Annotated[
        list[str] | None,
        typer.Option("--first", metavar="WORDS", help="What whoever connects says first, as a login."),
    ] = None,
    cell: CellOption = None,
    begun: Annotated[
        Path | None,
        typer.Option(
            "--assignment",
            metavar="FILE",
            help="How it is built and started ([submission]); what is learnt is written behind that.",
        ),
    ] = None,
) -> None:
    """Find out which contract a server keeps, and write it down as an assignment.

    TARGET is as for 'check', or give a command: forkspec learn -o FILE.toml -- ./myserver {port}.
    Without -o, or with -o -, the file is printed. A server with commands of its own is learnt by these:
    --say 'SET {word} {line}' --say 'GET {word}', with --first for what comes before, as a login.
    {line} stands for the line that differs each time, {word} for a word that no other client has.

    The status is 0; 2 when something could not be told; 1 when there is nothing to learn from: it does
    not build, start, listen, or let anybody in.
    """
    output = None if output == output_file.STANDARD_OUTPUT else output
    if output is not None and output.exists() and not force:
        raise harness.HarnessError(f"{output}: there is such a file; --force writes over it")
    if bool(target) == (context.obj is not None):
        raise harness.HarnessError(
            "name one server: a file, a folder, a reference, or -- COMMAND {port}"
        )
    if context.obj and begun is not None:
        raise harness.HarnessError("a command says by itself how it is started: no --assignment")
    settings = _begun(begun)
    subject = (
        targets.prepare_command(context.obj)
        if context.obj
        else targets.prepare(target, BuildOptions(entry).over(settings.handed_in))
    )
    script = _script(spoken or [], first or [])
    seen = learn_contract.observe(subject, cell, script)
    try:
        found = learn(seen, script)
    except Missing as missing:
        say(printable(f"nothing to learn from: {why_nobody_came(seen, str(missing))}"))
        raise typer.Exit(NOT_ALL if seen.broke_off else NOTHING) from missing
    name = subject.target or subject.name
    of = f" --assignment {begun}" if begun else ""
    told = found if begun is None else replace(found, port=None)  # the port stands in [submission]
    words = [("--first", each) for each in first or []] + [("--say", each) for each in spoken or []]
    by = "".join(f" {option} {shlex.quote(each)}" for option, each in words)
    text = settings.text + learnt.as_assignment(told, f"forkspec learn {name}{of}{by}")
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


def _script(said: Sequence[str], first: Sequence[str]) -> Dialogue | None:
    """What clients say, as a dialogue without what is expected; None where nothing was named."""
    if not said and not first:
        return None
    if not any("{line}" in each or "{LINE}" in each for each in said):
        raise harness.HarnessError("--say: {line} must stand in it, or in one of several")
    steps, opening = (tuple(Step(_in_bytes(each)) for each in words) for words in (said, first))
    return Dialogue(steps, opening)


def _in_bytes(words: str) -> str:
    r"""Words with \n, \r, \t, \0 read; they end a line, unless they end one already or tell a length."""
    text = re.sub(r"\\([nrt0\\])", lambda found: _ESCAPES[found[1]], words)
    return text if text.endswith("\n") or ":u" in text or ":varint" in text else f"{text}\n"


def _begun(path: Path | None) -> assignment.AssignmentFile:
    """The settings that an assignment begins with; its text ends with an empty line."""
    settings = assignment.read(path)
    if known := sorted({"contract", "dialogue"} & tomllib.loads(settings.text).keys()):
        raise harness.HarnessError(f"{path}: [{known[0]}] stands there: nothing is left to learn")
    text = settings.text.rstrip("\n")
    return replace(settings, text=f"{text}\n\n" if text else "")


def _check(name: str, output: Path) -> str:
    if name.startswith("-- "):
        return f"forkspec check --assignment {output} {name}"
    return f"forkspec check {name} --assignment {output}"
