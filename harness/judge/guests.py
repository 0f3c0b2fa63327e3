"""What guests who did not know the contract said and heard: exchange by exchange, from a recording."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from harness.record.recording import Event, Kind, Missing, Recording

_OURS: Final = frozenset({Kind.SENT, Kind.HALF_CLOSED, Kind.LEFT})
_ENDS: Final = frozenset({Kind.FIN, Kind.RST})
_PROOFS: Final = frozenset({"quiet", "turns", "until", "spin"})


@dataclass(frozen=True, slots=True)
class Exchange:
    """One line, its ending with it, and all that came back before the guest did anything more.

    `ended` when the connection had ended by then.
    """

    line: bytes
    reply: bytes
    ended: bool

    @property
    def content(self) -> bytes:
        """The line without its ending."""
        return self.line.rstrip(b"\r\n")


@dataclass(frozen=True, slots=True)
class Guest:
    """One guest's visit.

    `greeting` came before it had said anything, `farewell` after it had said that no more would come.
    `closed_then` when the server had ended the connection after that; `closed_first` when it had by
    then; `port` is the guest's own.
    """

    name: str
    port: int
    greeting: bytes
    exchanges: tuple[Exchange, ...]
    farewell: bytes
    closed_then: bool
    closed_first: bool

    @property
    def answered(self) -> tuple[Exchange, ...]:
        """The exchanges in which something came back."""
        return tuple(each for each in self.exchanges if each.reply)


def guests(seen: Recording, prefix: str = "guest ") -> list[Guest]:
    """Those who were let in, in the order they came.

    Raises:
        Missing: one heard nothing, and that nothing would come was not proven.
    """
    names = dict.fromkeys(each.actor for each in seen.events if each.actor.startswith(prefix))
    return [guest for name in names if (guest := _guest(seen, name)) is not None]


def _guest(seen: Recording, name: str) -> Guest | None:
    connected = seen.first(Kind.CONNECTED, name)
    if connected is None:
        return None
    parts: list[tuple[Event, bytes, bool, bool]] = []  # (what it did, what came of it, over, proven)
    doing, came, over, proven = connected, b"", False, False
    for event in seen.events[seen.events.index(connected) + 1 :]:
        if event.kind is Kind.PROVED:
            proven = proven or event.detail["proof"] in _PROOFS
        elif event.actor == name and event.kind in _OURS:
            parts.append((doing, came, over, proven))
            doing, came, proven = event, b"", False
        elif event.actor == name and event.kind is Kind.RECEIVED:
            came += event.data
        elif event.actor == name and event.kind in _ENDS:
            over = True
    parts.append((doing, came, over, proven))
    said = [part for part in parts if part[0].kind is Kind.SENT]
    for doing, came, over, proven in said:
        if not came and not over and not proven:
            raise Missing(f"whether {doing.data!r} would be answered was not seen to the end")
    return Guest(
        name,
        int(connected.detail["port"]),
        parts[0][1],
        tuple(Exchange(doing.data, came, over) for doing, came, over, _ in said),
        b"".join(came for doing, came, _, _ in parts if doing.kind is Kind.HALF_CLOSED),
        any(over for doing, _, over, _ in parts if doing.kind is Kind.HALF_CLOSED),
        (said[-1] if said else parts[0])[2],
    )
