"""How large the family is, and what it has used: counted again and again while thousands are born."""

import os
import re
from collections.abc import Collection, Iterator
from typing import Final, NamedTuple

from . import descriptors, procfs

_OWN: Final = slice(11, 13)  # utime and stime: proc_pid_stat(5)
_WAITED_FOR: Final = slice(13, 15)  # cutime and cstime
_TICK_US: Final = 1_000_000 // os.sysconf("SC_CLK_TCK")
_ANONYMOUS: Final = re.compile(rb"^Anonymous: +(\d+) kB$", re.MULTILINE)


class Count(NamedTuple):
    """Processes that live, zombies, and the open descriptors of all."""

    processes: int
    zombies: int
    descriptors: int


def count(init: int, without: Collection[int] = ()) -> Count:
    """Count once below `init`, without these and all below them; it may miss one born meanwhile."""
    processes = zombies = open_ = 0
    for pid, fields in _family(init, without):
        if _is_zombie(fields):
            zombies += 1
            continue
        processes += 1
        open_ += descriptors.count(_told_by(pid, fields))
    return Count(processes, zombies, open_)


class Used(NamedTuple):
    """Memory of the family's own in KiB, and its processor time so far in microseconds.

    `child_us` is of those that have ended: as zombies, or waited for by the family or by init. Of a
    child that nobody waits for (SIGCHLD ignored, SA_NOCLDWAIT) the kernel keeps no account: wait(2).
    """

    kb: int
    own_us: int
    child_us: int


def used(init: int, without: Collection[int] = ()) -> Used:
    """What the family below `init` has used; slower than `count`, for a family at rest."""
    kb = own_us = 0
    line = procfs.read(f"/proc/{init}/stat")
    child_us = _us(_fields(line), _WAITED_FOR) if line is not None else 0
    for pid, fields in _family(init, without):
        if _is_zombie(fields):  # less than a clock tick, as a rule
            child_us += int((procfs.read(f"/proc/{pid}/schedstat") or b"0").split()[0]) // 1000
            continue
        kb += _own_kb(_told_by(pid, fields))
        own_us += _us(fields, _OWN)
        child_us += _us(fields, _WAITED_FOR)
    return Used(kb, own_us, child_us)


def _family(init: int, without: Collection[int]) -> Iterator[tuple[int, list[bytes]]]:
    """Each process below `init` with the fields of its stat from its state on."""
    todo = procfs.children(init, [init])
    while todo:
        pid = todo.pop()
        if pid in without or (line := procfs.read(f"/proc/{pid}/stat")) is None:
            continue
        fields = _fields(line)
        yield pid, fields
        if not _is_zombie(fields):
            tids = [pid] if fields[17] == b"1" else procfs.task_ids(pid)
            todo += procfs.children(pid, tids)


def _is_zombie(fields: list[bytes]) -> bool:
    """Whether it has ended: where other threads are left, only its first has (pthread_exit(3))."""
    return fields[0] in b"ZX" and int(fields[17]) <= 1


def _told_by(pid: int, fields: list[bytes]) -> int:
    """The thread of which /proc tells: see `census.Process.told_by`."""
    return pid if fields[0] not in b"ZX" else next(iter(procfs.living_task_ids(pid)), pid)


def _fields(line: bytes) -> list[bytes]:
    return line[line.rindex(b")") + 2 :].split(None, 18)


def _us(fields: list[bytes], which: slice) -> int:
    return sum(map(int, fields[which])) * _TICK_US


def _own_kb(pid: int) -> int:
    """Memory that no file stands behind, to the page; statm is not exact (proc(5))."""
    told = procfs.read_all(f"/proc/{pid}/smaps_rollup")
    found = _ANONYMOUS.search(told)
    return int(found[1]) if found else procfs.own_memory_kb(pid)
