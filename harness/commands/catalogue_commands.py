"""The terminal face for what there is to know: list, explain, doctor."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

import harness
from harness.engine import catalogue, doctor, references
from harness.report import requirement_markdown

from .terminal import CellOption, console, new_app

app = new_app()


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
    identifier: Annotated[
        str, typer.Argument(metavar="ID", show_default=False, autocompletion=catalogue.ids_from)
    ] = "",
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
    print(requirement_markdown.page(requirement, references.killers_of(identifier)), end="")


@app.command(name="doctor")
def doctor_(cell: CellOption = None) -> None:
    """Say which cell this machine gives, why, and how to get a better one."""
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column(no_wrap=True, style="dim")
    for name, finding in doctor.examine(cell)[1]:
        table.add_row(name, finding)
    console().print(table)
