"""The lanes of a client on trial: the client, with what its person saw; and our server."""

from collections.abc import Iterator, Sequence
from typing import Final

from harness.record.client_run import CLIENT, SERVER
from harness.record.events import (
    Connected,
    Died,
    Event,
    Fin,
    HalfClosed,
    Left,
    Listens,
    Received,
    Rst,
    Said,
    Sent,
    Shown,
    Started,
    Typed,
    WithBytes,
)
from harness.record.recording import Recording
from harness.record.spelling import ending, spell

from .timeline import Happening, Lane, Mark, Phase, Span

_AFTER: Final[dict[type[Event], tuple[Phase, str]]] = {
    Connected: (Phase.SILENT, "connected, and silent"),
    Typed: (Phase.WAITING, "has been typed to, and has shown no reply"),
    Shown: (Phase.ANSWERED, "has shown the reply"),
}
_OVER: Final = frozenset({Fin, Rst, Died, Started})
_TOLD: Final[dict[tuple[str, type[Event]], tuple[Happening, str]]] = {
    (CLIENT, Started): (Happening.NOTE, "is started"),
    (CLIENT, Connected): (Happening.CONNECTS, "connects"),
    (CLIENT, Typed): (Happening.ASKS, "is typed to: "),
    (CLIENT, Received): (Happening.NOTE, "sends "),
    (CLIENT, Fin): (Happening.ENDS_INPUT, "ends its side (FIN)"),
    (CLIENT, Rst): (Happening.BREAKS_OFF, "breaks the connection off (RST)"),
    (SERVER, Listens): (Happening.NOTE, "listens"),
    (SERVER, Said): (Happening.NOTE, "greets with "),
    (SERVER, Sent): (Happening.REPLY, "sends "),
    (SERVER, HalfClosed): (Happening.FIN, "ends its side (FIN)"),
    (SERVER, Left): (Happening.FIN, "closes"),
}


def is_on_trial(recording: Recording) -> bool:
    """Whether a client was on trial in this recording."""
    return recording.first(Started, CLIENT) is not None


def lanes(recording: Recording) -> tuple[Lane, ...]:
    """The lane of the client, and the lane of our server."""
    events = recording.in_time
    client = [event for event in events if event.actor == CLIENT]
    spans = tuple(_spans(client, recording.end_ns))
    server = tuple(_marks([event for event in events if event.actor == SERVER]))
    ours = (Lane("our server", (), server),) if server else ()
    return (Lane(CLIENT, spans, tuple(_marks(client))), *ours)


def _spans(events: Sequence[Event], end_ns: int) -> Iterator[Span]:
    now: tuple[Phase, str] | None = None
    since_ns = 0
    for event in events:
        after = None if type(event) in _OVER else _after(now, event)
        if after is not now:
            if now is not None and event.at_ns > since_ns:
                yield Span(since_ns, event.at_ns, *now)
            now, since_ns = after, event.at_ns
    if now is not None and end_ns > since_ns:
        yield Span(since_ns, end_ns, *now)


def _after(now: tuple[Phase, str] | None, event: Event) -> tuple[Phase, str] | None:
    """The phase after an event: output is the prompt until the person has typed, then the reply."""
    is_prompt = isinstance(event, Shown) and (now is None or now[0] is not Phase.WAITING)
    return (
        now
        if is_prompt or (now is None and not isinstance(event, Connected))
        else _AFTER.get(type(event), now)
    )


def _marks(events: Sequence[Event]) -> Iterator[Mark]:
    has_typed = False
    for event in events:
        has_typed = has_typed or isinstance(event, Typed)
        if isinstance(event, Shown):
            what = Happening.REPLY if has_typed else Happening.NOTE
            yield Mark(event.at_ns, what, f"shows {spell(event.data)}")
        elif isinstance(event, Died):
            yield Mark(event.at_ns, Happening.EXITS, ending(event.status), is_exact=False)
        elif (event.actor, type(event)) in _TOLD:
            what, told = _TOLD[event.actor, type(event)]
            said = event.data if isinstance(event, WithBytes) else b""
            data = (spell(said) if said else "nothing more (^D)") if told.endswith(" ") else ""
            yield Mark(event.at_ns, what, told + data)
