"""The terminal face for a new exercise: init."""

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from harness.engine import init_exercise as beginning
from harness.export import wheels

from .terminal import console, new_app

app = new_app()


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
