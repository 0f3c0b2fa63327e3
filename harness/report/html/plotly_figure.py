"""A space-time diagram as a figure for plotly: who did what when.

Plain values: plotly's own classes would take longer to import than a page takes to write.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from typing import Any, Final

from harness.diagram import FamilyAt, Happening, Lane, Mark, Phase, SpaceTime
from harness.report.printable import printable

from .diagram_axis import MOST, Clock, short, shown
from .diagram_signs import STAR, SYMBOL, TICK, WORDS, foremost, marks_together, vague_ends

_MOST_PROOFS: Final = 60
_MOST_HOVERED, _MOST_STEPS = 6, 150
_LONGEST_TEXT: Final = 110
_LANE_PX, _FAMILY_PX, _AXIS_PX = 24, 90, 44
_THICK, _THIN = 0.62, 0.3  # of a lane

_PATTERN: Final = {Phase.QUEUED: "/", Phase.CONNECTING: "/", Phase.WAITING: "\\", Phase.STOPPED: "x"}
_BACKGROUND: Final = frozenset({Phase.IDLE, Phase.ALIVE})
_OURS: Final = "forkspec"


def figure(seen: SpaceTime, most: int = MOST) -> dict[str, Any]:
    """Plotly's data and layout; colours are named after the style sheet's custom properties."""
    clock, (lanes, cuts) = Clock(seen), shown(seen, most)
    place, ticks = _places(lanes, cuts, with_ours=bool(seen.marks))
    bottom = max(place.values(), default=0) + 1
    traces = [
        *_forks(seen, place, clock),
        *_spans(lanes, place, clock),
        *_dotted(lanes, place, clock),
        *_marks(lanes, place, clock),
        *_ours(seen, place, clock),
    ]
    has_children = len(seen.processes) > 1
    if has_children:
        traces += _family(seen, clock)
    lanes_px, above_px = _LANE_PX * bottom, _FAMILY_PX if has_children else 0
    height = lanes_px + above_px + _AXIS_PX
    share = lanes_px / (lanes_px + above_px)
    layout: dict[str, Any] = {
        "height": height,
        "xaxis": {
            "range": [round(-0.006 * clock.end, 5), round(1.012 * clock.end, 5)],
            "ticksuffix": f" {clock.unit}",
            "nticks": 7,
        },
        "yaxis": {
            "range": [bottom - 0.4, -0.6],
            "tickvals": [at for at, _ in ticks],
            "ticktext": [_plain(name) for _, name in ticks],
            "fixedrange": True,
            "showgrid": False,
            "domain": [0, share - 0.03 if has_children else 1],
        },
    }
    if has_children:
        most = max((each.alive + each.zombies for each in seen.family), default=1)
        layout["yaxis2"] = {"domain": [share, 1], "range": [0, round(most * 1.1 + 0.2, 2)]}
    return {"data": traces, "layout": layout}


def _places(
    lanes: Sequence[Lane], cuts: dict[str, int], *, with_ours: bool
) -> tuple[dict[str, int], list[tuple[int, str]]]:
    """The height of each lane, and the names beside them; a cut takes a place of its own."""
    place: dict[str, int] = {}
    ticks: list[tuple[int, str]] = []
    at = 0
    if with_ours:
        place[_OURS], at = 0, 1
        ticks.append((0, _OURS))
    for lane in lanes:
        place[lane.name] = at
        ticks.append((at, short(lane.name)))
        at += 1
        if lane.name in cuts:
            ticks.append((at, f"... {cuts[lane.name]} more"))
            at += 1
    return place, ticks


def _spans(lanes: Sequence[Lane], place: dict[str, int], clock: Clock) -> Iterator[dict[str, Any]]:
    """A trace of bars for each phase: a bar tells what it is wherever the pointer is on it.

    `about` says which of its ends nobody saw: 1 the first, 2 the last, 3 both.
    """
    for phase in Phase:
        found = [(lane, span) for lane in lanes for span in lane.spans if span.phase is phase]
        found = [(lane, span) for lane, span in found if clock.at(span.end_ns) > 0]
        if not found:
            continue
        starts = [clock.at(span.start_ns) for _, span in found]
        ends = [clock.at(span.end_ns) for _, span in found]
        yield {
            "meta": "span",
            "type": "bar",
            "base": starts,
            "x": [round(end - start, 5) for start, end in zip(starts, ends, strict=True)],
            "y": [place[lane.name] for lane, _ in found],
            "width": _THIN if phase in _BACKGROUND else _THICK,
            "marker": {"color": f"--{phase.value}"},
            "hovertext": ["" if lane.is_client else _plain(_cut(span.text)) for lane, span in found],
            "about": [2 * (not span.is_end_exact) + (not span.is_start_exact) for _, span in found],
            "name": WORDS[phase],
            **({"pattern": _PATTERN[phase]} if phase in _PATTERN else {}),
        }


def _dotted(lanes: Sequence[Lane], place: dict[str, int], clock: Clock) -> Iterator[dict[str, Any]]:
    """Holes along each end that nobody saw; the script draws each as high as its lane."""
    found = list(vague_ends(lanes, clock))
    if found:
        yield {"meta": "vague", "x": [at for _, at in found], "y": [place[name] for name, _ in found]}


def _marks(lanes: Sequence[Lane], place: dict[str, int], clock: Clock) -> Iterator[dict[str, Any]]:
    """A sign for each moment; one for those that would lie on each other, which tells all of them."""
    found = [(lane, together) for lane in lanes for together in marks_together(lane, clock)]
    if found:
        yield {
            "meta": "mark",
            "x": [clock.at(foremost(together).at_ns) for _, together in found],
            "y": [place[lane.name] for lane, _ in found],
            "marker": {
                "symbol": [SYMBOL.get(foremost(together).what, TICK)[0] for _, together in found],
                "color": "--mark",
            },
            "hovertext": [_moments(together[:_MOST_HOVERED], clock) for _, together in found],
        }


def _moments(marks: Sequence[Mark], clock: Clock) -> str:
    """Lines of a hover text: when, and what."""
    return "<br>".join(
        f"{mark.about}{clock.told(mark.at_ns)}: {_plain(_cut(mark.text))}" for mark in marks
    )


def _ours(seen: SpaceTime, place: dict[str, int], clock: Clock) -> Iterator[dict[str, Any]]:
    """What concerns no lane: proofs of rest, and what forkspec did to all."""
    found = [mark for mark in seen.marks if not clock.is_before(mark.at_ns)][:_MOST_PROOFS]
    if found:
        proved = [mark.what is Happening.PROVED for mark in found]
        yield {
            "meta": "mark",
            "x": [clock.at(mark.at_ns) for mark in found],
            "y": [place[_OURS]] * len(found),
            "marker": {
                "symbol": [TICK[0] if is_proof else STAR for is_proof in proved],
                "color": "--muted",
            },
            "hovertext": [_moments([mark], clock) for mark in found],
        }


def _forks(seen: SpaceTime, place: dict[str, int], clock: Clock) -> Iterator[dict[str, Any]]:
    """A line from parent to child at each birth: the teeth of the comb."""
    x: list[float | None] = []
    y: list[int | None] = []
    for at_ns, parent, child in seen.forks():
        if parent in place and child in place and at_ns >= seen.start_ns:
            x += [clock.at(at_ns)] * 2 + [None]
            y += [place[parent], place[child], None]
    if x:
        line = {"color": "--idle", "width": 1}
        yield {"mode": "lines", "x": x, "y": y, "line": line, "hoverinfo": "skip"}


def _family(seen: SpaceTime, clock: Clock) -> Iterator[dict[str, Any]]:
    """How many live and how many are zombies, from moment to moment, above the lanes."""
    before = [each for each in seen.family if each.at_ns <= seen.start_ns]
    steps = before[-1:] + _thinned([each for each in seen.family if each.at_ns > seen.start_ns])
    times = [*(clock.at(each.at_ns) for each in steps), clock.end]
    for name in ("zombies", "alive"):
        counts = [each.zombies if name == "zombies" else each.alive for each in steps]
        yield {"meta": "family", "name": name, "x": times, "y": [*counts, counts[-1]]}


def _thinned(steps: Sequence[FamilyAt]) -> list[FamilyAt]:
    """So many steps at most, the last among them."""
    every = 1 + len(steps) // _MOST_STEPS
    return list(reversed(steps[::-every]))


def _plain(text: str) -> str:
    """What others wrote cannot be taken for plotly's markup."""
    return html.escape(printable(text), quote=False)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}..."
