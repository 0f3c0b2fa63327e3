"""Two results compared, in a terminal: what got worse first, each with its old and new sentence."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from harness.judge.causes import CAUSES
from harness.judge.verdict import Fact, Outcome
from harness.results.comparison import BEYOND, Change, Comparison, Trend, moved_facts

from .printable import printable

_STYLE: Final[dict[str, str]] = {
    Trend.WORSE: "bold red",
    BEYOND: "yellow",
    Trend.NOT_TOLD: "magenta",
    Trend.TOLD: "magenta",
    Trend.MOVED: "cyan",
    Trend.BETTER: "green",
    Trend.NEW: "dim",
    Trend.GONE: "dim",
}


def show(comparisons: Sequence[Comparison], console: Console) -> None:
    """Every subject under its name: level and diagnosis, then each verdict that changed."""
    repeated = {each.new.subject for each in comparisons if each.run > 1}
    for each in comparisons:
        head = Text(printable(each.new.subject), style="bold")
        if each.new.subject in repeated:
            head.append(f", run {each.run}")
        head.append(f"   {_told(each.changes)}", style="not bold")
        console.print(head)
        show_changes(each, console)
    if len(comparisons) > 1:
        told = _told([change for each in comparisons for change in each.changes])
        console.print(Text(f"together: {told}"))


def show_changes(comparison: Comparison, console: Console) -> None:
    """Level and diagnosis, then each verdict that changed."""
    _rows(console, aims(comparison))
    changed = ordered(comparison.changes)
    for change in changed:
        console.print()
        _one(console, change)
    if changed:
        console.print()


def tally(words: Iterable[str]) -> str:
    """How many got worse, better and moved, from each change's word; the rest where there is any."""
    numbers = Counter(words)
    always = (Trend.WORSE, Trend.BETTER, Trend.MOVED)
    parts = [f"{numbers[Trend.WORSE]} got worse", f"{numbers[Trend.BETTER]} better"]
    parts.append(f"{numbers[Trend.MOVED]} moved")
    others = (BEYOND, *(trend for trend in Trend if trend not in always))
    return ", ".join([*parts, *(f"{numbers[word]} {word}" for word in others if numbers[word])])


def was_is(change: Change) -> str:
    """The verdict then and now: "was PASS, is FAIL"."""
    old, new = (each.outcome.value if each else "not judged" for each in (change.old, change.new))
    return f"was {old}, is {new}"


def outcomes(change: Change) -> str:
    """The verdict then and now: "PASS -> FAIL"; one word where it is the same."""
    words = [each.outcome.value for each in (change.old, change.new) if each is not None]
    return " -> ".join(dict.fromkeys(words))


def _told(changes: Sequence[Change]) -> str:
    return tally(change.word for change in changes)


def ordered(changes: Sequence[Change]) -> list[Change]:
    """The changes to show, worst first; those that count before those that do not."""
    order = list(Trend)
    told = [change for change in changes if change.trend is not Trend.SAME]
    return sorted(told, key=lambda change: (order.index(change.trend), not change.counts))


def aims(comparison: Comparison) -> Iterator[tuple[str, str]]:
    """What was judged and how, where that differs: (name, "old -> new")."""
    old, new = comparison.old, comparison.new
    if old.version != new.version:
        yield "forkspec", _arrow(old.version, new.version)
    if old.cell != new.cell:
        yield "cell", _arrow(old.cell, new.cell)
    if old.level is None or new.level is None:
        yield "level", "not compared: a selection was judged (--only)"
        return
    if old.level != new.level:
        yield "level", _arrow(old.level, new.level)
    if old.diagnosis != new.diagnosis:
        yield "diagnosis", _arrow(old.diagnosis or "none", new.diagnosis or "none")


def _one(console: Console, change: Change) -> None:
    head = Text()
    head.append(f"{change.trend.value:8}", style=_STYLE[change.word])
    head.append(f" {change.id}", style="bold")
    head.append(f"   {outcomes(change)}")
    present = change.new or change.old
    head.append(f"   {printable(present.says) if present else ''}", style="dim")
    if not change.counts:
        head.append("   (beyond: it does not count)", style="dim")
    console.print(head)
    _rows(console, evidence(change))


def evidence(change: Change) -> Iterator[tuple[str, str]]:
    """What was seen then and now, and what is new in it: (name, sentence)."""
    old, new = change.old, change.new
    if old is None or new is None:
        if new is not None and new.outcome is not Outcome.PASS:
            yield "is", new.observed
        return
    yield "was", old.observed
    yield "is", new.observed
    same_verdict = old.outcome is new.outcome
    if (cause := CAUSES.get(new.cause)) and not (same_verdict and new.cause == old.cause):
        yield "because", cause.told_of("").because
    if same_verdict and (moved := moved_facts(old, new)):
        yield "numbers", ", ".join(f"{name} {_arrow(*pair)}" for name, pair in moved.items())


def _arrow(old: Fact, new: Fact) -> str:
    return " -> ".join("none" if each is None else str(each) for each in (old, new))


def _rows(console: Console, rows: Iterable[tuple[str, str]]) -> None:
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False, pad_edge=False)
    table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold")
    for name, told in rows:
        table.add_row(name, Text(printable(told)))
    if table.row_count:
        console.print(Padding(table, (0, 0, 0, 2)))
