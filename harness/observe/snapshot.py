"""A look as plain values: what a recording keeps of the family, the listener and the connections."""

from __future__ import annotations

from collections import Counter
from typing import Any

from . import census
from .census import Process
from .descriptors import socket_inodes
from .motion import LISTENING_OR_GONE, OPEN, Look
from .sockets import Row, State


def snapshot(look: Look, family: list[Process], init: int, port: int | None) -> dict[str, Any]:
    """The look with its descriptors read.

    Shape: at_ns; orphans_of (init's pid); listener {port, address, v6, v6_only, queue, backlog} or None;
    family (one table a process); connections by the client's port; time_wait, how many connections
    of the port the server's side ended first, and is done with.
    """
    served = {row.inode: row for row in look.rows if row.inode and row.local[1] == port}
    listening = {row.inode for row in look.rows if row.state is State.LISTEN}
    listener = next((row for row in served.values() if row.state is State.LISTEN), None)
    connections = [
        row for row in look.rows if row.local[1] == port and row.state not in LISTENING_OR_GONE
    ]
    return {
        "at_ns": look.at_ns,
        "orphans_of": init,
        "listener": listener and _listener(listener),
        "family": [_process(process, served, listening) for process in family],
        "connections": {str(row.remote[1]): _connection(row) for row in connections},
        "time_wait": sum(row.local[1] == port and row.state is State.TIME_WAIT for row in look.rows),
    }


def is_accepted(row: Row) -> bool:
    """Whether the server has taken the connection; its inode is 0 until then, and after close()."""
    return row.inode != 0 or row.state not in OPEN


def _process(process: Process, served: dict[int, Row], listening: set[int]) -> dict[str, Any]:
    fds, inodes = (0, []) if process.is_zombie else socket_inodes(process.pid)
    call = process.tasks[0].call if process.tasks else None
    held = [served[inode] for inode in inodes if inode in served]
    return {
        "pid": process.pid,
        "ppid": process.ppid,
        "started": process.started,
        "state": process.state,
        "call": call.name if call else "",
        "calls": Counter(task.call.name for task in process.tasks if task.call),
        "threads": len(process.tasks),
        "fds": fds,
        "kb": 0 if process.is_zombie else census.own_memory_kb(process.pid),
        "exit": process.exit_code if process.is_zombie else None,
        "pending": _all_pending(process.pid) if process.state in census.STOPPED else 0,
        "listens": bool(listening.intersection(inodes)),
        "serves": sorted(row.remote[1] for row in held if row.state is not State.LISTEN),
    }


def _listener(row: Row) -> dict[str, Any]:
    return {
        "port": row.local[1],
        "address": row.local[0].hex(),
        "v6": row.v6,
        "v6_only": row.v6_only,
        "queue": row.unread,
        "backlog": row.unsent,
    }


def _connection(row: Row) -> dict[str, Any]:
    return {
        "state": row.state.name,
        "accepted": is_accepted(row),
        "unread": row.unread,
    }


def _all_pending(pid: int) -> int:
    status = census.read(f"/proc/{pid}/status") or b""
    return census.field(status, b"\nSigPnd:\t", 16) | census.field(status, b"\nShdPnd:\t", 16)
