"""The server's processes: their lives, how they rest, and where in their source they stand."""

from msgspec import Struct

from harness.record.snapshot import Connection, Listener, Process, ProofKind

from .event import Event, OfProcess


class Born(OfProcess, frozen=True, omit_defaults=True):
    """A process was born.

    Where its parent slept meanwhile in a call that waits for it, or reads, `parent_in` is that call.
    """

    ppid: int | None = None
    parent_in: str | None = None


class Exited(OfProcess, frozen=True, omit_defaults=True):
    """A process has ended; with its raw wait status where the kernel tells it (pidfd_open(2))."""

    status: int | None = None


class Reaped(OfProcess, frozen=True):
    """A process that had ended was waited for (wait(2))."""


class Proved(Event, frozen=True, kw_only=True):
    """The family and its sockets, and what is proven by how they rest.

    `orphans_of` is init's pid, `until_ns` bounds the proof "until", `why_not` says what still moved.
    `last_pid` is the newest pid given out in the cell's own pid namespace, None without one.
    `connections` are by the client's port; `time_wait` counts those that the server's side ended first.
    """

    proof: ProofKind
    until_ns: int | None
    why_not: str
    last_pid: int | None = None
    orphans_of: int
    listener: Listener | None
    family: tuple[Process, ...]
    connections: dict[int, Connection]
    time_wait: int = 0


class Standing(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where one process stands: the call it sleeps in, and its frames, the innermost first.

    A thread that waits for another one is in "pthread_join" or "join", as its source has it. `vain` is
    the error of an accept() that fails again and again while it runs.
    `addresses` and `told`, what its own run-time tells, are what the frames are made from: a whole
    recording has none.
    """

    pid: int
    call: str
    frames: tuple[str, ...]
    addresses: tuple[int, ...] = ()
    told: str = ""
    vain: str = ""


class Stood(Event, frozen=True):
    """Where in its source the family stood when what was waited for had not come."""

    standing: tuple[Standing, ...]
