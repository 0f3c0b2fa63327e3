"""The server's family at a moment of rest, as `observe` reported it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from .missing import Missing

_PROOFS: Final = frozenset({"quiet", "turns", "until", "spin"})
_NAPS: Final = frozenset({"nanosleep", "clock_nanosleep"})  # nothing but a clock ends them


@dataclass(frozen=True, slots=True)
class Process:
    """One member of the server's family in a snapshot. Field by field as `observe` reports it.

    `kb` is resident memory that is the process's own, in KiB. `call` is the first thread's, `calls` how
    many of all its threads sleep in which. `blocked`, `ignored`, `caught` are signal masks (proc(5)),
    `group` and `session` what waitpid(2) and setsid(2) speak of; None where the recording does not tell.
    `waited` grows with each child that it has waited for, by an amount that says nothing.
    `edge_triggered`: its epoll watches the listening socket with EPOLLET.
    """

    pid: int
    ppid: int
    started: int
    state: str
    call: str
    threads: int
    fds: int
    kb: int
    exit: int | None
    pending: int
    listens: bool
    serves: tuple[int, ...]
    calls: Mapping[str, int] = field(default_factory=dict)
    blocked: int | None = None
    ignored: int | None = None
    caught: int | None = None
    group: int | None = None
    session: int | None = None
    waited: int = 0
    edge_triggered: bool = False

    @property
    def is_zombie(self) -> bool:
        """Exited, and nobody has waited for it."""
        return self.state == "Z"

    @property
    def key(self) -> tuple[int, int]:
        """(pid, start time): a pid alone may be used twice."""
        return self.pid, self.started


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The family at a proven moment. `index` is its place among the recording's events.

    `last_pid` is the newest pid given out in the cell's own pid namespace, None without one.
    `time_wait` counts the connections of the port that its side has ended first (tcp(7)).
    """

    index: int
    proof: str
    init: int
    processes: tuple[Process, ...]
    connections: Mapping[str, Mapping[str, Any]]
    listener: Mapping[str, Any] | None
    last_pid: int | None = None
    why_not: str = ""
    time_wait: int = 0

    @property
    def is_proof(self) -> bool:
        """False for mere rest, which a clock may end: nothing may be concluded from silence then.

        Nor where who holds a client's connection sleeps for a while: that it goes on with then.
        """
        return self.proof in _PROOFS and not (self.proof == "until" and self._naps_with_a_client)

    @property
    def _naps_with_a_client(self) -> bool:
        return any(p.serves and not _NAPS.isdisjoint({p.call, *p.calls}) for p in self.living)

    def proven(self) -> Snapshot:
        """This snapshot, when what it does not show may be held against the server.

        Raises:
            Missing: it is no proof.
        """
        if not self.is_proof:
            naps = self.proof in _PROOFS
            raise Missing(
                "who holds a client's connection sleeps for a while, and may go on with it then"
                if naps
                else "the server was not proven to be at rest"
            )
        return self

    @property
    def overlooks_the_queue(self) -> bool:
        """Whether clients wait in the queue for an edge-triggered epoll, which tells of nobody twice."""
        waiting = self.listener is not None and self.listener["queue"] > 0
        return waiting and any(p.edge_triggered and p.call.startswith("epoll") for p in self.living)

    def holds(self, port: int | None) -> bool:
        """Whether the server had let a client in by then, and neither side had ended the connection."""
        connection = self.connections.get(str(port), {})
        return bool(connection.get("accepted")) and connection.get("state") == "ESTABLISHED"

    @property
    def living(self) -> tuple[Process, ...]:
        """All but the zombies."""
        return tuple(process for process in self.processes if not process.is_zombie)

    @property
    def zombies(self) -> tuple[Process, ...]:
        """Children that exited and were not waited for."""
        return tuple(process for process in self.processes if process.is_zombie)

    def find(self, pid: int) -> Process | None:
        """The process with this pid, zombie or not."""
        return next((process for process in self.processes if process.pid == pid), None)


def settled(snapshot: Snapshot) -> Snapshot:
    """The snapshot itself, unless the guard ran out before anything came to rest.

    Raises:
        Missing: it did.
    """
    if snapshot.proof == "guard":
        raise Missing(f"the server never came to rest: {snapshot.why_not}")
    return snapshot


def snapshot(index: int, detail: Mapping[str, Any]) -> Snapshot:
    """The snapshot that a PROVED event carries, at its place among the events."""
    processes = tuple(
        Process(
            pid=p["pid"],
            ppid=p["ppid"],
            started=p["started"],
            state=p["state"],
            call=p["call"],
            threads=p["threads"],
            fds=p["fds"],
            kb=p["kb"],
            exit=p["exit"],
            pending=p["pending"],
            listens=p["listens"],
            serves=tuple(p["serves"]),
            calls=p.get("calls", {}),
            **{known: p.get(known) for known in ("blocked", "ignored", "caught", "group", "session")},
            waited=p.get("waited", 0),
            edge_triggered=p.get("edge_triggered", False),
        )
        for p in detail["family"]
    )
    return Snapshot(
        index=index,
        proof=detail["proof"],
        init=detail["orphans_of"],
        processes=processes,
        connections=detail["connections"],
        listener=detail["listener"],
        last_pid=detail.get("last_pid"),
        why_not=detail["why_not"],
        time_wait=detail.get("time_wait", 0),
    )
