"""What a second run tells, under AddressSanitizer or strace."""

from msgspec import Struct

from .event import Event


class Sanitized(Event, frozen=True):
    """What AddressSanitizer reports of a crash in a second run: what happened, and where."""

    what: str
    where: str


class SetUpCall(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One call of bind() or listen(): its descriptor, the port and the size given, errno(3)'s name."""

    call: str
    descriptor: int
    port: int | None = None
    size: int | None = None
    error: str = ""


class SetUp(Event, frozen=True):
    """Which calls a second run made, under strace, to get its port."""

    calls: tuple[SetUpCall, ...]


class ServiceCall(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One call of a process that serves: its descriptor, on what `kind` of file, its result.

    The kind is "connection", "listener", "terminal", "other", or "" where nothing is open at that
    number. `error` is errno(3)'s name; `to` is the second descriptor of dup2(). Of kill() the
    "descriptor" is its first argument.
    """

    process: int
    call: str
    descriptor: int
    kind: str
    result: int
    error: str = ""
    to: int | None = None


class ServiceCalls(Event, frozen=True):
    """Which calls a second run made, under strace, from its first accept() on."""

    calls: tuple[ServiceCall, ...]
