"""The page of a comparison: what got worse, what a client costs at both, each verdict that changed."""

import math
from collections.abc import Iterator
from typing import Any, Final

from markupsafe import Markup

from harness.report import changes, side_by_side_text
from harness.results.compare_result import CompareResult
from harness.results.comparison import Comparison, Trend
from harness.results.side_by_side import CONFIDENCE, Compared, ServersCompared, SideBySide

from . import site
from .svg import chart, element, text, ticks

_LANE_PX, _BAR_PX, _AXIS_PX = 26, 12, 20
_NARROWEST: Final = (0.5, 2.0)  # of the picture: a tenth more must not fill it
_LEAST: Final = 0.01


def of_result(found: CompareResult) -> str:
    """The page."""
    servers = found.servers
    heading, *sentences = side_by_side_text.told(servers) if servers else [_of_files(found)]
    return site.render(
        "compare.html",
        old=found.old,
        new=found.new,
        heading=heading,
        sentences=sentences,
        costs=_costs(servers) if servers else None,
        why_not=servers.why_not if servers else side_by_side_text.LESS,
        subjects=[_subject(each, servers) for each in found.comparisons],
    )


def _of_files(found: CompareResult) -> str:
    return "REGRESSION" if found.exit_status else "nothing that counts got worse"


def _costs(servers: ServersCompared) -> dict[str, Any] | None:
    costs = servers.costs
    if costs is None:
        return None
    return {
        "clients": f"{costs.clients:,}",
        "confidence": f"{CONFIDENCE:.0%}",
        "sees": side_by_side_text.SEES,
        "columns": side_by_side_text.COLUMNS,
        "drawing": _drawing(costs),
        "rows": [_row(each, costs) for each in costs.measures],
        "left_out": list(costs.left_out.items()),
    }


def _row(each: Compared, costs: SideBySide) -> dict[str, Any]:
    unit = "for 1,000 clients" if each.measure.is_counted else each.measure.unit
    return {
        "name": f"{each.measure.name}, {unit}",
        "cells": side_by_side_text.figures(each),
        "is_worse": each in costs.worse,
    }


def _drawing(costs: SideBySide) -> Markup:
    """New divided by old on a logarithmic axis, a bar for each interval; empty where there is none."""
    seen = [(each, each.ratio) for each in costs.measures if each.ratio and not each.measure.is_counted]
    if not seen:
        return Markup()
    edges = [max(_LEAST, edge) for _, ratio in seen for edge in ratio]
    low, high = (math.log10(pick([*edges, *_NARROWEST])) for pick in (min, max))

    def x(value: float) -> float:
        return 100 * (math.log10(max(value, _LEAST)) - low) / (high - low)

    bottom = _LANE_PX * len(seen)
    drawn = [*ticks([(f"{x(at):.2f}%", f"{at:g}") for at in _ticks(low, high)], bottom)]
    drawn.append(element("line", x1=f"{x(1):.2f}%", x2=f"{x(1):.2f}%", y1=0, y2=bottom, class_="mark"))
    names = []
    for lane, (each, ratio) in enumerate(seen):
        start, end = map(x, ratio)
        told = f"{each.measure.name}: {' to '.join(f'{edge:.2f}' for edge in ratio)} times the old one"
        drawn.append(
            element(
                "rect",
                told,
                x=f"{start:.2f}%",
                width=f"{max(end - start, 0.4):.2f}%",
                y=lane * _LANE_PX + (_LANE_PX - _BAR_PX) / 2,
                height=_BAR_PX,
                class_=f"bar {'fail' if each in costs.worse else 'muted'}",
            )
        )
        names.append(text(each.measure.name, x="100%", y=lane * _LANE_PX + 17, class_="name"))
    return chart(names, max(len(each.measure.name) for each, _ in seen), drawn, bottom + _AXIS_PX)


def _ticks(low: float, high: float) -> list[float]:
    """1, 2 and 5 of each decade that the axis has."""
    decades = range(math.floor(low), math.ceil(high) + 1)
    found = [round(step * 10.0**decade, 6) for decade in decades for step in (1, 2, 5)]
    return [each for each in found if low <= math.log10(each) <= high]


def _subject(each: Comparison, servers: ServersCompared | None) -> dict[str, Any]:
    told = changes.tally(change.word for change in each.changes)
    return {
        "name": each.new.subject if servers is None else "Verdicts",
        "run": each.run,
        "tally": told if servers is None else side_by_side_text.verdicts_told(servers),
        "aims": list(changes.aims(each)),
        "changes": list(_changes(each)),
    }


def _changes(comparison: Comparison) -> Iterator[dict[str, Any]]:
    for each in changes.ordered(comparison.changes):
        present = each.new or each.old
        yield {
            "id": each.id,
            "trend": each.word,
            "is_worse": each.trend is Trend.WORSE and each.counts,
            "outcomes": changes.outcomes(each),
            "says": present.says if present else "",
            "counts": each.counts,
            "lines": list(changes.evidence(each)),
        }
