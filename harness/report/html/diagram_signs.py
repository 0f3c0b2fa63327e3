"""The signs and colours of a diagram, and what each means in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from harness.diagram import Happening, Lane, Mark, Phase, SpaceTime

from .diagram_axis import MOST, Clock, shown

_MOST_MARKS: Final = 12  # of one lane
_NEAR: Final = 0.012  # of the axis
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
STAR: Final = 17
TICK: Final = (142, "|", "connects, leaves, or else")
SYMBOL: Final = {  # what tells most goes first: plotly's number, the sign in text, and its words
    Happening.RST: (4, "\N{BALLOT X}", "reset or refused"),
    Happening.REFUSED: (4, "\N{BALLOT X}", "reset or refused"),
    Happening.SIGNAL: (STAR, "\N{BLACK STAR}", "signal"),
    Happening.REPLY: (7, "\N{BLACK LEFT-POINTING TRIANGLE}", "reply"),
    Happening.ASKS: (8, "\N{BLACK RIGHT-POINTING TRIANGLE}", "asks"),
    Happening.REAPED: (2, "\N{BLACK DIAMOND}", "reaped"),
    Happening.EXITS: (100, "\N{WHITE CIRCLE}", "exits"),
    Happening.BORN: (0, "\N{BLACK CIRCLE}", "born"),
    Happening.FIN: (101, "\N{WHITE SQUARE}", "end of the stream"),
    Happening.CONNECTS: TICK,
    Happening.LEAVES: TICK,
}
COLOURS: Final = [(phase.value, words) for phase, words in WORDS.items()]
_VAGUE: Final = ("\N{BOX DRAWINGS LIGHT QUADRUPLE DASH VERTICAL}", "begins or ends about then")
SIGNS: Final = [*dict.fromkeys((sign, words) for _, sign, words in SYMBOL.values()), _VAGUE]


def vague_ends(lanes: Sequence[Lane], clock: Clock) -> Iterator[tuple[str, float]]:
    """Lane and moment of each end of a span that nobody saw: it happened about then."""
    for lane in lanes:
        starts = [span.start_ns for span in lane.spans if not span.is_start_exact]
        ends = [span.end_ns for span in lane.spans if not span.is_end_exact]
        for at in sorted({clock.at(each) for each in starts + ends}):
            if 0 < at < clock.end:
                yield lane.name, at


def marks_together(lane: Lane, clock: Clock) -> list[list[Mark]]:
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
    order = [*SYMBOL, *Happening]
    return min(marks, key=lambda mark: order.index(mark.what))


def legend(seen: SpaceTime, most: int = MOST) -> list[tuple[str, str]]:
    """Name of the colour and words of each phase that is drawn."""
    lanes, _ = shown(seen, most)
    there = {span.phase for lane in lanes for span in lane.spans}
    return [(phase.value, WORDS[phase]) for phase in Phase if phase in there]


def signs(seen: SpaceTime, most: int = MOST) -> list[tuple[str, str]]:
    """Sign and words of each kind of mark that is drawn."""
    clock, (lanes, _) = Clock(seen), shown(seen, most)
    there = {foremost(together).what for lane in lanes for together in marks_together(lane, clock)}
    found = [SYMBOL.get(what, TICK) for what in (*SYMBOL, Happening.NOTE) if what in there]
    vague = [_VAGUE] if any(vague_ends(lanes, clock)) else []
    return [*dict.fromkeys((sign, words) for _, sign, words in found), *vague]
