"""How long the clients of a crowd waited, beside a client alone, as a figure for plotly."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.record.visits import percentile_ms, waits_ns

_BINS_A_DECADE: Final = 12
_FEWEST: Final = 10
_HEIGHT_PX: Final = 260
_SHORT: Final = 4  # decades
_LONG_MS: Final = 999.5  # from here on in seconds


def latency(seen: Recording) -> dict[str, Any] | None:
    """Figure, table and words of a recording in which a crowd was measured; None for any other."""
    try:
        lone, crowd = seen.crowd("lone"), seen.crowd("crowd")
    except Missing:
        return None
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
    rows = [(name, _time(value), color) for name, value, color in named]
    told = ", ".join(f"{name} {value}" for name, value, _ in rows)
    if unanswered := len(waits) - len(spans):
        rows.append(("never answered", f"{unanswered} of {len(waits)}", "fail"))
        told += f"; {unanswered} of {len(waits)} never answered"
    return {
        "figure": _figure(spans, [each for each in named if math.isfinite(each[1])]),
        "rows": rows,
        "words": f"How long {len(waits)} clients of a crowd waited for their reply: {told}.",
    }


def _median_ms(waits: Sequence[int | None]) -> float:
    """Infinite where half of them were never answered."""
    return percentile_ms([math.inf if wait is None else wait for wait in waits], 0.5)


def _figure(spans: Sequence[int], named: Sequence[tuple[str, float, str]]) -> dict[str, Any]:
    """A histogram on a logarithmic axis, and a line at each of the named moments."""
    bins: dict[int, int] = {}
    for span in spans:
        number = math.floor(math.log10(max(span, 1000) / 1e6) * _BINS_A_DECADE)
        bins[number] = bins.get(number, 0) + 1
    edges = {number: 10 ** (number / _BINS_A_DECADE) for n in bins for number in (n, n + 1)}
    most = max(bins.values(), default=1)
    moments = [*edges.values(), *(value for _, value, _ in named)] or [1.0]
    lowest, highest = min(moments), max(moments)
    return {
        "data": [
            {
                "type": "bar",
                "x": [round(math.sqrt(edges[n] * edges[n + 1]), 4) for n in sorted(bins)],
                "width": [round(edges[n + 1] - edges[n], 4) for n in sorted(bins)],
                "y": [bins[n] for n in sorted(bins)],
                "hovertext": [
                    f"{bins[n]} clients waited {_time(edges[n])} to {_time(edges[n + 1])}"
                    for n in sorted(bins)
                ],
                "marker": {"color": "--answered"},
            },
            *(
                {
                    "type": "scatter",
                    "mode": "lines+markers",
                    "x": [round(value, 4)] * 2,
                    "y": [0, most * (1.08 + 0.13 * place)],
                    "line": {"color": f"--{color}", "width": 2},
                    "marker": {"size": [0, 8], "color": f"--{color}"},
                    "hovertemplate": f"{name}: {_time(value)}<extra></extra>",
                }
                for place, (name, value, color) in enumerate(named)
            ),
        ],
        "layout": {
            "height": _HEIGHT_PX,
            "xaxis": {
                "type": "log",
                "range": [math.log10(lowest) - 0.1, math.log10(highest) + 0.1],
                "tickvals": (ticks := _ticks(lowest, highest)),
                "ticktext": [_time(value) for value in ticks],
            },
            "yaxis": {"title": {"text": "clients", "font": {"size": 11}}, "fixedrange": True},
        },
    }


def _ticks(lowest: float, highest: float) -> list[float]:
    """1, 2 and 5 of each decade, as far as the axis goes; fewer of a long one."""
    decades = range(math.floor(math.log10(lowest)), math.ceil(math.log10(highest)) + 1)
    steps = (1, 2, 5) if len(decades) <= _SHORT else (1,)
    return [round(step * 10.0**decade, 6) for decade in decades for step in steps]


def _time(value_ms: float) -> str:
    """Three digits, in seconds where it is long."""
    if math.isinf(value_ms):
        return "never"
    if value_ms < _LONG_MS:
        return f"{value_ms:.3g} ms"
    return f"{value_ms / 1000:.3g} s" if value_ms < 1000 * _LONG_MS else f"{value_ms / 1000:.0f} s"
