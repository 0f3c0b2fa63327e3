"""What a process holds: descriptors, memory, timers. It is read again only once the process has run.

No other process can open or close its descriptors, arm its timers or write its memory while all of its
threads sleep, but for a relative that shares its table (clone(2), CLONE_FILES): their number tells.
"""

from typing import Final

import msgspec

from . import descriptors, procfs, timers
from .census import Process

_ASLEEP: Final = frozenset("StTZX")
_TIMERFD: Final = "anon_inode:[timerfd]"
_EPOLL: Final = "anon_inode:[eventpoll]"


class Holding(msgspec.Struct, frozen=True):
    """What one process held when it last ran.

    `fds` counts the open descriptors, `opens` by what they lead to (see `descriptors.by_what`);
    `sockets` are inodes, `timerfds` and `epolls` numbers of descriptors. `kb` is its own memory in KiB.
    `has_alarm` says that a signal timer may fire, and `limited` names the threads (tid) whose call a
    time limit of the socket ends.
    """

    fds: int = 0
    opens: dict[str, int] = {}
    sockets: tuple[int, ...] = ()
    timerfds: tuple[str, ...] = ()
    epolls: tuple[str, ...] = ()
    kb: int = 0
    has_alarm: bool = False
    limited: frozenset[int] = frozenset()


class Holdings:
    """The holdings of the processes of one cell."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[object, Holding]] = {}

    def of(self, process: Process) -> Holding:
        """The descriptors and memory that this process holds; none of a zombie, or once it has gone."""
        if process.is_zombie:
            return Holding()
        course = process.course, descriptors.count(process.told_by)
        known = self._known.get(process.pid)
        if known is None or known[0] != course or not _sleeps(process):
            known = self._known[process.pid] = course, _read(process)
        return known[1]


def _sleeps(process: Process) -> bool:
    return bool(process.tasks) and all(
        task.state in _ASLEEP and task.switches[0] > 0 for task in process.tasks
    )


def _read(process: Process) -> Holding:
    links = descriptors.links(process.told_by)
    return Holding(
        fds=len(links),
        opens=descriptors.by_what(links),
        sockets=tuple(inode for _, link in links if (inode := descriptors.inode_in(link)) is not None),
        timerfds=tuple(name for name, link in links if link == _TIMERFD),
        epolls=tuple(name for name, link in links if link == _EPOLL),
        kb=procfs.own_memory_kb(process.told_by),
        has_alarm=timers.has_hidden_timer(process),
        limited=frozenset(
            task.tid for task in process.tasks if timers.socket_limit_ns(process, task) is not None
        ),
    )
