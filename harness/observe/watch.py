"""pidfd events: a child became a zombie, was reaped, and when.

Source: pidfd_open(2): readable means exited, hang-up (Linux 6.9) means waited for.
"""

import os
import select
import time
from collections.abc import Iterable
from typing import Final

import msgspec

from . import linux
from .census import Process, look_at

_AWAITS: Final = frozenset({"wait4", "waitid", "read", "readv"})


class Born(msgspec.Struct, frozen=True, tag=True, omit_defaults=True, forbid_unknown_fields=True):
    """A process was seen for the first time, at `at_ns` of the monotonic clock.

    Where its parent slept meanwhile in a call that waits for it, or reads, `parent_in` is that call.
    """

    pid: int
    ppid: int
    at_ns: int
    parent_in: str = ""


class Exited(msgspec.Struct, frozen=True, tag=True, omit_defaults=True, forbid_unknown_fields=True):
    """A process has ended; `status` is its raw wait status, None where it is not known."""

    pid: int
    at_ns: int
    status: int | None = None


class Reaped(msgspec.Struct, frozen=True, tag=True, forbid_unknown_fields=True):
    """A process that had ended was waited for."""

    pid: int
    at_ns: int


Event = Born | Exited | Reaped


class Watch:
    """Follows processes by pidfd from their first census to their reaping.

    A process that is born and reaped between two looks is never seen; a zombie always is.
    """

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._pid_of: dict[int, int] = {}
        self._exited: set[int] = set()
        self._known: set[tuple[int, int]] = set()

    def fileno(self) -> int:
        """An epoll descriptor, readable when an event waits."""
        return self._epoll.fileno()

    def close(self) -> None:
        """Follow nobody any more."""
        self._epoll.close()
        for fd in self._pid_of:
            os.close(fd)
        self._pid_of.clear()

    def add(self, processes: Iterable[Process]) -> list[Event]:
        """Start following those not known yet; one `Born` for each."""
        events: list[Event] = []
        processes = list(processes)
        by_pid = {process.pid: process for process in processes}
        for process in processes:
            key = (process.pid, process.started)
            if key in self._known:
                continue
            self._known.add(key)
            try:
                fd = os.pidfd_open(process.pid)
            except OSError:
                continue
            self._pid_of[fd] = process.pid
            self._epoll.register(fd, select.EPOLLIN)
            parent_in = _awaits(by_pid.get(process.ppid))
            events.append(Born(process.pid, process.ppid, time.monotonic_ns(), parent_in))
        return events

    def events(self) -> list[Event]:
        """The births and deaths since the last call, without waiting."""
        found: list[Event] = []
        for fd, mask in self._epoll.poll(0):
            now, pid = time.monotonic_ns(), self._pid_of[fd]
            if fd not in self._exited:
                self._exited.add(fd)
                found.append(Exited(pid, now, _status(fd, pid)))
                self._epoll.modify(fd, 0)
            if mask & select.EPOLLHUP:
                found.append(Reaped(pid, now))
                self._epoll.unregister(fd)
                self._exited.discard(fd)
                del self._pid_of[fd]
                os.close(fd)
        return found


def _awaits(parent: Process | None) -> str:
    """The call in which a parent waits for a child or for what it says; "" where it does neither."""
    task = parent.tasks[0] if parent is not None and parent.tasks else None
    call = task.call.name if task is not None and task.state == "S" and task.call is not None else ""
    return call if call in _AWAITS else ""


def _status(fd: int, pid: int) -> int | None:
    """The raw wait status: from the zombie (proc(5), stat), or, if it has gone, from the kernel."""
    seen = look_at(pid)
    zombie = seen[0] if seen is not None and seen[0].is_zombie else None
    return linux.pidfd_exit_status(fd) if zombie is None else zombie.exit_code
