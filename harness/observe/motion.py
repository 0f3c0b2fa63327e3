"""Finds what still moves in a look: running tasks, and bytes and handshakes under way."""

from collections.abc import Collection
from typing import Final

import msgspec
from msgspec.structs import replace as changed

from . import procfs, syscalls
from .census import Process
from .descriptors import kind_of, socket_inodes
from .sockets import Row, State
from .tasks import Task

_FIN_HAS_ARRIVED: Final = frozenset({State.CLOSE_WAIT, State.LAST_ACK, State.CLOSING, State.TIME_WAIT})
LISTENING_OR_GONE: Final = frozenset({State.LISTEN, State.CLOSE, State.TIME_WAIT, State.UNKNOWN})
_CONNECTING: Final = frozenset({State.SYN_SENT, State.SYN_RECV, State.NEW_SYN_RECV})
_ENDING: Final = frozenset({State.FIN_WAIT1, State.LAST_ACK, State.CLOSING})
CARRYING: Final = frozenset({State.ESTABLISHED, State.CLOSE_WAIT})
HALF_OPEN: Final = frozenset({State.SYN_RECV, State.NEW_SYN_RECV})
OPEN: Final = CARRYING | HALF_OPEN


class Look(msgspec.Struct, frozen=True):
    """One reading of the family, the clients in the cell, and the sockets. It is not yet a proof.

    With `defers`, the listener is not told of a connection that has brought nothing (TCP_DEFER_ACCEPT).
    """

    at_ns: int
    processes: list[Process]
    rows: list[Row]
    defers: bool = False


def as_traced(process: Process, tracers: Collection[int]) -> Process:
    """The process, with those of its tasks running that one of `tracers` has stopped and will let go."""
    if all(task.state != "t" or procfs.tracer(task.tid) not in tracers for task in process.tasks):
        return process
    running = (changed(task, state="R") if task.state == "t" else task for task in process.tasks)
    return changed(process, tasks=tuple(running))


def unrest(look: Look, init: int, ignoring: Collection[int], deaf: Collection[int] = ()) -> str:
    """The first thing that still moves in this look, in words; "" when all is at rest.

    Timers are known to wake the tasks in `ignoring` (by tid). The input that seems to be meant for the
    tasks in `deaf` does not wake them.
    """
    with_input = _with_input(look)
    parents = {process.ppid for process in look.processes if not process.is_zombie}
    for process in look.processes:
        if process.is_zombie and not process.tasks:
            if process.ppid == init:
                return f"orphan {process.pid} waits for the cell's init"
            continue
        if not process.tasks:
            return f"process {process.pid} is ending"
        for task in process.tasks:
            if task.tid in ignoring or task.state in "TtZX":
                continue
            if process.pid in parents and _waits_in_vfork(task):
                continue
            if moving := _moving(process, task, frozenset() if task.tid in deaf else with_input):
                return moving
    return _in_flight(look.rows, defers=look.defers)


def beside_input(look: Look) -> set[tuple[int, tuple[int, int]]]:
    """The tasks that sleep in read() or accept() although the socket has input, by tid and switches.

    A task that stays so is deaf: another thread has closed the descriptor on which it sleeps, and the
    number was given to another connection (close(2), "Multithreaded processes and close()"); or it waits
    for more bytes than have come (socket(7), SO_RCVLOWAT).
    """
    with_input = _with_input(look)
    return {
        (task.tid, task.switches)
        for process in look.processes
        for task in process.tasks
        if task.state == "S" and _has_input(process, task, with_input)
    }


def _waits_in_vfork(task: Task) -> bool:
    """Whether only its child can wake it, by exec or by its end; no signal can (vfork(2))."""
    return task.state == "D" and task.call is not None and task.call.is_vfork


def _with_input(look: Look) -> frozenset[int]:
    """The inodes of the sockets that have something to take: bytes, a FIN, a connection."""
    return frozenset(row.inode for row in look.rows if row.unread and row.inode)


def _moving(process: Process, task: Task, with_input: frozenset[int]) -> str:
    who = f"task {task.tid} of process {process.pid}"
    if task.state != "S":
        return f"{who} runs (state {task.state})"
    if task.pending:
        return f"{who} has a signal to handle (mask {task.pending:#x})"
    call = task.call
    if call is None:
        return f"{who} is between two calls"
    if call.name in syscalls.WRITES:
        kind, _ = kind_of(process.told_by, call.descriptor)
        return f"{who} writes to a terminal" if kind.startswith("/dev/pts/") else ""
    if _has_input(process, task, with_input):
        return f"{who} is about to wake: {call.name}() has input"
    return ""


def _has_input(process: Process, task: Task, with_input: frozenset[int]) -> bool:
    """Whether a task sleeps in read() or accept() on a socket that has something to take."""
    call = task.call
    if not with_input or call is None or call.name not in syscalls.TAKES:
        return False
    if call.name == "recvfrom" and call.args[3] & syscalls.MSG_WAITALL:
        return False
    kind, inode = kind_of(process.told_by, call.descriptor)
    return kind == "socket" and inode in with_input


def waits_for_data(row: Row, other: Row | None) -> bool:
    """Whether TCP_DEFER_ACCEPT leaves this connection to the kernel: its client is silent."""
    if other is None or row.state not in HALF_OPEN:
        return False
    return other.state is State.ESTABLISHED and not other.sent and not other.unsent


def _in_flight(rows: list[Row], *, defers: bool) -> str:
    """Bytes, FINs and handshakes that have not arrived, in words; "" when all have.

    A client whose SYN is dropped by a full accept queue is at rest: its retries change nothing until the
    server accepts (listen(2): at most k + 1 connections wait).
    """
    by_ends = {row.ends: row for row in rows}
    full = {r.local[1] for r in rows if r.state is State.LISTEN and r.unread > r.unsent}
    for row in rows:
        if row.state in LISTENING_OR_GONE:
            continue
        if row.state is State.SYN_SENT and row.remote[1] in full:
            continue
        if defers and waits_for_data(row, by_ends.get((row.remote, row.local))):
            continue
        if moving := _under_way(row, by_ends.get((row.remote, row.local))):
            return f"port {row.local[1]} -> {row.remote[1]} {moving}"
    return ""


def _under_way(row: Row, other: Row | None) -> str:
    """The bytes or the end that one side still has to deliver to the other, in words."""
    if row.state in _CONNECTING:
        return "is connecting"
    waits_for_window = row.untransmitted and row.window_is_closed
    if waits_for_window and other is not None and other.is_counted and not other.unread:
        return "waits for word that there is room again"  # the reader has made some (RFC 9293, 3.8.6)
    if row.state in _ENDING and not waits_for_window:
        return "" if other is not None and other.state in _FIN_HAS_ARRIVED else "has a FIN under way"
    return _carried(row, other) if row.state in CARRYING else ""


def _carried(row: Row, other: Row | None) -> str:
    """The bytes of an open connection that have not arrived."""
    if other is None:
        # An end that has sent its FIN is dropped where TIME_WAITs are too many (tcp_max_tw_buckets).
        has_all = row.state is State.CLOSE_WAIT and not row.unsent
        return "" if has_all else "has lost its other end"
    if row.untransmitted and not row.window_is_closed:
        return "has bytes to transmit"
    return "has bytes under way" if other.is_counted and other.received < row.sent else ""


def fingerprint(look: Look, ticking: Collection[int]) -> object:
    """The facts that must be alike in two looks for anything to be proven."""
    tasks = [
        (process.pid, process.started, process.state, task.tid, task.state, task.switches)
        for process in look.processes
        for task in process.tasks
        if task.tid not in ticking
    ]
    zombies = [(p.pid, p.ppid, p.started) for p in look.processes if p.is_zombie]
    return tasks, zombies, progress(look)


def progress(look: Look) -> object:
    """How far every connection has come: the same in two looks, if no client was answered meanwhile."""
    return [(r.ends, r.state, r.inode, r.unread, r.unsent, r.received) for r in look.rows]


def seen_by(look: Look, port: int | None) -> object:
    """How far every connection has come as the server at this port can see it.

    What a client does whose connection lies in the accept queue, or was closed, wakes nobody.
    """
    unheld = {
        row.ends
        for row in look.rows
        if row.local[1] == port and not row.inode and row.state is not State.LISTEN
    }
    if not unheld:
        return progress(look)
    unheld |= {(remote, local) for local, remote in unheld}
    rows = [row for row in look.rows if row.ends not in unheld]
    return progress(msgspec.structs.replace(look, rows=rows))


def wakings(look: Look, ticking: Collection[int]) -> dict[int, int]:
    """How often each of these tasks has gone to sleep by itself."""
    return {
        task.tid: task.switches[0]
        for process in look.processes
        for task in process.tasks
        if task.tid in ticking
    }


def input_waits(look: Look, port: int | None) -> bool:
    """Whether a client's bytes or FIN lie unread, or a client stands in the accept queue."""
    return any(row.unread and row.local[1] == port for row in look.rows)


def waits_for_a_client(look: Look, process: Process) -> bool:
    """Whether it sleeps in poll() or select() on nothing but open connections: it is not at work."""
    open_ones = {row.inode for row in look.rows if row.state in CARRYING}
    return all(watched and watched <= open_ones for watched in _watched(process))


def _watched(process: Process) -> list[set[int]]:
    """For each task the inodes that it waits for in poll() or select(); empty if it sleeps elsewhere."""
    return [
        {kind_of(process.told_by, fd)[1] for fd in task.call.watched(process.told_by)}
        if task.state == "S" and task.call is not None
        else set()
        for task in process.tasks
    ]


def owed(look: Look, process: Process) -> list[Row]:
    """The connections that it holds whose client has spoken, without those that it sleeps to read from.

    It may be about to answer there, or to go on with its answer.
    """
    read = {
        kind_of(process.told_by, task.call.descriptor)[1]
        for task in process.tasks
        if task.call is not None and task.call.name in syscalls.READS
    }
    held = set(socket_inodes(process.told_by)) - read
    return [row for row in look.rows if row.inode in held and row.state in CARRYING and row.received]
