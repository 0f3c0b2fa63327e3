"""Options that all judging commands share, and the examination that they make of them."""

from typing import Annotated

import typer

from harness.cell.cells import CellKind
from harness.engine import catalogue
from harness.engine.assignment_file import AssignmentFile
from harness.engine.session import Options
from harness.judge.requirement import Tier
from harness.results.rubric import Rubric

Only = Annotated[
    list[str] | None,
    typer.Option(help="Judge only this requirement; repeatable.", autocompletion=catalogue.ids_from),
]
Seed = Annotated[int | None, typer.Option(help="Seed of the random orders.")]


def options_of(
    settings: AssignmentFile,
    *,
    only: list[str] | None = None,
    tier: Tier | None = None,
    strict: bool = False,
    cell: CellKind | None = None,
    seed: int | None = None,
) -> Options:
    """How to examine, the user's words before the assignment's; raises UnknownRequirement."""
    for identifier in only or []:
        catalogue.find(identifier)
    return Options(
        tuple(only or ()),
        Rubric(tier or settings.tier or Tier.LECTURE, strict),
        cell,
        seed,
        assignment=settings.assignment,
        bounded=True,
    )
