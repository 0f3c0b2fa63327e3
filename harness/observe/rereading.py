"""Reads a family again and again: a process that has not run since the last look is not read anew.

A task that sleeps, and was switched away from as often as at the last look, is still in the same sleep.
Then all that `census` tells of its process is as it was, but for its children, which are read each time.
"""

import os
from collections.abc import Collection
from typing import Final

import msgspec

from . import census, procfs
from .census import Process

_MOST: Final = 128  # processes whose files stay open
_SURELY_ALL: Final = (
    2048  # bytes: where more were to come, the kernel would have filled its page of 4 KiB
)


class _Kept(msgspec.Struct):
    """A process as it was read, and its open files in /proc, which never become another's."""

    status_fd: int
    children_fd: int = -1
    status: bytes = b""
    process: Process | None = None

    def close(self) -> None:
        os.close(self.status_fd)
        if self.children_fd >= 0:
            os.close(self.children_fd)


class FamilyReader:
    """Walks the family below one init, as `census.family` does."""

    def __init__(self, init: int) -> None:
        self._init = init
        self._children_fd = -1
        self._kept: dict[int, _Kept] = {}

    def family(self, without: Collection[int] = ()) -> list[Process]:
        """Every process below init, the subtrees in `without` left out."""
        found = list(census.walk(self._top(), frozenset(without), self._look_at))
        for pid in self._kept.keys() - {process.pid for process in found}:
            self._kept.pop(pid).close()
        return found

    def close(self) -> None:
        """Close the files that are open."""
        for kept in self._kept.values():
            kept.close()
        self._kept.clear()
        if self._children_fd >= 0:
            os.close(self._children_fd)
            self._children_fd = -1

    def _top(self) -> list[int]:
        try:
            if self._children_fd < 0:
                self._children_fd = _children_of(self._init)
            return _pids(self._children_fd)
        except OSError:
            return []

    def _look_at(self, pid: int) -> tuple[Process, list[int]] | None:
        kept = self._kept.get(pid) or self._keep(pid)
        if kept is None:
            return census.look_at(pid)
        try:
            return _look(pid, kept)
        except OSError:  # it has gone; its pid may be another's by now
            self._kept.pop(pid).close()
            return census.look_at(pid)

    def _keep(self, pid: int) -> _Kept | None:
        if len(self._kept) >= _MOST:
            return None
        try:
            kept = self._kept[pid] = _Kept(os.open(f"/proc/{pid}/status", os.O_RDONLY))
        except OSError:
            return None
        return kept


def _look(pid: int, kept: _Kept) -> tuple[Process, list[int]] | None:
    status = os.pread(kept.status_fd, procfs.LONGEST, 0)
    process = kept.process
    if process is None or status != kept.status:
        process = census.process_of(pid, status)
        if process is None:
            return None
        kept.status, kept.process = status, process if _stays(process) else None
    if process.is_zombie:
        return process, []
    if len(process.tasks) > 1 or process.told_by != pid:
        return process, procfs.children(pid, [task.tid for task in process.tasks])
    if kept.children_fd < 0:
        kept.children_fd = _children_of(pid)
    return process, _pids(kept.children_fd)


def _stays(process: Process) -> bool:
    """Whether it changes only with its status: a zombie, or one task, asleep in a call."""
    if not process.tasks:
        return process.is_zombie
    first = process.tasks[0]
    is_alone = len(process.tasks) == 1 and first.tid == process.pid
    return is_alone and process.state == first.state == "S" and first.call is not None


def _children_of(pid: int) -> int:
    return os.open(f"/proc/{pid}/task/{pid}/children", os.O_RDONLY)


def _pids(fd: int) -> list[int]:
    found = part = os.pread(fd, 65_536, 0)
    while len(part) > _SURELY_ALL:
        part = os.pread(fd, 65_536, len(found))
        found += part
    return list(map(int, found.split()))
