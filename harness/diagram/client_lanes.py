"""The lanes of clients: connecting, silence, Enter, the reply, the end. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from harness.record.contract import Contract
from harness.record.events import (
    Accepted,
    Born,
    Connected,
    Event,
    Exited,
    Fin,
    Flooded,
    HalfClosed,
    Hangs,
    Left,
    NotAccepted,
    Prompted,
    Proved,
    Reads,
    Reaped,
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
from harness.record.visits import Crowd, Visit

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
_LATE_NS: Final = 150_000_000  # a segment that was dropped comes again after 200 ms (TCP_RTO_MIN)
_ERRORS: Final = {
    "ECONNREFUSED": Happening.REFUSED,
    "ECONNRESET": Happening.RST,
    "EPIPE": Happening.RST,
}
_SEEN_BY_KEEPER: Final = (Born, Exited, Reaped)
_TEXT: Final = {
    Phase.CONNECTING: "not connected: the accept queue is full",
    Phase.QUEUED: "connected, and not accepted",
    Phase.SILENT: "connected, and silent",
    Phase.WAITING: "has asked, and waits for the reply",
    Phase.ANSWERED: "answered, and still connected",
}


def clients(recording: Recording, late: Late) -> tuple[Lane, ...]:
    """A lane for each client that connected or tried to, in the order of their appearance."""
    stories: dict[str, list[Event]] = {}
    for event in sorted(recording.events, key=lambda each: each.at_ns):
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
    events = sorted(recording.events, key=lambda each: each.at_ns)
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
        is_in_mid_line = has_begun and isinstance(event, Sent | HalfClosed)
        after = (
            _phase_in_mid_line(phase, event)
            if is_in_mid_line
            else _phase_after(phase, event, replied_ns)
        )
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


def _phase_in_mid_line(before: Phase | None, event: Event) -> Phase | None:
    """After a part of a line nothing is asked, unless no more can come."""
    return Phase.WAITING if isinstance(event, HalfClosed) else before


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
        yield Span(start_ns, end_ns, phase, _TEXT[phase])
        return
    looks = [look for look in acceptance if start_ns <= look[0] <= end_ns]
    if not looks or looks[0][1]:
        yield Span(start_ns, end_ns, phase, _TEXT[phase])
        return
    accepted_ns = next((at for at, accepted in looks if accepted), end_ns)
    yield Span(
        start_ns, accepted_ns, Phase.QUEUED, _TEXT[Phase.QUEUED], is_end_exact=accepted_ns == end_ns
    )
    if accepted_ns < end_ns:
        yield Span(accepted_ns, end_ns, Phase.SILENT, _TEXT[Phase.SILENT], is_start_exact=False)


def _acceptance(
    recording: Recording, events: Sequence[Event], port: int | None
) -> list[tuple[int, bool]]:
    """(moment, whether the server had accepted the client) for every look that tells it."""
    told = [(e.at_ns, isinstance(e, Accepted)) for e in events if isinstance(e, Accepted | NotAccepted)]
    seen = [
        (event.at_ns, event.connections[port].accepted)
        for _, event in recording.all(Proved)
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


def of_crowd(crowd: Crowd, recording: Recording) -> Iterator[Lane]:
    """A lane for each client of a crowd, named "NAME 1" and so on.

    A crowd's times are in another clock. They are shifted so that the crowd's last moment is the moment
    of its event. If a client gave up, its last moments are those of waiting: then the crowd's first
    moment is put where the harness did the last thing before.
    """
    over_ns = recording.events[crowd.index].at_ns
    moments = [at for visit in crowd.visits for at in _moments(visit) if at]
    if not moments:
        return
    shift_ns = over_ns - max(moments)
    if any(visit.error and not visit.ended_ns for visit in crowd.visits):
        before = [e for e in recording.events[: crowd.index] if not isinstance(e, _SEEN_BY_KEEPER)]
        shift_ns = min(shift_ns, max((e.at_ns for e in before), default=0) - min(moments))
    for number, visit in enumerate(crowd.visits, 1):
        if visit.connected_ns or visit.error:
            yield _visit(f"{crowd.name} {number}", visit, shift_ns, over_ns)


def _visit(name: str, visit: Visit, shift_ns: int, over_ns: int) -> Lane:
    """One visit; what has not ended lasts until the crowd was over."""
    end_ns = visit.ended_ns or max(over_ns - shift_ns, *_moments(visit))
    is_late = (visit.sent_ns or end_ns) - visit.intended_ns > _LATE_NS
    is_turned_away = bool(visit.error) and end_ns == visit.connected_ns
    is_let_in = not is_late and not is_turned_away and visit.error != "ECONNREFUSED"
    turns = [
        (visit.connected_ns, Phase.SILENT if is_let_in else Phase.CONNECTING),
        (visit.sent_ns, Phase.WAITING),
        (visit.answered_ns, Phase.ANSWERED),
    ]
    turns = [turn for turn in turns if turn[0]] if visit.connected_ns else []
    spans = [
        Span(begin_ns + shift_ns, stop_ns + shift_ns, phase, _TEXT[phase])
        for (begin_ns, phase), (stop_ns, _) in zip(turns, [*turns[1:], (end_ns, None)], strict=False)
        if stop_ns > begin_ns
    ]
    marks = [
        Mark(at_ns + shift_ns, what, told)
        for at_ns, what, told in (
            (visit.connected_ns, Happening.CONNECTS, "connects" if is_let_in else "tries to connect"),
            (visit.sent_ns, Happening.ASKS, f"sends {spell(visit.line)}"),
            (visit.answered_ns, Happening.REPLY, f"receives {spell(visit.answer)}"),
            (visit.ended_ns if visit.refusal else 0, Happening.NOTE, f"receives {spell(visit.refusal)}"),
            (0 if visit.error else visit.ended_ns, Happening.FIN, "reads the end"),
        )
        if at_ns
    ]
    if visit.error:
        what = _ERRORS.get(visit.error, Happening.NOTE)
        told = visit.error if visit.ended_ns else f"gives up: {visit.error}"
        marks.append(Mark(end_ns + shift_ns, what, told))
    return Lane(name, tuple(spans), tuple(sorted(marks, key=lambda mark: mark.at_ns)))


def _moments(visit: Visit) -> tuple[int, ...]:
    return visit.intended_ns, visit.connected_ns, visit.sent_ns, visit.answered_ns, visit.ended_ns
