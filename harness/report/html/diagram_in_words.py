"""A space-time diagram in words, also for a screen reader: a table, and a sentence or two."""

from collections.abc import Sequence
from typing import Final

from harness.diagram import Happening, Lane, Mark, Phase, SpaceTime, Span

from .diagram_axis import MOST, Clock, short, shown
from .diagram_signs import WORDS

_MOST_TOLD: Final = 9  # spans, and marks, of one lane


def rows(seen: SpaceTime, most: int = MOST) -> list[tuple[str, str, str]]:
    """Each lane that is drawn: its name, what it was from when to when, and what happened when."""
    clock, (lanes, cuts) = Clock(seen), shown(seen, most)
    found = []
    for lane in lanes:
        spans = [span_told(span, lane, clock) for span in lane.spans if clock.at(span.end_ns) > 0]
        marks = [_mark(mark, clock) for mark in lane.marks]
        found.append((lane.name, _list(spans), _list(marks)))
        if lane.name in cuts:
            found.append((f"... {cuts[lane.name]} more", "left out", ""))
    return found


def span_told(span: Span, lane: Lane, clock: Clock) -> str:
    """From when to when, and what it was."""
    start, end = (clock.told(at).removesuffix(f" {clock.unit}") for at in (span.start_ns, span.end_ns))
    if start == end:
        start, end = (f"{clock.at(at):g}" for at in (span.start_ns, span.end_ns))
    start = start if span.is_start_exact else f"about {start}"
    end = f"{end if span.is_end_exact else f'about {end}'} {clock.unit}"
    words = WORDS[span.phase] if lane.is_client else span.text
    return f"{f'until {end}' if clock.is_before(span.start_ns) else f'{start} to {end}'}: {words}"


def _mark(mark: Mark, clock: Clock) -> str:
    when = "before," if clock.is_before(mark.at_ns) else f"{mark.about}{clock.told(mark.at_ns)}"
    return f"{when} {mark.text}"


def _list(told: Sequence[str]) -> str:
    more = [f"and {len(told) - _MOST_TOLD} more"] if len(told) > _MOST_TOLD else []
    return "; ".join([*told[:_MOST_TOLD], *more])


def summary(seen: SpaceTime, *, with_waits: bool = True) -> str:
    """What the diagram shows, in a sentence or two; `with_waits` adds the longest wait for a reply."""
    clock = Clock(seen)
    children = [lane for lane in seen.processes if lane.parent]
    zombies = sum(lane.stays_zombie for lane in seen.processes)
    clients, born = _count(len(seen.clients), "client"), _count(len(children), "child", "children")
    told = f"{clients} and {born} seen, over {clock.end:g} {clock.unit}."
    waits = [
        (span.end_ns - span.start_ns, lane)
        for lane in seen.clients
        for span in lane.spans
        if span.phase is Phase.WAITING
    ]
    if waits and with_waits:
        longest_ns, lane = max(waits, key=lambda each: each[0])
        longest = f"{clock.span(longest_ns):g} {clock.unit}"
        none = "" if lane.was(Happening.REPLY) else ", who got none"
        told += f" The longest wait for a reply: {longest}, by {short(lane.name)}{none}."
    if zombies:
        told += f" {_count(zombies, 'zombie')} at the end."
    return told


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
