"""The family: every process below the cell's init, with its tasks, by (pid, start time).

Walks /proc/PID/task/TID/children from a root, never the whole machine. That file is reliable only
while nothing changes (proc(5)); `quiescence` compares two walks before anyone believes one.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from typing import Final

import msgspec

from . import syscalls

STOPPED: Final = frozenset("Tt")
PAGE_KB: Final = os.sysconf("SC_PAGE_SIZE") // 1024
TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")


class Task(msgspec.Struct, frozen=True):
    """One thread: its state letter, its context switches so far, and the call it sleeps in."""

    tid: int
    state: str
    switches: tuple[int, int]
    pending: int
    caught: int
    call: syscalls.Call | None


class Process(msgspec.Struct, frozen=True):
    """One process. `exit_code` is the raw wait status of a zombie.

    `own_ticks` of CPU were used by its own tasks, `cpu_ticks` also by the children it has waited for;
    `waited` counts the page faults of those (proc(5), cminflt): it grows with each wait.
    """

    pid: int
    ppid: int
    started: int
    state: str
    cpu_ticks: int
    own_ticks: int
    exit_code: int
    tasks: tuple[Task, ...]
    waited: int = 0

    @property
    def is_zombie(self) -> bool:
        """True for a child that has exited and was not yet waited for."""
        return self.state in "ZX"


def read(path: str) -> bytes | None:
    """The first 4 KiB of a /proc file, or None when the process has gone or hides."""
    try:
        fd = os.open(path, os.O_RDONLY)
    except OSError:
        return None
    try:
        return os.read(fd, 4096)
    except OSError:
        return None
    finally:
        os.close(fd)


def children(pid: int, tids: Collection[int]) -> list[int]:
    """Pids of the living and zombie children of every thread of one process."""
    found: list[int] = []
    for tid in tids:
        if line := read_all(f"/proc/{pid}/task/{tid}/children"):
            found.extend(map(int, line.split()))
    return found


def read_all(path: str) -> bytes:
    """A /proc file of any length; empty when it is gone."""
    try:
        with open(path, "rb", buffering=0) as file:
            return file.readall() or b""
    except OSError:
        return b""


def look_at(pid: int) -> tuple[Process, list[int]] | None:
    """One process and the pids of its children; None when it has gone."""
    line = read(f"/proc/{pid}/stat")
    if line is None:
        return None
    fields = line[line.rindex(b")") + 2 :].split()
    state, threads = fields[0].decode(), int(fields[17])
    tasks: tuple[Task, ...] = ()
    tids = [pid]
    if state not in "ZX" or threads > 1:
        if threads > 1:
            try:
                tids = sorted(map(int, os.listdir(f"/proc/{pid}/task")))
            except OSError:
                return None
        tasks = tuple(task for tid in tids if (task := _task(pid, tid)) is not None)
    process = Process(
        pid=pid,
        ppid=int(fields[1]),
        started=int(fields[19]),
        state=state,
        cpu_ticks=sum(map(int, fields[11:15])),
        own_ticks=sum(map(int, fields[11:13])),
        exit_code=int(fields[49]),
        tasks=tasks,
        waited=int(fields[8]),
    )
    return process, children(pid, tids) if state not in "ZX" else []


def family(init: int, without: Collection[int] = ()) -> list[Process]:
    """Every process below `init`, init itself and the subtrees in `without` left out."""
    return list(_walk(children(init, [init]), frozenset(without)))


def _walk(pids: list[int], without: frozenset[int]) -> Iterator[Process]:
    todo = [pid for pid in reversed(pids) if pid not in without]
    while todo:
        if (seen := look_at(todo.pop())) is not None:
            process, below = seen
            yield process
            todo.extend(pid for pid in reversed(below) if pid not in without)


def _task(pid: int, tid: int) -> Task | None:
    base = f"/proc/{pid}/task/{tid}"
    status = read(f"{base}/status")
    if status is None:
        return None
    call = read(f"{base}/syscall")
    blocked = field(status, b"\nSigBlk:\t", 16)
    return Task(
        tid=tid,
        state=chr(status[status.index(b"\nState:\t") + 8]),
        switches=(
            field(status, b"\nvoluntary_ctxt_switches:\t", 10),
            field(status, b"nonvoluntary_ctxt_switches:\t", 10),
        ),
        pending=(field(status, b"\nSigPnd:\t", 16) | field(status, b"\nShdPnd:\t", 16)) & ~blocked,
        caught=field(status, b"\nSigCgt:\t", 16),
        call=syscalls.parse(call) if call else None,
    )


def task_ticks(pid: int, tid: int) -> int:
    """CPU ticks that one task has used; 0 when it has gone."""
    line = read(f"/proc/{pid}/task/{tid}/stat")
    return 0 if line is None else sum(map(int, line[line.rindex(b")") + 2 :].split()[11:13]))


def still_sleeps(pid: int, task: Task) -> bool:
    """Whether a task is still in the same sleep in which it was seen."""
    now = _task(pid, task.tid)
    return now is not None and (now.switches, now.call) == (task.switches, task.call)


def own_memory_kb(pid: int) -> int:
    """Resident memory in KiB that the process has written to, no file's pages (proc(5), statm)."""
    line = read(f"/proc/{pid}/statm")
    if line is None:
        return 0
    resident, shared = line.split()[1:3]
    return (int(resident) - int(shared)) * PAGE_KB


def field(status: bytes, key: bytes, base: int) -> int:
    """One number of a /proc/PID/status text, 0 when the line is missing."""
    start = status.find(key)
    if start < 0:
        return 0
    start += len(key)
    return int(status[start : status.index(b"\n", start)], base)
