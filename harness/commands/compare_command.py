"""The terminal face for an earlier result: compare."""

from pathlib import Path
from typing import Annotated

import typer

from harness.engine import stored_results as earlier
from harness.report import changes
from harness.results.comparison import exit_status

from .terminal import Strict, console, new_app

app = new_app()


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
