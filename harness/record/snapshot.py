"""The server's family at a moment of rest, as `observe` reported it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from msgspec import UNSET, Struct, UnsetType

from harness.call_kinds import LETS_IN, POLLS, READS, SLEEPS
from harness.signal_mask import bit, is_all

from .missing import Missing

PROOFS: Final = frozenset({"quiet", "turns", "until", "spin"})
_MAKES_A_CHILD: Final = frozenset({"vfork", "clone", "clone3"})
_WAITS_FOR_A_CHILD: Final = frozenset({"wait4", "waitid"})
_AWAY: Final = frozenset({"Z", "T", "t"})  # a zombie, or stopped (proc(5))

Key = tuple[int, int]  # of a process: its pid and its start time
ProofKind = Literal["quiet", "turns", "until", "spin", "resting", "guard", "none"]


class Process(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One member of the server's family in a snapshot.

    `opens` says where its descriptors lead ("socket", "pipe", a file's path), and how many, where there
    are many. `kb` is resident memory that is the process's own, in KiB. `call` is the first thread's,
    `calls` how many of all its threads sleep in which. `exit` is a zombie's raw wait status. `blocked`,
    `ignored`, `caught` are signal masks (proc(5)), `group` and `session` what waitpid(2) and setsid(2)
    speak of; None where the recording does not tell. `waited` grows with each child that it has waited
    for, by an amount that says nothing. `edge_triggered`: its epoll watches the listening socket with
    EPOLLET. `at_keyboard`: a thread of it sleeps in a read() from a terminal, its own keyboard as a
    rule. `serves` are the ports of the clients whose connections it holds.
    """

    pid: int
    ppid: int
    started: int
    state: str
    call: str
    calls: dict[str, int] = {}
    threads: int
    fds: int
    opens: dict[str, int] | UnsetType = UNSET
    kb: int
    exit: int | None
    pending: int
    blocked: int | None = None
    ignored: int | None = None
    caught: int | None = None
    group: int | None = None
    session: int | None = None
    waited: int = 0
    listens: bool
    edge_triggered: bool = False
    at_keyboard: bool | UnsetType = UNSET
    serves: tuple[int, ...]

    @property
    def catches_all(self) -> bool:
        """Catches every signal there is, as Go's run-time does; its epoll is the run-time's, too."""
        return is_all(self.caught or 0)

    def handles(self, number: int) -> bool:
        """Whether it has a handler for a signal, and does not block it."""
        return bool((self.caught or 0) & ~(self.blocked or 0) & bit(number))

    @property
    def clients(self) -> frozenset[int]:
        """The ports of the clients that it serves: `serves` has one twice that has two descriptors."""
        return frozenset(self.serves)

    @property
    def is_zombie(self) -> bool:
        """Exited, and nobody has waited for it."""
        return self.state == "Z"

    @property
    def is_in_vfork(self) -> bool:
        """Asleep until a child that it has made has gone, or runs another program (vfork(2))."""
        return self.call in _MAKES_A_CHILD and self.state not in _AWAY

    @property
    def is_in_wait(self) -> bool:
        """Asleep until a child of its ends (wait(2))."""
        return self.call in _WAITS_FOR_A_CHILD and self.state not in _AWAY

    @property
    def waiting_for_any(self) -> int:
        """How many threads sleep until one of several descriptors is ready (poll(2), epoll_wait(2))."""
        return self.threads_in(POLLS)

    @property
    def reads_keyboard(self) -> bool:
        """Asleep in a read() from its own keyboard, and no other thread of it waits for input."""
        return self.at_keyboard is True and self.threads_in(READS | POLLS) == 1

    def threads_in(self, calls: Collection[str]) -> int:
        """How many of its threads sleep in one of these calls."""
        return sum(number for call, number in self.sleeping.items() if call in calls)

    @property
    def sleeping(self) -> dict[str, int]:
        """How many threads sleep in which call, also where there is one thread alone."""
        return self.calls or ({self.call: 1} if self.call and self.state not in _AWAY else {})

    @property
    def is_awake(self) -> bool:
        """Whether a thread of it sleeps in no call: it runs, or is about to."""
        return sum(self.sleeping.values()) < self.threads

    @property
    def is_in_read(self) -> bool:
        """Asleep until something comes that it can read (read(2), recv(2))."""
        return self.call in READS

    @property
    def reads_in(self) -> str:
        """The call in which a thread of it sleeps until something comes that it can read, or ""."""
        return next((each for each in (self.call, *self.calls) if each in READS), "")

    @property
    def may_let_in(self) -> bool:
        """Whether a thread of it sleeps in a call that the next client may end."""
        return not LETS_IN.isdisjoint({self.call, *self.calls})

    @property
    def naps(self) -> bool:
        """Whether a thread of it sleeps until a clock wakes it, and for nothing else."""
        return not SLEEPS.isdisjoint({self.call, *self.calls})

    @property
    def key(self) -> Key:
        """(pid, start time): a pid alone may be used twice."""
        return self.pid, self.started


class Connection(Struct, frozen=True, forbid_unknown_fields=True):
    """One connection at the server's side: its state (tcp(7)), and how many bytes are unread."""

    state: str
    accepted: bool
    unread: int


class Listener(Struct, frozen=True, forbid_unknown_fields=True):
    """The listening socket; `address` in hexadecimal digits, `queue` how many wait to be accepted."""

    port: int
    address: str
    v6: bool
    v6_only: bool
    queue: int
    backlog: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The family at a proven moment. `index` is its place among the recording's events.

    `last_pid` is the newest pid given out in the cell's own pid namespace, None without one.
    `time_wait` counts the connections of the port that its side has ended first (tcp(7)).
    """

    index: int
    proof: ProofKind
    init: int
    processes: tuple[Process, ...]
    connections: Mapping[int, Connection]
    listener: Listener | None
    last_pid: int | None = None
    why_not: str = ""
    time_wait: int = 0

    @property
    def is_proof(self) -> bool:
        """False for mere rest, which a clock may end: nothing may be concluded from silence then.

        Nor where a process that holds a client's connection sleeps for a while: it may answer then.
        """
        naps = self.proof == "until" and any(p.serves and p.naps for p in self.living)
        return self.proof in PROOFS and not naps

    def proven(self) -> Snapshot:
        """This snapshot, when what it does not show may be held against the server.

        Raises:
            Missing: it is no proof.
        """
        if not self.is_proof:
            naps = self.proof in PROOFS
            raise Missing(
                "who holds a client's connection sleeps for a while, and may go on with it then"
                if naps
                else "the server was not proven to be at rest"
            )
        return self

    def settled(self) -> Snapshot:
        """This snapshot; raises Missing where the guard ran out before anything came to rest."""
        if self.proof == "guard":
            raise Missing(f"the server never came to rest: {self.why_not}")
        return self

    def keeps_unread(self, port: int | None) -> bool:
        """Whether this client's connection was accepted, and what it said lies there unread."""
        connection = self.connection(port)
        return connection is not None and bool(connection.accepted and connection.unread)

    def has_read(self, port: int | None) -> bool:
        """Whether this client's connection was accepted, and nothing of what it said is unread."""
        connection = self.connection(port)
        return connection is not None and connection.accepted and not connection.unread

    @property
    def overlooks_the_queue(self) -> bool:
        """Whether clients wait in the queue for an edge-triggered epoll: it reports each one once."""
        waiting = self.listener is not None and self.listener.queue > 0
        return waiting and any(
            p.edge_triggered and p.call.startswith("epoll") and not p.catches_all for p in self.living
        )

    def connection(self, port: int | None) -> Connection | None:
        """A client's connection, by its port; None where it is gone."""
        return None if port is None else self.connections.get(port)

    def unread(self, port: int | None) -> int:
        """How many bytes of a client are unread; 0 where its connection is gone."""
        connection = self.connection(port)
        return 0 if connection is None else connection.unread

    def holds(self, port: int | None) -> bool:
        """Whether the server had let a client in by then, and neither side had ended the connection."""
        connection = self.connection(port)
        return connection is not None and connection.accepted and connection.state == "ESTABLISHED"

    def holders(self, port: int | None) -> tuple[Process, ...]:
        """The living processes that hold a client's connection, by its port."""
        return tuple(process for process in self.living if port in process.serves)

    def born_since(self, earlier: Snapshot) -> tuple[Process, ...]:
        """The living processes that an earlier snapshot does not show."""
        known = {process.key for process in earlier.processes}
        return tuple(process for process in self.living if process.key not in known)

    @property
    def living(self) -> tuple[Process, ...]:
        """All but the zombies."""
        return tuple(process for process in self.processes if not process.is_zombie)

    @property
    def zombies(self) -> tuple[Process, ...]:
        """Children that exited and were not waited for."""
        return tuple(process for process in self.processes if process.is_zombie)

    def find(self, pid: int | None) -> Process | None:
        """The process with this pid, zombie or not."""
        return next((process for process in self.processes if process.pid == pid), None)
