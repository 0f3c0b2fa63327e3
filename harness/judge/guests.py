"""What clients that did not know the contract said and heard, exchange by exchange.

Reads a recording.
"""

from dataclasses import dataclass
from typing import Final

from harness.record.events import Connected, Event, Fin, HalfClosed, Left, Proved, Received, Rst, Sent
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.record.snapshot import PROOFS

_OURS: Final = (Sent, HalfClosed, Left)
_ENDS: Final = (Fin, Rst)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One line, and what came back before the guest did more; by then the connection had `ended`."""

    line: bytes
    reply: bytes
    ended: bool

    @property
    def content(self) -> bytes:
        """The line without its ending."""
        return self.line.rstrip(b"\r\n")


@dataclass(frozen=True, slots=True)
class Guest:
    """The visit of one client that did not know the contract.

    `greeting` came before the guest had said anything, `farewell` after it had closed its side.
    `closed_then`: the server ended the connection after that; `closed_first`: it had ended it before;
    `closed_unasked`: before the guest had said anything.
    `port` is the guest's own.
    """

    name: str
    port: int
    greeting: bytes
    exchanges: tuple[Exchange, ...]
    farewell: bytes
    closed_then: bool
    closed_first: bool
    closed_unasked: bool

    @property
    def answered(self) -> tuple[Exchange, ...]:
        """The exchanges in which something came back."""
        return tuple(each for each in self.exchanges if each.reply)


def guests(seen: Recording, prefix: str = "guest ") -> list[Guest]:
    """The guests that were accepted, in order; raises Missing where one may still have been answered."""
    names = dict.fromkeys(each.actor for each in seen.events if each.actor.startswith(prefix))
    return [guest for name in names if (guest := _guest(seen, name)) is not None]


def _guest(seen: Recording, name: str) -> Guest | None:
    connected = seen.first(Connected, name)
    if connected is None:
        return None
    parts: list[tuple[Event, bytes, bool, bool]] = []  # (what it did, what came of it, over, proven)
    doing: Event = connected
    came, over, proven = b"", False, False
    for event in seen.events[seen.events.index(connected) + 1 :]:
        if isinstance(event, Proved):
            proven = proven or event.proof in PROOFS
        elif event.actor == name and isinstance(event, _OURS):
            parts.append((doing, came, over, proven))
            doing, came, proven = event, b"", False
        elif event.actor == name and isinstance(event, Received):
            came += event.data
        elif event.actor == name and isinstance(event, _ENDS):
            over = True
    parts.append((doing, came, over, proven))
    said = []
    for doing, came, over, proven in parts:
        if not isinstance(doing, Sent):
            continue
        if not came and not over and not proven:
            raise Missing(f"whether {doing.data!r} would be answered was not seen to the end")
        said.append(Exchange(doing.data, came, over))
    return Guest(
        name,
        connected.port or 0,
        parts[0][1],
        tuple(said),
        b"".join(came for doing, came, _, _ in parts if isinstance(doing, HalfClosed)),
        any(over for doing, _, over, _ in parts if isinstance(doing, HalfClosed)),
        said[-1].ended if said else parts[0][2],
        parts[0][2],
    )
