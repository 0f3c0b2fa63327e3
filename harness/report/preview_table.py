"""The points that a rubric gives to many servers: a row for each, a column for each line."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.table import Table
from rich.text import Text

from harness.results.marking import Marks

from .printable import printable
from .words import points_in_words


@dataclass(frozen=True, slots=True)
class Scored:
    """A server, its level as a table tells it, its points, and why there are none ("" if there are)."""

    name: str
    level_told: str
    marks: Marks
    refused: str = ""


def table(servers: Sequence[Scored]) -> Table:
    """The table: most points first, and below what each line of the rubric is worth."""
    told = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_footer=True)
    awards = list(
        {mark.award.name: mark.award for each in servers for mark in each.marks.marks}.values()
    )
    told.add_column("server", footer="at most")
    told.add_column("level", justify="right")
    most = max((each.marks.of for each in servers), default=0.0)
    told.add_column("points", justify="right", footer=f"{most:g}")
    for award in awards:
        footer = f"{award.points:g}{' bonus' * award.bonus}"
        told.add_column(Text(printable(award.name)), justify="right", footer=footer)
    for each in sorted(servers, key=lambda each: -each.marks.earned):
        earned = {mark.award.name: mark.earned for mark in each.marks.marks}
        cells = [points_in_words(earned[a.name]) if a.name in earned else "" for a in awards]
        points = f"{points_in_words(each.marks.earned)}{' and pending' if each.marks.pending else ''}"
        told.add_row(
            Text(printable(each.name)), each.level_told, "not judged" if each.refused else points, *cells
        )
    return told
