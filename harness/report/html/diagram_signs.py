"""The signs and colours of a diagram, and what each means in words."""

from collections.abc import Iterator, Sequence
from typing import Final

from harness.diagram import Happening, Lane, Mark, Phase, SpaceTime

from .diagram_axis import MOST, Clock, shown

_MOST_MARKS: Final = 12  # of one lane
_NEAR, _NEAR_ON_A_PHONE = 0.014, 0.045  # of the axis: signs that lie nearer cover each other
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
TICK: Final = ("tick", "connects, leaves, or else")
SYMBOL: Final = {  # what tells most goes first: the name of its sign (signs.svg), and its words
    Happening.RST: ("rst", "reset"),
    Happening.REFUSED: ("refused", "refused"),
    Happening.SIGNAL: ("signal", "signal"),
    Happening.REPLY: ("reply", "reply"),
    Happening.ASKS: ("asks", "asks"),
    Happening.PART: ("part", "sends a part of a line"),
    Happening.REAPED: ("reaped", "reaped"),
    Happening.KILLED: ("killed", "is killed"),
    Happening.EXITS: ("exits", "exits"),
    Happening.BORN: ("born", "born"),
    Happening.FIN: ("fin", "end of the stream"),
    Happening.CONNECTS: TICK,
    Happening.LEAVES: TICK,
}
COLOURS: Final = [(phase.value, words) for phase, words in WORDS.items()]
_VAGUE: Final = ("vague", "begins or ends about then")
SIGNS: Final = [*dict.fromkeys(SYMBOL.values()), _VAGUE]


def vague_ends(lanes: Sequence[Lane], clock: Clock) -> Iterator[tuple[str, float]]:
    """Lane and moment of each end of a span that was not seen to happen: it was about then."""
    for lane in lanes:
        starts = [span.start_ns for span in lane.spans if not span.is_start_exact]
        ends = [span.end_ns for span in lane.spans if not span.is_end_exact]
        for at in sorted({clock.at(each) for each in starts + ends}):
            if 0 < at < clock.end:
                yield lane.name, at


def marks_together(lane: Lane, clock: Clock) -> list[list[Mark]]:
    """The marks of a lane that are drawn; those that lie nearer than a sign is wide are joined."""
    seen = [[mark] for mark in lane.marks if not clock.is_before(mark.at_ns)]
    return _joined(seen, clock, _NEAR)[:_MOST_MARKS]


def marks_at_a_glance(groups: Sequence[list[Mark]], clock: Clock) -> list[Mark]:
    """Those of them that a narrow page has room for."""
    return [foremost(each) for each in _joined(groups, clock, _NEAR_ON_A_PHONE)]


def _joined(groups: Sequence[list[Mark]], clock: Clock, near: float) -> list[list[Mark]]:
    """The groups; neighbours that would lie nearer than this share of the axis become one."""
    found: list[list[Mark]] = []
    for each in groups:
        found.append([*each])
        while len(found) > 1 and _place(found[-1], clock) - _place(found[-2], clock) < near * clock.end:
            last = found.pop()
            found[-1] += last
    return found


def _place(marks: Sequence[Mark], clock: Clock) -> float:
    return clock.at(foremost(marks).at_ns)


def foremost(marks: Sequence[Mark]) -> Mark:
    """Of several marks the one that tells most; the first of its kind."""
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
    return [*dict.fromkeys(found), *vague]
