"""The space-time diagram of a recording: who did what when, as lanes on one axis of time.

    diagram = space_time(recording)
    for lane in diagram.lanes:            # clients first, then the server's processes
        for span in lane.spans: ...       # start_ns, end_ns, phase, text, clients
        for mark in lane.marks: ...       # at_ns, what, text
    for at_ns, parent, child in diagram.forks(): ...
    for step in diagram.family: ...       # at_ns, alive, zombies: a step function

Of a client on trial the lanes are its own, our server's, and those of its processes.

Births, exits and reapings are as the keeper's pidfds told them. Who serves whom was seen in snapshots
only, which are looks at single moments: a span says by `is_start_exact` and `is_end_exact` which of its
ends nobody saw. The module has no opinion: whether what it shows is right is for the requirements.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Final

from . import lanes_of_a_desk, lanes_of_clients, lanes_of_processes
from .lives import Life, lives
from .recording import Kind, Recording
from .timeline import FamilyAt, Happening, Lane, Mark, Phase, SpaceTime, Span

__all__ = ["FamilyAt", "Happening", "Lane", "Mark", "Phase", "SpaceTime", "Span", "space_time"]

_BEFORE_FIRST: Final = 0.03  # of what follows: room to the left of the first client
_PROOFS: Final = {
    "quiet": "at rest: proven",
    "turns": "at rest, and each task with a time limit has woken twice: proven",
    "until": "at rest, with a date: proven",
    "spin": "never at rest: proven",
    "resting": "at rest for now: no proof",
    "guard": "never came to rest",
}


def space_time(recording: Recording) -> SpaceTime:
    """The diagram of one recording; empty lanes where nothing was started."""
    family = lives(recording)
    is_client = lanes_of_a_desk.is_a_desks(recording)
    alone = (lanes_of_a_desk.lanes if is_client else lanes_of_clients.clients)(recording)
    crowds = [recording.crowd(event.detail["name"]) for _, event in recording.all(Kind.CROWDED)]
    together = [
        lane
        for crowd in crowds
        for lane in lanes_of_clients.of_crowd(crowd, recording.events[crowd.index].at_ns)
    ]
    ports = lanes_of_clients.ports(recording)
    end_ns = max((event.at_ns for event in recording.events), default=0)
    return SpaceTime(
        scenario=recording.scenario,
        start_ns=_start_ns([*alone, *together], family, end_ns),
        end_ns=end_ns,
        clients=(*alone, *together),
        processes=lanes_of_processes.processes(recording, family, () if is_client else alone, ports),
        marks=tuple(sorted(_marks(recording), key=lambda mark: mark.at_ns)),
        family=tuple(_family(family)),
        crowds=tuple(crowd.name for crowd in crowds),
    )


def _start_ns(clients: Sequence[Lane], family: Sequence[Life], end_ns: int) -> int:
    """Shortly before the first client, or before the process that was born for it."""
    first_ns = min((lane.start_ns for lane in clients), default=None)
    if first_ns is None:
        return min((life.born_ns for life in family), default=0)
    served = [life.born_ns for life in family for at, seen in life.looks[:1] if seen.serves]
    first_ns = min([first_ns, *(born for born in served if born > min(life.born_ns for life in family))])
    return max(0, first_ns - int(_BEFORE_FIRST * (end_ns - first_ns)))


def _family(family: Sequence[Life]) -> Iterator[FamilyAt]:
    """A step at each birth, exit and reaping."""
    born = sorted(life.born_ns for life in family)
    gone = sorted(life.ends_ns for life in family if life.ends_ns is not None)
    exited = sorted(life.exited_ns for life in family if life.exited_ns is not None)
    reaped = sorted(
        life.reaped_ns for life in family if life.exited_ns is not None and life.reaped_ns is not None
    )
    for at_ns in sorted({*born, *gone, *exited, *reaped}):
        alive = bisect_right(born, at_ns) - bisect_right(gone, at_ns)
        yield FamilyAt(at_ns, alive, bisect_right(exited, at_ns) - bisect_right(reaped, at_ns))


def _marks(recording: Recording) -> Iterator[Mark]:
    for event in recording.events:
        match event.kind:
            case Kind.PROVED:
                yield Mark(event.at_ns, Happening.PROVED, _PROOFS[event.detail["proof"]])
            case Kind.LIMITED:
                yield Mark(event.at_ns, Happening.NOTE, f"no more {event.detail['of']} are granted")
            case Kind.LIFTED:
                yield Mark(event.at_ns, Happening.NOTE, f"{event.detail['of']} are granted again")
            case Kind.INJECTED if event.detail.get("call"):
                told = f"{event.detail['call']}() has failed with {event.detail['error']}"
                yield Mark(event.at_ns, Happening.NOTE, told)
            case Kind.BRANCHED:
                yield Mark(event.at_ns, Happening.NOTE, str(event.detail["cause"]))
            case Kind.ENDED:
                yield Mark(event.at_ns, Happening.NOTE, "forkspec ends the whole family")
