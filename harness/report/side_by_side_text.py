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
_DIGITS: Final = 3
_SEES: Final = "sees: so small a difference would be found in 9 of 10 such measurements"
_AGAIN: Final = "each of these came back when it was measured again"


def show(found: ServersCompared, old: str, new: str, console: Console) -> None:
    """Print it all; `old` and `new` are the targets as the user named them."""
    console.print(Text(f"old  {printable(old)}\nnew  {printable(new)}", style="bold"))
    console.print()
    style = {0: "green", 1: "bold red"}.get(found.exit_status, "magenta")
    console.print(Text(_headline(found), style=style))
    for line in _sentences(found):
        console.print(Text(f"  {line}"))
    if found.costs is not None:
        console.print()
        for why in dict.fromkeys(found.costs.left_out.values()):
            names = [name for name, each in found.costs.left_out.items() if each == why]
            console.print(Text(f"not compared: {', '.join(names)}: {why}"))
        console.print(_table(found.costs.measures, found.costs.worse, found.costs.clients))
        console.print(Text(_SEES, style="dim"))
    console.print()
    told = changes.tally(each.word for each in found.verdicts.changes)
    once = f"; {found.once} differed once, and not again" if found.once else ""
    console.print(Text(f"verdicts: {told}{once}"))
    changes.show_changes(found.verdicts, console)


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
        yield f"{each.measure.name}: {_told(each.old, each)} -> {_told(each.new, each)}{_for(each)}"
    for told in found.untold:
        yield f"could not be told: {told}" if found.is_worse else told
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
    for name in ("old", "new", "new / old", f"difference ({CONFIDENCE:.0%})"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("sees", justify="right", no_wrap=True)
    for each in measures:
        if each.measure.is_counted:
            continue
        table.add_row(
            f"{each.measure.name}, {each.measure.unit}",
            _figure(each.old),
            _figure(each.new),
            f"{_figure(each.ratio[0])} to {_figure(each.ratio[1])}" if each.ratio else "",
            f"{_figure(each.low, '+')} to {_figure(each.high, '+')}",
            Text("WORSE", style="bold red") if each in worse else Text(_figure(each.sees or 0.0)),
        )
    table.add_row("for 1,000 clients:")
    for each in measures:
        if each.measure.is_counted:
            mark = Text("WORSE", style="bold red") if each in worse else Text()
            table.add_row(f"  {each.measure.name}", f"{each.old:.1f}", f"{each.new:.1f}", "", "", mark)
    return table


def _figure(value: float, sign: str = "") -> str:
    """At least three digits, and at most two of them behind the point."""
    digits = max(0, _DIGITS - max(1, len(str(int(abs(value))))))
    return f"{value:{sign}.{digits}f}"


def _told(value: float, of: Compared) -> str:
    return f"{value:.1f}" if of.measure.is_counted else f"{_figure(value)} {of.measure.unit}"


def _for(of: Compared) -> str:
    return " for 1,000 clients" if of.measure.is_counted else " for each client"
