"""The page of a crowd: its waits and, where it is ours to look at, the server's family over time."""

import math
from collections.abc import Iterator
from typing import Final

from markupsafe import Markup

from harness.report import crowd_text
from harness.report.words import span_told
from harness.results.crowd_result import CrowdResult

from . import crowd_waits, site
from .svg import chart, element, text, ticks

_HIGH_PX, _AXIS_PX, _TICKS = 90, 20, 6
_COLOURS: Final = {"processes": "serving", "zombies": "zombie", "descriptors": "waiting"}
_MOMENTS: Final = {"half": "serving", "99 %": "waiting", "worst": "fail"}


def of_result(result: CrowdResult) -> str:
    """The page."""
    percentiles = result.percentiles_ms
    waits = next(iter(percentiles.values()))
    named = [
        (share, waits[share], colour)
        for share, colour in _MOMENTS.items()
        if math.isfinite(waits[share])
    ]
    return site.render(
        "crowd.html",
        heading=crowd_text.heading(result),
        notes=[*filter(None, (crowd_text.outcomes_told(result), crowd_text.void_told(result)))],
        shares=list(waits),
        rows=[(name, list(map(span_told, of.values()))) for name, of in percentiles.items()],
        waits=crowd_waits.drawing([each for each in result.waits_ns if math.isfinite(each)], named),
        family=list(_family(result)),
    )


def _family(result: CrowdResult) -> Iterator[tuple[str, Markup]]:
    """(what, drawing) of each number that is counted over time."""
    counts = result.counts
    if not counts:
        return
    start_s, end_s = counts[0].at_s, counts[-1].at_s
    long_s = (end_s - start_s) or 1.0
    moments = [start_s + long_s * number / _TICKS for number in range(_TICKS + 1)]
    axis = [(f"{100 * (at - start_s) / long_s:.2f}%", f"{at:.1f} s") for at in moments]
    for name, number in crowd_text.FAMILY.items():
        most = max(map(number, counts))
        steps = [
            (
                1000 * (each.at_s - start_s) / long_s,
                _HIGH_PX - (_HIGH_PX - 2) * number(each) / (most or 1),
            )
            for each in counts
        ]
        line = f"M0 {steps[0][1]:.1f}" + "".join(f"H{x:.1f}V{y:.1f}" for x, y in steps)
        path = element("path", d=line, class_=f"step {_COLOURS[name]}")
        box = f"0 0 1000 {_HIGH_PX}"
        drawn = element(
            "svg", "", path, width="100%", height=_HIGH_PX, viewBox=box, preserveAspectRatio="none"
        )
        names = [text(f"up to {most}", x="100%", y=12, class_="name")]
        seen = [*ticks(axis, _HIGH_PX), drawn]
        told = f"{name}: at first {number(counts[0])}, at most {most}, at the end {number(counts[-1])}"
        yield told, chart(names, len(f"up to {most}"), seen, _HIGH_PX + _AXIS_PX)
