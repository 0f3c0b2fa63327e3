"""How long the clients of a crowd waited, beside a client alone, as a figure for plotly."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

from harness.judge.crowd import Crowd, percentile_ms
from harness.judge.recording import Missing, Recording

_BINS_A_DECADE: Final = 12
_FEWEST: Final = 10
_HEIGHT_PX: Final = 260
_SHORT: Final = 4  # decades


def latency(seen: Recording) -> dict[str, Any] | None:
    """Figure, table and words of a recording in which a crowd was measured; None for any other."""
    try:
        alone, crowd = _spans(seen.crowd("lone")), _spans(seen.crowd("crowd"))
    except Missing:
        return None
    if len(crowd) < _FEWEST or not alone:
        return None
    named = [
        ("a client alone, median", percentile_ms(alone, 0.5), "muted"),
        ("the crowd, median", percentile_ms(crowd, 0.5), "serving"),
        ("99 of 100 at most", percentile_ms(crowd, 0.99), "waiting"),
        ("the worst", max(crowd) / 1e6, "fail"),
    ]
    told = ", ".join(f"{name} {_ms(value)}" for name, value, _ in named)
    return {
        "figure": _figure(crowd, named),
        "rows": [(name, _ms(value), color) for name, value, color in named],
        "words": f"How long {len(crowd)} clients of a crowd waited for their reply: {told}.",
    }


def _spans(crowd: Crowd) -> list[int]:
    return [visit.latency_ns for visit in crowd.visits if visit.latency_ns is not None]


def _figure(spans: Sequence[int], named: Sequence[tuple[str, float, str]]) -> dict[str, Any]:
    """A histogram on a logarithmic axis, and a line at each of the named moments."""
    bins: dict[int, int] = {}
    for span in spans:
        number = math.floor(math.log10(max(span, 1000) / 1e6) * _BINS_A_DECADE)
        bins[number] = bins.get(number, 0) + 1
    edges = {number: 10 ** (number / _BINS_A_DECADE) for n in bins for number in (n, n + 1)}
    most = max(bins.values())
    lowest = min([*edges.values(), *(value for _, value, _ in named)])
    highest = max([*edges.values(), *(value for _, value, _ in named)])
    return {
        "data": [
            {
                "type": "bar",
                "x": [round(math.sqrt(edges[n] * edges[n + 1]), 4) for n in sorted(bins)],
                "width": [round(edges[n + 1] - edges[n], 4) for n in sorted(bins)],
                "y": [bins[n] for n in sorted(bins)],
                "hovertext": [
                    f"{bins[n]} clients waited {_ms(edges[n])} to {_ms(edges[n + 1])}"
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
                    "hovertemplate": f"{name}: {_ms(value)}<extra></extra>",
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
                "ticktext": [f"{value:g} ms" for value in ticks],
            },
            "yaxis": {"title": {"text": "clients", "font": {"size": 11}}, "fixedrange": True},
        },
    }


def _ticks(lowest: float, highest: float) -> list[float]:
    """1, 2 and 5 of each decade, as far as the axis goes; fewer of a long one."""
    decades = range(math.floor(math.log10(lowest)), math.ceil(math.log10(highest)) + 1)
    steps = (1, 2, 5) if len(decades) <= _SHORT else (1,)
    return [round(step * 10.0**decade, 6) for decade in decades for step in steps]


def _ms(value: float) -> str:
    return f"{value:.3g} ms"
