"""The result of a crowd, for a terminal: waits, a histogram, the family over time."""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness.record.visits import binned
from harness.results.crowd_result import MOST_LATE_MS, Count, CrowdResult

from .printable import printable
from .words import span_told

_BAR: Final = 40
_STEPS: Final = {True: " .:-=+*#", False: " ▁▂▃▄▅▆▇█"}  # by whether the terminal has ASCII only
FAMILY: Final[dict[str, Callable[[Count], int]]] = {
    "processes": lambda count: count.processes,
    "zombies": lambda count: count.zombies,
    "descriptors": lambda count: count.descriptors,
}


def show(result: CrowdResult, console: Console) -> None:
    """Print it all."""
    ascii_only = not console.encoding.startswith("utf")
    console.print(Text(printable(heading(result)), style="bold"))
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column()
    percentiles = result.percentiles_ms
    for share in next(iter(percentiles.values())):
        table.add_column(share, justify="right")
    for name, of in percentiles.items():
        table.add_row(name, *map(span_told, of.values()))
    console.print(table)
    lines = [*filter(None, (outcomes_told(result), void_told(result))), ""]
    lines += _histogram(result, ascii_only=ascii_only)
    lines += _family(result.counts, ascii_only=ascii_only)
    console.print(Text("\n".join(lines)), soft_wrap=True)


def heading(result: CrowdResult) -> str:
    """One line: the server, how many clients came to it, and how they behaved."""
    plan = result.schedule
    cell = f" (cell: {result.cell})" if result.cell else ""
    return (
        f"{result.target}: {plan.clients} clients, {plan.rate:g} a second, each silent for "
        f"{plan.silence_s:g} s{cell}"
    )


def outcomes_told(result: CrowdResult) -> str:
    """The fates of the clients; a client without an answer counts as one that waits for ever."""
    return "clients: " + ", ".join(f"{many} {what}" for what, many in result.outcomes.items())


def void_told(result: CrowdResult) -> str:
    """A sentence where the run is void, else nothing."""
    if not result.is_void:
        return ""
    return (
        f"void: more than one in a hundred of our clients spoke {MOST_LATE_MS:g} ms too late, so these "
        "are not the server's waits alone; try a lower --rate, or a machine with less to do"
    )


def _histogram(result: CrowdResult, *, ascii_only: bool) -> Iterator[str]:
    bins = binned(result.waits_ns, a_decade=3)
    most = max((many for _, _, many in bins), default=0)
    for low_ms, high_ms, many in bins:
        bar = ("#" if ascii_only else "█") * max(1, round(_BAR * many / most)) if many else ""
        yield f"{span_told(low_ms):>8} to {span_told(high_ms):<8} {bar} {many or ''}".rstrip()


def _family(counts: Sequence[Count], *, ascii_only: bool) -> Iterator[str]:
    if not counts:
        return
    yield ""
    for name, number in FAMILY.items():
        told = list(map(number, counts))
        most, steps, each = max(told), _STEPS[ascii_only], math.ceil(len(told) / _BAR)
        highest = [max(told[at : at + each]) for at in range(0, len(told), each)]
        line = "".join(steps[math.ceil((len(steps) - 1) * height / (most or 1))] for height in highest)
        yield f"{name:<12} at first {told[0]}, at most {most}, at the end {told[-1]}  |{line}|"
    yield f"{'':<12} counted {len(counts)} times from {counts[0].at_s:.1f} s to {counts[-1].at_s:.1f} s"
