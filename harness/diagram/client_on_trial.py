"""The lanes of a client on trial: the client, with what its person saw; and our server."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from harness.record.client_run import CLIENT, SERVER
from harness.record.recording import Event, Kind, Recording
from harness.record.spelling import ending, spell

from .timeline import Happening, Lane, Mark, Phase, Span

_AFTER: Final = {
    Kind.CONNECTED: (Phase.SILENT, "connected, and silent"),
    Kind.TYPED: (Phase.WAITING, "has been typed to, and has shown no reply"),
    Kind.SHOWN: (Phase.ANSWERED, "has shown the reply"),
}
_OVER: Final = frozenset({Kind.FIN, Kind.RST, Kind.DIED, Kind.STARTED})
_TOLD: Final = {
    (CLIENT, Kind.STARTED): (Happening.NOTE, "is started"),
    (CLIENT, Kind.CONNECTED): (Happening.CONNECTS, "connects"),
    (CLIENT, Kind.TYPED): (Happening.ASKS, "is typed to: "),
    (CLIENT, Kind.RECEIVED): (Happening.NOTE, "sends "),
    (CLIENT, Kind.FIN): (Happening.ENDS_INPUT, "ends its side (FIN)"),
    (CLIENT, Kind.RST): (Happening.BREAKS_OFF, "breaks the connection off (RST)"),
    (SERVER, Kind.LISTENS): (Happening.NOTE, "listens"),
    (SERVER, Kind.SAID): (Happening.NOTE, "greets with "),
    (SERVER, Kind.SENT): (Happening.REPLY, "sends "),
    (SERVER, Kind.HALF_CLOSED): (Happening.FIN, "ends its side (FIN)"),
    (SERVER, Kind.LEFT): (Happening.FIN, "closes"),
}


def is_a_desks(recording: Recording) -> bool:
    """Whether a client was on trial in this recording."""
    return recording.first(Kind.STARTED, CLIENT) is not None


def lanes(recording: Recording) -> tuple[Lane, ...]:
    """The lane of the client, and the lane of our server."""
    events = sorted(recording.events, key=lambda each: each.at_ns)
    client = [event for event in events if event.actor == CLIENT]
    spans = tuple(_spans(client, recording.end_ns))
    server = tuple(_marks([event for event in events if event.actor == SERVER]))
    ours = (Lane("our server", (), server),) if server else ()
    return (Lane(CLIENT, spans, tuple(_marks(client))), *ours)


def _spans(events: Sequence[Event], end_ns: int) -> Iterator[Span]:
    now: tuple[Phase, str] | None = None
    since_ns = 0
    for event in events:
        after = None if event.kind in _OVER else _after(now, event)
        if after is not now:
            if now is not None and event.at_ns > since_ns:
                yield Span(since_ns, event.at_ns, *now)
            now, since_ns = after, event.at_ns
    if now is not None and end_ns > since_ns:
        yield Span(since_ns, end_ns, *now)


def _after(now: tuple[Phase, str] | None, event: Event) -> tuple[Phase, str] | None:
    """What was shown after the person typed is the reply; what was shown before is the prompt."""
    is_prompt = event.kind is Kind.SHOWN and (now is None or now[0] is not Phase.WAITING)
    return (
        now
        if is_prompt or (now is None and event.kind is not Kind.CONNECTED)
        else _AFTER.get(event.kind, now)
    )


def _marks(events: Sequence[Event]) -> Iterator[Mark]:
    has_typed = False
    for event in events:
        has_typed = has_typed or event.kind is Kind.TYPED
        if event.kind is Kind.SHOWN:
            what = Happening.REPLY if has_typed else Happening.NOTE
            yield Mark(event.at_ns, what, f"shows {spell(event.data)}")
        elif event.kind is Kind.DIED:
            yield Mark(event.at_ns, Happening.EXITS, ending(event.detail["status"]), is_exact=False)
        elif (event.actor, event.kind) in _TOLD:
            what, told = _TOLD[event.actor, event.kind]
            data = spell(event.data) if told.endswith(" ") else ""
            yield Mark(
                event.at_ns, what, told + (data if event.data or not data else "nothing more (^D)")
            )
