"""What clients do and learn; where a client is on trial, our server."""

from enum import StrEnum

from harness.record.visits import Visit

from .event import Event, WithBytes


class Connected(Event, frozen=True, omit_defaults=True):
    """A client's connection is complete, from this port; a person sits at a client with this pid."""

    port: int | None = None
    pid: int | None = None


class Hangs(Event, frozen=True, omit_defaults=True):
    """A client's connection is not completed: the accept queue is full."""

    errno: str | None = None


class Refused(Event, frozen=True, omit_defaults=True):
    """A client was refused: no process listens."""

    errno: str | None = None


class Accepted(Event, frozen=True):
    """The server was seen to have taken this client's connection."""


class NotAccepted(Event, frozen=True):
    """The server was proven not to have taken this client's connection."""


class Sent(WithBytes, frozen=True):
    """A client has sent its line, or a part of it; our server has sent a reply."""


class Said(WithBytes, frozen=True):
    """A client has said what belongs to the dialogue around its line; our server has greeted."""


class Received(WithBytes, frozen=True):
    """A client has received this; or our server has, from the client on trial."""


class Reads(Event, frozen=True):
    """A client that did not read begins to; `waiting` bytes lie there for it."""

    waiting: int


class Flooded(Event, frozen=True):
    """A client takes no more of what is sent without end; it has taken `taken` bytes."""

    taken: int


class Fin(Event, frozen=True, omit_defaults=True):
    """The other side has closed, in order; `errno` is empty."""

    errno: str | None = None


class Rst(Event, frozen=True, omit_defaults=True):
    """The connection was reset, and the client learnt it by this error."""

    errno: str | None = None


class HalfClosed(Event, frozen=True):
    """A client, or our server, has said that no more will come from it (FIN)."""


class Reset(Event, frozen=True, omit_defaults=True):
    """A client has broken its connection off (RST); of many at once one event, with their `count`."""

    count: int | None = None


class Left(Event, frozen=True, omit_defaults=True):
    """A client has closed for good; of many at once one event, with their `count`."""

    count: int | None = None


class ClientKilled(Event, frozen=True):
    """The program that a person sat at was ended by a signal, and not by one of ours."""


class Prompted(WithBytes, frozen=True):
    """A person was shown the prompt."""


class Typed(WithBytes, frozen=True):
    """A person has typed this; nothing for ^D, the end of input."""


class Shown(WithBytes, frozen=True):
    """A terminal has shown this."""


class Crowded(Event, frozen=True):
    """A crowd has come and gone.

    A visit is a list: the line, when it was intended, connected, sent, answered, ended (nanoseconds of a
    clock of their own, 0 for what did not happen), the answer, the error; and how many more bytes came
    than are kept, where the answer is too long to be a reply. `idle` is the share of the machine's
    processor time that was idle meanwhile; null where that is not known.
    """

    name: str
    visits: tuple[Visit, ...]
    idle: float | None = None


class End(StrEnum):
    """How a connection ended, as its client learnt it."""

    FIN = "FIN"
    RST = "RST"
