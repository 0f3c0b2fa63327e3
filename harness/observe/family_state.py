"""A look as plain values: what a recording keeps of the family, the listener and the connections."""

from __future__ import annotations

import os
from collections import Counter
from functools import partial
from typing import Any

from . import census
from .census import Process
from .descriptors import is_edge_triggered, socket_inodes
from .motion import CARRYING, LISTENING_OR_GONE, OPEN, Look
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
        "connections": {str(row.remote[1]): _connection(row, defers=look.defers) for row in connections},
        "time_wait": sum(row.local[1] == port and row.state is State.TIME_WAIT for row in look.rows),
    }


def is_accepted(row: Row, *, defers: bool) -> bool:
    """Whether the server has taken the connection; its inode is 0 until then, and after close().

    Where it `defers`, one that has brought nothing yet is as good as taken: the kernel keeps it for it.
    """
    return row.inode != 0 or row.state not in (CARRYING if defers else OPEN)


def _process(process: Process, served: dict[int, Row], listening: set[int]) -> dict[str, Any]:
    fds, inodes = (0, []) if process.is_zombie else socket_inodes(process.pid)
    call = process.tasks[0].call if process.tasks else None
    polls = any(task.call and task.call.name.startswith("epoll") for task in process.tasks)
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
        **_signals(process.pid),
        **_groups(process.pid),
        "waited": process.waited,
        "listens": bool(own := listening.intersection(inodes)),
        "edge_triggered": polls and bool(own) and is_edge_triggered(process.pid, own),
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


def _connection(row: Row, *, defers: bool) -> dict[str, Any]:
    return {
        "state": row.state.name,
        "accepted": is_accepted(row, defers=defers),
        "unread": row.unread,
    }


def _signals(pid: int) -> dict[str, int | None]:
    """The masks of the first thread, and what is pending for it or for all; None when it has gone."""
    status = census.read(f"/proc/{pid}/status")
    if not status:
        return {"pending": 0, "blocked": None, "ignored": None, "caught": None}
    mask = partial(census.field, status, base=16)
    return {
        "pending": mask(b"\nSigPnd:\t") | mask(b"\nShdPnd:\t"),
        "blocked": mask(b"\nSigBlk:\t"),
        "ignored": mask(b"\nSigIgn:\t"),
        "caught": mask(b"\nSigCgt:\t"),
    }


def _groups(pid: int) -> dict[str, int | None]:
    try:
        return {"group": os.getpgid(pid), "session": os.getsid(pid)}
    except OSError:
        return {"group": None, "session": None}
