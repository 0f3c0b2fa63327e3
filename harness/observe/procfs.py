"""The files of /proc about one process or thread, and single numbers in them (proc(5))."""

import os
from collections.abc import Collection
from typing import Final

PAGE_KB: Final = os.sysconf("SC_PAGE_SIZE") // 1024
TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")
LONGEST: Final = 4096  # bytes that are read of a file about one process or thread


def read(path: str) -> bytes | None:
    """The first 4 KiB of a /proc file, or None when the process has gone or hides."""
    try:
        fd = os.open(path, os.O_RDONLY)
    except OSError:
        return None
    try:
        return os.read(fd, LONGEST)
    except OSError:
        return None
    finally:
        os.close(fd)


def read_all(path: str) -> bytes:
    """A /proc file of any length; empty when it is gone."""
    try:
        fd = os.open(path, os.O_RDONLY)
    except OSError:
        return b""
    found = b""
    try:
        while part := os.read(fd, 65_536):
            found += part
    except OSError:
        return b""
    finally:
        os.close(fd)
    return found


def field(status: bytes, key: bytes, base: int) -> int:
    """One number of a /proc/PID/status text, 0 when the line is missing."""
    start = status.find(key)
    if start < 0:
        return 0
    start += len(key)
    return int(status[start : status.index(b"\n", start)], base)


def children(pid: int, tids: Collection[int]) -> list[int]:
    """Pids of the living and zombie children of every thread of one process."""
    found: list[int] = []
    for tid in tids:
        if line := read_all(f"/proc/{pid}/task/{tid}/children"):
            found.extend(map(int, line.split()))
    return found


def task_ids(pid: int) -> list[int]:
    """The ids of a process's threads (tid), in order; none where it has gone."""
    try:
        return sorted(map(int, os.listdir(f"/proc/{pid}/task")))
    except OSError:
        return []


def living_task_ids(pid: int) -> list[int]:
    """The ids of those threads that have not ended; the first may have, before the others."""
    stats = {tid: read(f"/proc/{pid}/task/{tid}/stat") for tid in task_ids(pid)}
    return [tid for tid, line in stats.items() if line and line[line.rindex(b")") + 2] not in b"ZX"]


def tracer(tid: int) -> int:
    """The tracer of this task (ptrace(2)); 0 where there is none, or the task has gone."""
    return field(read(f"/proc/{tid}/status") or b"", b"\nTracerPid:\t", 10)


def own_times(pid: int) -> tuple[int, int]:
    """The ticks of CPU that a process has used itself, and those of them in the kernel."""
    line = read(f"/proc/{pid}/stat")
    if line is None:
        return 0, 0
    user, kernel = map(int, line[line.rindex(b")") + 2 :].split()[11:13])
    return user + kernel, kernel


def task_ticks(pid: int, tid: int) -> int:
    """CPU ticks that one task has used; 0 when it has gone."""
    line = read(f"/proc/{pid}/task/{tid}/stat")
    return 0 if line is None else sum(map(int, line[line.rindex(b")") + 2 :].split()[11:13]))


def own_memory_kb(pid: int) -> int:
    """Resident memory in KiB that the process has written to, no file's pages (proc(5), statm)."""
    line = read(f"/proc/{pid}/statm")
    if line is None:
        return 0
    resident, shared = line.split()[1:3]
    return (int(resident) - int(shared)) * PAGE_KB
