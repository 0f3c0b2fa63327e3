"""Builds the space-time diagram of one recording."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from harness.record.bounded_match import Unmatchable
from harness.record.contract import Contract
from harness.record.events import Branched, Crowded, Ended, Injected, Lifted, Limited, Proved
from harness.record.recording import Recording

from . import causality, client_lanes, client_on_trial, crowd_lanes, process_lanes
from .lives import Life, lives
from .timeline import FamilyAt, Happening, Lane, Mark, SpaceTime

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
    """The diagram of one recording; without lanes where nothing was started.

    What cannot be compared with the assignment's pattern is drawn as if any line were a reply.
    """
    try:
        return _drawn(recording)
    except Unmatchable:
        return _drawn(replace(recording, contract=Contract("{any}\n")))


def _drawn(recording: Recording) -> SpaceTime:
    family = lives(recording)
    is_client = client_on_trial.is_on_trial(recording)
    ports = client_lanes.ports(recording)
    if is_client:
        alone = client_on_trial.lanes(recording)
    else:
        recording, late = causality.placed(recording, family, ports)
        alone = client_lanes.lanes(recording, late)
    crowds = [recording.crowd(event.name) for event in recording.every(Crowded)]
    groups = [(crowd.name, list(crowd_lanes.lanes(crowd, recording))) for crowd in crowds]
    together = [lane for _, group in groups for lane in group]
    causality.place_zombies(family, (*alone, *together), ports)
    family.sort(key=lambda life: life.born_ns)
    seen = [(name, *_stretch(group)) for name, group in groups if group]
    return SpaceTime(
        scenario=recording.scenario,
        start_ns=_start_ns([*alone, *together], family, recording.end_ns),
        end_ns=recording.end_ns,
        clients=(*alone, *together),
        processes=process_lanes.lanes(recording, family, () if is_client else alone, ports, seen),
        marks=tuple(sorted(_marks(recording), key=lambda mark: mark.at_ns)),
        family=tuple(_family(family)),
        crowds=tuple(crowd.name for crowd in crowds),
    )


def _stretch(lanes: Sequence[Lane]) -> tuple[int, int]:
    return min(lane.start_ns for lane in lanes), max(lane.end_ns for lane in lanes)


def _start_ns(clients: Sequence[Lane], family: Sequence[Life], end_ns: int) -> int:
    """A moment shortly before the first client, or before the process that was born for it."""
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
        match event:
            case Proved():
                yield Mark(event.at_ns, Happening.PROVED, _PROOFS[event.proof])
            case Limited():
                yield Mark(event.at_ns, Happening.NOTE, f"no more {event.of} are granted")
            case Lifted():
                yield Mark(event.at_ns, Happening.NOTE, f"{event.of} are granted again")
            case Injected() if event.call:
                told = f"{event.call}() has failed with {event.error}"
                yield Mark(event.at_ns, Happening.NOTE, told)
            case Branched():
                yield Mark(event.at_ns, Happening.NOTE, event.cause)
            case Ended():
                yield Mark(event.at_ns, Happening.NOTE, "forkspec ends the whole family")
