"""Two servers compared, in a terminal: the regressions in sentences, the figures, the verdicts."""

from collections.abc import Iterator
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness.judge.verdict import Outcome
from harness.results.comparison import Trend
from harness.results.side_by_side import CONFIDENCE, LONE, Compared, ServersCompared

from . import changes
from .printable import printable

LESS: Final = (
    "a comparison of stored results proves less: verdicts and their evidence, from different minutes; "
    "no latency, processor time or memory, and no zombie in 500 clients (forkspec compare OLD_SERVER "
    "NEW_SERVER does)"
)
COLUMNS: Final = ("old", "new", "new / old", f"difference ({CONFIDENCE:.0%})", "sees")
_DIGITS: Final = 3
_WORSE: Final = Text("WORSE", style="bold red")
SEES: Final = "sees: so small a difference would be found in 9 of 10 such measurements"
_AGAIN: Final = "each of these came back when it was measured again"


def show(found: ServersCompared, old: str, new: str, console: Console) -> None:
    """Print it all; `old` and `new` are the targets as the user named them."""
    console.print(Text(f"old  {printable(old)}\nnew  {printable(new)}", style="bold"))
    console.print()
    style = {0: "green", 1: "bold red"}.get(found.exit_status, "magenta")
    head, *sentences = told(found)
    console.print(Text(head, style=style))
    for line in sentences:
        console.print(Text(f"  {line}"))
    if found.costs is not None:
        console.print()
        for why in dict.fromkeys(found.costs.left_out.values()):
            names = [name for name, each in found.costs.left_out.items() if each == why]
            console.print(Text(f"not compared: {', '.join(names)}: {why}"))
        console.print(_table(found.costs.measures, found.costs.worse, found.costs.clients))
        console.print(Text(SEES, style="dim"))
    console.print()
    console.print(Text(f"verdicts: {verdicts_told(found)}"))
    changes.show_changes(found.verdicts, console)


def told(found: ServersCompared) -> list[str]:
    """What came of it: the headline, then a sentence for each reason."""
    return [_headline(found), *_sentences(found)]


def verdicts_told(found: ServersCompared) -> str:
    """How many verdicts got worse, better and moved."""
    once = f"; {found.once} differed once, and not again" if found.once else ""
    return changes.tally(each.word for each in found.verdicts.changes) + once


def figures(of: Compared) -> tuple[str, ...]:
    """The cells of a measure's line: old, new, new / old, the difference, what is seen."""
    if of.measure.is_counted:
        return f"{of.old:.1f}", f"{of.new:.1f}", "", "", ""
    return (
        _figure(of.old),
        _figure(of.new),
        f"{_figure(of.ratio[0])} to {_figure(of.ratio[1])}" if of.ratio else "",
        f"{_figure(of.low, '+')} to {_figure(of.high, '+')}",
        _figure(of.sees or 0.0),
    )


def _headline(found: ServersCompared) -> str:
    if found.is_worse:
        return f"REGRESSION: {_AGAIN}"
    if found.untold:
        return "COULD NOT TELL:"
    return "no regression found"


def _sentences(found: ServersCompared) -> Iterator[str]:
    for change in found.verdicts.changes:
        if change.trend is Trend.WORSE and change.counts:
            yield f"{change.id} {changes.was_is(change)}"
    for each in found.costs.worse if found.costs else ():
        yield f"{each.measure.name}: {_amount(each.old, each)} -> {_amount(each.new, each)}{_for(each)}"
    for why in found.untold:
        yield f"could not be told: {why}" if found.is_worse else why
    if found.is_worse or found.untold:
        return
    for each in found.costs.measures if found.costs else ():
        if each.measure is LONE:
            limit = each.demanded(found.costs.least_ms if found.costs else 0.0)
            yield f"a client that waits {limit:.1f} ms longer would have been found"
    if all(
        each.new is None or each.new.outcome is Outcome.INCONCLUSIVE for each in found.verdicts.changes
    ):
        yield "but no verdict could be told"


def _table(measures: tuple[Compared, ...], worse: tuple[Compared, ...], clients: int) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column(f"{clients:,} clients to each", no_wrap=True)
    for name in COLUMNS:
        table.add_column(name, justify="right", no_wrap=True)
    for each in measures:
        if not each.measure.is_counted:
            *cells, sees = figures(each)
            mark = _WORSE if each in worse else Text(sees)
            table.add_row(f"{each.measure.name}, {each.measure.unit}", *cells, mark)
    table.add_row("for 1,000 clients:")
    for each in measures:
        if each.measure.is_counted:
            *cells, _ = figures(each)
            table.add_row(f"  {each.measure.name}", *cells, _WORSE if each in worse else Text())
    return table


def _figure(value: float, sign: str = "") -> str:
    """At least three digits, and at most two of them behind the point."""
    digits = max(0, _DIGITS - max(1, len(str(int(abs(value))))))
    return f"{value:{sign}.{digits}f}"


def _amount(value: float, of: Compared) -> str:
    return f"{value:.1f}" if of.measure.is_counted else f"{_figure(value)} {of.measure.unit}"


def _for(of: Compared) -> str:
    return " for 1,000 clients" if of.measure.is_counted else " for each client"
