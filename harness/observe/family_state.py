"""The report on one look: the family, the listener and the connections, as plain values."""

from collections import Counter
from typing import Literal

import msgspec

from . import tasks
from .census import Process
from .descriptors import is_edge_triggered, is_terminal
from .holdings import Holdings
from .motion import CARRYING, LISTENING_OR_GONE, OPEN, Look
from .sockets import Row, State

ProofKind = Literal["quiet", "turns", "until", "spin", "resting", "guard", "none"]


class ProcessState(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One process of the family.

    `call` is what its first thread sleeps in, "" when it runs; `calls` counts the threads by the call
    that they sleep in. `fds` counts open descriptors, `opens` by what they lead to (see
    `descriptors.by_what`), `kb` is resident memory of its own in KiB; `exit`
    is the raw wait status of a zombie. `pending`, `blocked`, `ignored` and `caught` are signal masks
    (proc(5)), `group` and `session` its ids (setpgid(2), setsid(2)); None once it has gone. `waited`
    grows with each child that it waits for. It is `at_keyboard` if a thread sleeps in a read() from a
    terminal. It `listens` if it holds a socket that listens on the
    server's port; any, before that is known. `serves` names the connections that it holds by the port
    of their client.
    """

    pid: int
    ppid: int
    started: int
    state: str
    call: str
    calls: dict[str, int]
    threads: int
    fds: int
    kb: int
    exit: int | None
    pending: int
    blocked: int | None
    ignored: int | None
    caught: int | None
    group: int | None
    session: int | None
    waited: int
    listens: bool
    edge_triggered: bool
    at_keyboard: bool
    serves: list[int]
    opens: dict[str, int] = {}

    @property
    def is_zombie(self) -> bool:
        """Exited, and nobody has waited for it."""
        return self.state == "Z"


class ListenerState(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The listening socket. `address` in hexadecimal; `queue` and `backlog` count connections."""

    port: int
    address: str
    v6: bool
    v6_only: bool
    queue: int
    backlog: int


class ConnectionState(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The server's end of one connection. `state` is the TCP state's name, `unread` counts bytes."""

    state: str
    accepted: bool
    unread: int


class FamilyReport(msgspec.Struct, frozen=True, tag=True, forbid_unknown_fields=True):
    """What one look has seen, and what it proves: all that a judge may ask of it.

    `until_ns` bounds an "until", `why_not` says what still moved when the guard ran out. `last_pid` is
    the newest pid of the cell's own pid namespace, None without one. `orphans_of` is init's pid.
    `connections` go by the client's port; `time_wait` counts those of the port that the server's side
    ended first, and is done with (tcp(7)).
    """

    proof: ProofKind
    until_ns: int | None
    why_not: str
    last_pid: int | None
    at_ns: int
    orphans_of: int
    listener: ListenerState | None
    family: list[ProcessState]
    connections: dict[int, ConnectionState]
    time_wait: int


def report(
    look: Look,
    family: list[Process],
    holdings: Holdings,
    *,
    init: int,
    port: int | None,
    proof: ProofKind,
    until_ns: int | None,
    why_not: str,
    last_pid: int | None,
) -> FamilyReport:
    """The look with what its family holds, and with what it proves.

    `init` is the pid of the cell's init, `port` the server's port.
    """
    served = {row.inode: row for row in look.rows if row.inode and row.local[1] == port}
    listens = (row for row in look.rows if row.state is State.LISTEN)
    listening = {row.inode for row in listens if port in {None, row.local[1]}}
    listeners = [row for row in served.values() if row.state is State.LISTEN]
    listener = min(listeners, key=lambda row: row.v6_only, default=None)  # IPv4's, where there are two
    connections = [
        row for row in look.rows if row.local[1] == port and row.state not in LISTENING_OR_GONE
    ]
    return FamilyReport(
        proof=proof,
        until_ns=until_ns,
        why_not=why_not,
        last_pid=last_pid,
        at_ns=look.at_ns,
        orphans_of=init,
        listener=_listener(listener) if listener is not None else None,
        family=[_process(process, holdings, served, listening) for process in family],
        connections={row.remote[1]: _connection(row, defers=look.defers) for row in connections},
        time_wait=sum(row.local[1] == port and row.state is State.TIME_WAIT for row in look.rows),
    )


def is_accepted(row: Row, *, defers: bool) -> bool:
    """Whether the server has taken the connection, or `defers` it while it has brought nothing."""
    return row.inode != 0 or row.state not in (CARRYING if defers else OPEN)


def _process(
    process: Process, holdings: Holdings, served: dict[int, Row], listening: set[int]
) -> ProcessState:
    held = holdings.of(process)
    call = process.tasks[0].call if process.tasks else None
    polls = any(task.call and task.call.name.startswith("epoll") for task in process.tasks)
    own = listening.intersection(held.sockets)
    masks = process.tasks[0].masks if process.tasks else tasks.masks(process.pid)
    serves = [served[inode] for inode in held.sockets if inode in served]
    return ProcessState(
        pid=process.pid,
        ppid=process.ppid,
        started=process.started,
        state=process.state,
        call=call.name if call else "",
        calls=Counter(task.call.name for task in process.tasks if task.call),
        threads=len(process.tasks),
        fds=held.fds,
        opens=held.opens,
        kb=held.kb,
        exit=process.exit_code if process.is_zombie else None,
        pending=masks.pending if masks else 0,
        blocked=masks.blocked if masks else None,
        ignored=masks.ignored if masks else None,
        caught=masks.caught if masks else None,
        group=process.group,
        session=process.session,
        waited=process.waited,
        listens=bool(own),
        edge_triggered=polls and bool(own) and is_edge_triggered(process.told_by, held.epolls, own),
        at_keyboard=any(
            task.call is not None
            and task.call.name == "read"
            and is_terminal(process.told_by, task.call.args[0])
            for task in process.tasks
        ),
        serves=sorted(row.remote[1] for row in serves if row.state is not State.LISTEN),
    )


def _listener(row: Row) -> ListenerState:
    return ListenerState(
        port=row.local[1],
        address=row.local[0].hex(),
        v6=row.v6,
        v6_only=row.v6_only,
        queue=row.unread,
        backlog=row.unsent,
    )


def _connection(row: Row, *, defers: bool) -> ConnectionState:
    return ConnectionState(row.state.name, is_accepted(row, defers=defers), row.unread)
