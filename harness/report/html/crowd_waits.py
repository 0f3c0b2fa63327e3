"""How long the clients of a crowd waited, beside a client alone, drawn (SVG)."""

import math
from collections.abc import Sequence
from typing import Any, Final

from markupsafe import Markup

from harness.record.events import Crowded
from harness.record.recording import Recording
from harness.record.visits import LEAST_MS, binned, percentile_ms, waits_ns
from harness.report.words import span_told

from .svg import chart, element, text, ticks

_BINS_A_DECADE: Final = 12
_FEWEST: Final = 10
_BARS_PX, _HIGHEST_PX, _AXIS_PX = 210, 140, 20
_SHORT: Final = 4  # decades


def latency(seen: Recording) -> dict[str, Any] | None:
    """Figure, table and words of the last crowd that was measured in a recording; None without one."""
    last = {event.name.rpartition(" ")[2]: event.name for event in seen.every(Crowded)}
    if not {"lone", "crowd"} <= last.keys():
        return None
    lone, crowd = (seen.crowd(last[word]) for word in ("lone", "crowd"))
    alone, waits = (waits_ns(each.visits, to_the_end=seen.contract.greets) for each in (lone, crowd))
    if len(waits) < _FEWEST or not alone:
        return None
    spans = [wait for wait in waits if wait is not None]
    everybody = [math.inf if wait is None else wait for wait in waits]
    named = [
        ("a client alone, median", _median_ms(alone), "muted"),
        ("the crowd, median", _median_ms(waits), "serving"),
        ("99 of 100 at most", percentile_ms(everybody, 0.99), "waiting"),
        ("the worst", max(everybody) / 1e6, "fail"),
    ]
    rows = [(name, span_told(value), color) for name, value, color in named]
    told = ", ".join(f"{name} {value}" for name, value, _ in rows)
    if unanswered := len(waits) - len(spans):
        rows.append(("never answered", f"{unanswered} of {len(waits)}", "fail"))
        told += f"; {unanswered} of {len(waits)} never answered"
    return {
        "drawing": drawing(spans, [each for each in named if math.isfinite(each[1])]),
        "rows": rows,
        "words": f"How long {len(waits)} clients of a crowd waited for their reply: {told}.",
    }


def _median_ms(waits: Sequence[int | None]) -> float:
    """Infinite where half of them were never answered."""
    return percentile_ms([math.inf if wait is None else wait for wait in waits], 0.5)


def drawing(spans_ns: Sequence[float], named: Sequence[tuple[str, float, str]]) -> Markup:
    """A histogram on a logarithmic axis, and a line at each of the named moments (ms, and a colour)."""
    bins = [each for each in binned(spans_ns, a_decade=_BINS_A_DECADE) if each[2]]
    edges = [edge for start, end, _ in bins for edge in (start, end)]
    moments = [*edges, *(max(value, LEAST_MS) for _, value, _ in named)] or [1.0]
    low, high = math.log10(min(moments)) - 0.1, math.log10(max(moments)) + 0.1
    most = max((many for _, _, many in bins), default=1)

    def x(value: float) -> str:
        return f"{100 * (math.log10(max(value, LEAST_MS)) - low) / (high - low):.2f}%"

    drawn = [*ticks([(x(at), span_told(at)) for at in _ticks(min(moments), max(moments))], _BARS_PX)]
    for start, end, count in bins:
        up = round(_HIGHEST_PX * count / most, 1)
        drawn.append(element(
            "rect", f"{count} clients waited {span_told(start)} to {span_told(end)}",
            x=x(start), y=_BARS_PX - up, width=f"{100 / _BINS_A_DECADE / (high - low):.2f}%", height=up,
            class_="bar answered",
        ))  # fmt: skip
    for place, (name, value, colour) in enumerate(named):
        at, top = x(value), 12 + 12 * place
        drawn.append(element("line", x1=at, x2=at, y1=top, y2=_BARS_PX, class_=f"moment {colour}"))
        drawn.append(
            element(
                "circle", f"{name}: {span_told(value)}", cx=at, cy=top, r=5, class_=f"moment {colour}"
            )
        )
    names = [text(f"{most} clients", x="100%", y=_BARS_PX - _HIGHEST_PX + 4, class_="name")]
    return chart(names, len(f"{most} clients"), drawn, _BARS_PX + _AXIS_PX)


def _ticks(lowest: float, highest: float) -> list[float]:
    """1, 2 and 5 of each decade, as far as the axis goes; fewer of a long one."""
    decades = range(math.floor(math.log10(lowest)), math.ceil(math.log10(highest)) + 1)
    steps = (1, 2, 5) if len(decades) <= _SHORT else (1,)
    return [round(step * 10.0**decade, 6) for decade in decades for step in steps]
