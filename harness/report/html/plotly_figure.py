"""A space-time diagram as a figure for plotly: who did what when.

Plain values: plotly's own classes would take longer to import than a page takes to write.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from typing import Any, Final

from harness.diagram import FamilyAt, Happening, Lane, Mark, Phase, SpaceTime
from harness.report.printable import printable

MOST, FEW = 14, 5  # lanes of clients, and of processes
_MOST_MARKS: Final = 12  # of one lane
_MOST_PROOFS: Final = 60
_MOST_HOVERED, _MOST_STEPS = 6, 150
_NEAR: Final = 0.012  # of the axis
_LONGEST_NAME: Final = 22
_LONGEST_TEXT: Final = 110
_LANE_PX, _FAMILY_PX, _AXIS_PX = 24, 90, 44
_THICK, _THIN = 0.62, 0.3  # of a lane
_SECOND_NS: Final = 2_000_000_000  # from here on the axis is in seconds

WORDS: Final = {
    Phase.CONNECTING: "not let in yet",
    Phase.QUEUED: "connected, not accepted",
    Phase.SILENT: "connected, silent",
    Phase.WAITING: "has asked, waits",
    Phase.ANSWERED: "answered",
    Phase.IDLE: "waits for clients",
    Phase.SERVING: "serves",
    Phase.ALIVE: "alive",
    Phase.STOPPED: "stopped",
    Phase.ZOMBIE: "zombie",
}
_PATTERN: Final = {Phase.QUEUED: "/", Phase.CONNECTING: "/", Phase.WAITING: "\\", Phase.STOPPED: "x"}
_BACKGROUND: Final = frozenset({Phase.IDLE, Phase.ALIVE})
_STAR: Final = 17
_TICK: Final = (142, "|", "connects, leaves, or else")
_SYMBOL: Final = {  # what tells most goes first: plotly's number, the sign in text, and its words
    Happening.RST: (4, "\N{BALLOT X}", "reset or refused"),
    Happening.REFUSED: (4, "\N{BALLOT X}", "reset or refused"),
    Happening.SIGNAL: (_STAR, "\N{BLACK STAR}", "signal"),
    Happening.REPLY: (7, "\N{BLACK LEFT-POINTING TRIANGLE}", "reply"),
    Happening.ASKS: (8, "\N{BLACK RIGHT-POINTING TRIANGLE}", "asks"),
    Happening.REAPED: (2, "\N{BLACK DIAMOND}", "reaped"),
    Happening.EXITS: (100, "\N{WHITE CIRCLE}", "exits"),
    Happening.BORN: (0, "\N{BLACK CIRCLE}", "born"),
    Happening.FIN: (101, "\N{WHITE SQUARE}", "end of the stream"),
    Happening.CONNECTS: _TICK,
    Happening.LEAVES: _TICK,
}
COLOURS: Final = [(phase.value, words) for phase, words in WORDS.items()]
_VAGUE: Final = ("\N{BOX DRAWINGS LIGHT QUADRUPLE DASH VERTICAL}", "begins or ends about then")
SIGNS: Final = [*dict.fromkeys((sign, words) for _, sign, words in _SYMBOL.values()), _VAGUE]
_OURS: Final = "forkspec"


class Clock:
    """Moments of a diagram as numbers on its axis, in milliseconds or, where it is long, in seconds."""

    def __init__(self, seen: SpaceTime) -> None:
        """Zero is where the diagram begins."""
        self._zero_ns = seen.start_ns
        self.unit = "s" if seen.end_ns - seen.start_ns >= _SECOND_NS else "ms"
        self._scale = 1e9 if self.unit == "s" else 1e6
        self._digits = 5 if self.unit == "s" else 3
        self.end = self.at(seen.end_ns)

    def is_before(self, moment_ns: int) -> bool:
        """Whether a moment lies before the axis begins."""
        return moment_ns < self._zero_ns

    def at(self, moment_ns: int) -> float:
        """A moment; none lies before the axis begins."""
        return self.span(max(0, moment_ns - self._zero_ns))

    def span(self, length_ns: int) -> float:
        """A length."""
        return round(length_ns / self._scale, self._digits)

    def told(self, moment_ns: int) -> str:
        """A moment in words."""
        return f"{(moment_ns - self._zero_ns) / self._scale:.{self._digits - 2}f} {self.unit}"


def shown(seen: SpaceTime, most: int) -> tuple[list[Lane], dict[str, int]]:
    """The lanes that are drawn, clients first; and after which lane how many are left out."""
    lanes: list[Lane] = []
    cuts: dict[str, int] = {}
    for of in (seen.clients, seen.processes):
        kept, more = seen.only(most, of)
        if more:
            cuts[kept[most - most // 3 - 1].name] = more
        lanes += kept
    return lanes, cuts


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


def _vague_ends(lanes: Sequence[Lane], clock: Clock) -> Iterator[tuple[str, float]]:
    """Lane and moment of each end of a span that nobody saw: it happened about then."""
    for lane in lanes:
        starts = [span.start_ns for span in lane.spans if not span.is_start_exact]
        ends = [span.end_ns for span in lane.spans if not span.is_end_exact]
        for at in sorted({clock.at(each) for each in starts + ends}):
            if 0 < at < clock.end:
                yield lane.name, at


def _dotted(lanes: Sequence[Lane], place: dict[str, int], clock: Clock) -> Iterator[dict[str, Any]]:
    """Holes along each end that nobody saw; the script draws each as high as its lane."""
    found = list(_vague_ends(lanes, clock))
    if found:
        yield {"meta": "vague", "x": [at for _, at in found], "y": [place[name] for name, _ in found]}


def _marks(lanes: Sequence[Lane], place: dict[str, int], clock: Clock) -> Iterator[dict[str, Any]]:
    """A sign for each moment; one for those that would lie on each other, which tells all of them."""
    found = [(lane, together) for lane in lanes for together in _together(lane, clock)]
    if found:
        yield {
            "meta": "mark",
            "x": [clock.at(foremost(together).at_ns) for _, together in found],
            "y": [place[lane.name] for lane, _ in found],
            "marker": {
                "symbol": [_SYMBOL.get(foremost(together).what, _TICK)[0] for _, together in found],
                "color": "--mark",
            },
            "hovertext": [_moments(together[:_MOST_HOVERED], clock) for _, together in found],
        }


def _moments(marks: Sequence[Mark], clock: Clock) -> str:
    """Lines of a hover text: when, and what."""
    return "<br>".join(
        f"{mark.about}{clock.told(mark.at_ns)}: {_plain(_cut(mark.text))}" for mark in marks
    )


def _together(lane: Lane, clock: Clock) -> list[list[Mark]]:
    """A lane's marks that are drawn, those together that lie nearer than a sign is wide."""
    groups: list[list[Mark]] = []
    for mark in lane.marks:
        if clock.is_before(mark.at_ns):
            continue
        if groups and clock.at(mark.at_ns) - clock.at(groups[-1][0].at_ns) < _NEAR * clock.end:
            groups[-1].append(mark)
        else:
            groups.append([mark])
    return groups[:_MOST_MARKS]


def foremost(marks: Sequence[Mark]) -> Mark:
    """The one that tells most of several marks; the first of its kind."""
    order = [*_SYMBOL, *Happening]
    return min(marks, key=lambda mark: order.index(mark.what))


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
                "symbol": [_TICK[0] if is_proof else _STAR for is_proof in proved],
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


def legend(seen: SpaceTime, most: int = MOST) -> list[tuple[str, str]]:
    """Name of the colour and words of each phase that is drawn."""
    lanes, _ = shown(seen, most)
    there = {span.phase for lane in lanes for span in lane.spans}
    return [(phase.value, WORDS[phase]) for phase in Phase if phase in there]


def signs(seen: SpaceTime, most: int = MOST) -> list[tuple[str, str]]:
    """Sign and words of each kind of mark that is drawn."""
    clock, (lanes, _) = Clock(seen), shown(seen, most)
    there = {foremost(together).what for lane in lanes for together in _together(lane, clock)}
    found = [_SYMBOL.get(what, _TICK) for what in (*_SYMBOL, Happening.NOTE) if what in there]
    vague = [_VAGUE] if any(_vague_ends(lanes, clock)) else []
    return [*dict.fromkeys((sign, words) for _, sign, words in found), *vague]


def _plain(text: str) -> str:
    """What others wrote cannot be taken for plotly's markup."""
    return html.escape(printable(text), quote=False)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}..."


def short(name: str) -> str:
    """A lane's name as it stands beside its lane."""
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 3]}..."
