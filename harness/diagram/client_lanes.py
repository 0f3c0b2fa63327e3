"""The lanes of clients: connecting, silence, Enter, the reply, the end. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from harness.record.contract import Contract
from harness.record.events import (
    Accepted,
    Connected,
    Event,
    Fin,
    Flooded,
    HalfClosed,
    Hangs,
    Left,
    NotAccepted,
    Prompted,
    Proved,
    Reads,
    Received,
    Refused,
    Reset,
    Rst,
    Said,
    Sent,
    Shown,
    Typed,
    WithBytes,
)
from harness.record.recording import Recording
from harness.record.spelling import spell

from .causality import Late
from .timeline import Happening, Lane, Mark, Phase, Span

_ARRIVES: Final = (Connected, Hangs, Refused)
_ASKS: Final = (Sent, Said, Typed)
_HEARS: Final = (Received, Shown)
_TOLD: Final[dict[type[Event], tuple[Happening, str]]] = {
    Connected: (Happening.CONNECTS, "connects"),
    Hangs: (Happening.CONNECTS, "tries to connect: no place in the accept queue"),
    Refused: (Happening.REFUSED, "is refused: nobody listens"),
    Prompted: (Happening.NOTE, "is prompted"),
    Reads: (Happening.NOTE, "begins to read"),
    Flooded: (Happening.NOTE, "takes no more of what is sent without end"),
    Accepted: (Happening.NOTE, "is seen to be accepted"),
    NotAccepted: (Happening.NOTE, "is seen not to be accepted"),
    Fin: (Happening.FIN, "reads the end: the server has closed (FIN)"),
    Rst: (Happening.RST, "its connection is reset (RST)"),
    HalfClosed: (Happening.ENDS_INPUT, "says that no more will come (FIN)"),
    Reset: (Happening.BREAKS_OFF, "breaks its connection off (RST)"),
    Left: (Happening.LEAVES, "closes and leaves"),
}
TEXT: Final = {
    Phase.CONNECTING: "not connected: the accept queue is full",
    Phase.QUEUED: "connected, and not accepted",
    Phase.SILENT: "connected, and silent",
    Phase.WAITING: "has asked, and waits for the reply",
    Phase.ANSWERED: "answered, and still connected",
}


def lanes(recording: Recording, late: Late) -> tuple[Lane, ...]:
    """A lane for each client that connected or tried to, in the order of their appearance."""
    stories: dict[str, list[Event]] = {}
    for event in recording.in_time:
        stories.setdefault(event.actor, []).append(event)
    named = [
        name for name, events in stories.items() if any(isinstance(each, _ARRIVES) for each in events)
    ]
    port_of = {name: port for port, name in ports(recording).items()}
    return tuple(_lane(recording, name, stories[name], late, port_of.get(name)) for name in named)


def ports(recording: Recording) -> dict[int, str]:
    """The client that each port belongs to.

    A console does not tell its port. It is the one new port in the first snapshot after the console
    connected, if there is exactly one.
    """
    events = recording.in_time
    found = {e.port: e.actor for e in events if isinstance(e, Connected) and e.port is not None}
    known, waiting = set(found), []
    for event in events:
        if isinstance(event, Connected) and event.port is None:
            waiting.append(event.actor)
        elif isinstance(event, Proved):
            new = set(event.connections) - known
            if len(new) == len(waiting) == 1:
                found[next(iter(new))] = waiting[0]
            known |= new
            waiting = []
    return found


def _lane(
    recording: Recording, name: str, events: Sequence[Event], late: Late, port: int | None
) -> Lane:
    spans: list[Span] = []
    looks = _acceptance(recording, events, port)
    phase, since, has_begun = None, 0, False
    answered = recording.client(name).answered
    replied_ns = None if answered is None else recording.events[answered].at_ns
    for event in events:
        has_begun = _is_part(recording.contract, event) or (has_begun and not isinstance(event, _ASKS))
        after = _phase_after(phase, event, replied_ns)
        if has_begun and isinstance(event, Sent | HalfClosed):  # what is no line asks for nothing
            after = Phase.WAITING if isinstance(event, HalfClosed) else phase
        if phase is not None and after is not phase:
            spans.extend(_stretch(looks, phase, since, event.at_ns))
        if after is not phase:
            phase, since = after, event.at_ns
    if phase is not None:
        spans.extend(_stretch(looks, phase, since, recording.end_ns))
    moved = {event.at_ns for event in events if event in late}
    vague = [
        replace(
            span,
            is_start_exact=span.is_start_exact and span.start_ns not in moved,
            is_end_exact=span.is_end_exact and span.end_ns not in moved,
        )
        for span in spans
    ]
    return Lane(name, tuple(vague), tuple(_marks(recording.contract, events, replied_ns, late)))


def _is_part(contract: Contract, event: Event) -> bool:
    """Whether what a client sends is no whole line yet: that asks for nothing."""
    is_sent = isinstance(event, Sent) and bool(event.data) and not event.data.endswith(b"\n")
    return is_sent and not contract.dialogue


def _phase_after(before: Phase | None, event: Event, replied_ns: int | None) -> Phase | None:
    match event:
        case Connected():
            return Phase.SILENT
        case Hangs():
            return Phase.CONNECTING
        case Sent() | Said() | Typed():
            return Phase.WAITING if before is not None else None
        case Received() | Shown():
            is_reply = before is not None and replied_ns is not None and event.at_ns >= replied_ns
            return Phase.ANSWERED if is_reply else before
        case Fin() | Rst() | Left() | Reset():
            return None
        case _:
            return before


def _stretch(
    acceptance: Sequence[tuple[int, bool]], phase: Phase, start_ns: int, end_ns: int
) -> Iterator[Span]:
    """One span. Silence gives two where looks show that the client was accepted only later."""
    if end_ns <= start_ns:
        return
    if phase is not Phase.SILENT:
        yield Span(start_ns, end_ns, phase, TEXT[phase])
        return
    looks = [look for look in acceptance if start_ns <= look[0] <= end_ns]
    if not looks or looks[0][1]:
        yield Span(start_ns, end_ns, phase, TEXT[phase])
        return
    accepted_ns = next((at for at, accepted in looks if accepted), end_ns)
    yield Span(
        start_ns, accepted_ns, Phase.QUEUED, TEXT[Phase.QUEUED], is_end_exact=accepted_ns == end_ns
    )
    if accepted_ns < end_ns:
        yield Span(accepted_ns, end_ns, Phase.SILENT, TEXT[Phase.SILENT], is_start_exact=False)


def _acceptance(
    recording: Recording, events: Sequence[Event], port: int | None
) -> list[tuple[int, bool]]:
    """(moment, whether the server had accepted the client) for every look that tells it."""
    told = [(e.at_ns, isinstance(e, Accepted)) for e in events if isinstance(e, Accepted | NotAccepted)]
    seen = [
        (event.at_ns, event.connections[port].accepted)
        for event in recording.every(Proved)
        if port in event.connections
    ]
    return sorted(told + seen)


def _marks(
    contract: Contract, events: Sequence[Event], replied_ns: int | None, late: Late
) -> Iterator[Mark]:
    """A mark for each event; pieces that come or are sent one after another are one mark.

    What comes before the reply is a greeting, or the words of others.
    """
    for first, data in _joined(contract, events):
        if _is_part(contract, first):
            yield Mark(first.at_ns, Happening.PART, f"sends a part of a line, {spell(data)}")
        elif isinstance(first, _ASKS):
            verb = "types" if isinstance(first, Typed) else "sends"
            told = f"{verb} {spell(data)}" if data else "ends its input (^D)"
            yield Mark(first.at_ns, Happening.ASKS, told)
        elif isinstance(first, _HEARS):
            is_reply = replied_ns is not None and first.at_ns >= replied_ns
            verb = "is shown" if isinstance(first, Shown) else "receives"
            what = Happening.REPLY if is_reply else Happening.NOTE
            exact = first not in late
            yield Mark(first.at_ns, what, f"{verb} {spell(data)}", is_exact=exact)
        elif type(first) in _TOLD:
            what, told = _TOLD[type(first)]
            told += f": {first.taken:,} bytes have come" if isinstance(first, Flooded) else ""
            yield Mark(first.at_ns, what, told, is_exact=first not in late)


def _joined(contract: Contract, events: Sequence[Event]) -> list[tuple[Event, bytes]]:
    """Events with their bytes; those of one kind that follow each other as one."""
    joined: list[tuple[Event, bytes]] = []
    for event in events:
        said = event.data if isinstance(event, WithBytes) else b""
        is_alike = bool(joined) and type(event) is type(joined[-1][0])
        is_alike = is_alike and _is_part(contract, event) == _is_part(contract, joined[-1][0])
        if is_alike and isinstance(event, _ASKS + _HEARS):
            first, data = joined.pop()
            joined.append((first, data + said))
        else:
            joined.append((event, said))
    return joined
