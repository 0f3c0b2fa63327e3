"""Tells which tasks burn processor time and deliver nothing.

A family that burns never rests, and yet nothing more will come from it. What the family has burnt
together is not enough to know that: among twenty that spin, the one that is about to answer may not have
had its turn. So each task's time is counted since anything was delivered.
"""

from collections.abc import Sequence
from typing import Final

from . import procfs
from .census import Process
from .descriptors import socket_inodes
from .motion import Look
from .tasks import Task

ALLOWANCE_S: Final = 1.0
_KNOWN: Final = 0.05  # the part of the allowance that is enough where the family has spun before
_SHARE_TICKS: Final = 2  # of a task's own time, 20 ms: one that runs on is not about to answer
# What children without end burn before they count as a chain: three allowances, one if a chain was seen
# before, and beside that one share for each running task, up to 32 shares.
_CHAIN: Final = 3
_CHAIN_SHARES: Final = 32


class Burning:
    """The processor time of a family since it last delivered anything, together and task by task.

    `is_known` once a task was seen to spin: then a part of the allowance will do. `spinners` are the
    tids of such tasks. `aside` are the spinners that hold no socket, and so have no client to answer.
    """

    def __init__(self) -> None:
        self.is_known = False
        self._has_chained = False
        self.spinners: set[int] = set()
        self.aside: set[int] = set()
        self.begin()

    def begin(self) -> None:
        """Begin a new proof: time used before it does not count."""
        self._delivered: object = None
        self._total = 0
        self._ticks: dict[tuple[int, int], int] = {}
        self._first: dict[int, int] = {}
        self._running: dict[int, int] = {}

    def add(self, look: Look, family: Sequence[Process]) -> None:
        """Count what was used up to this look; begin again if bytes were delivered."""
        delivered = [(row.ends, row.received) for row in look.rows if row.received]
        used = self._used(family)
        if self._delivered is None or delivered != self._delivered:
            self._delivered, self._total, self._first = delivered, 0, {}
        self._total += used
        self._running = {
            task.tid: _ticks(process, task)
            for process in family
            for task in process.tasks
            if task.state == "R"
        }
        for tid, ticks in self._running.items():
            self._first.setdefault(tid, ticks)

    @property
    def spent(self) -> set[int]:
        """The tids of tasks that run and will not deliver.

        Empty until the family has burnt its allowance; then tasks that have used their own share, too.
        """
        if self._total < procfs.TICKS_PER_S * ALLOWANCE_S * (_KNOWN if self.is_known else 1):
            return set()
        return {
            tid
            for tid, now in self._running.items()
            if now - self._first[tid] >= _SHARE_TICKS or tid in self.aside
        }

    @property
    def is_chain(self) -> bool:
        """Whether the family has burnt so much that it spins, though its tasks change: a chain of forks.

        What it did before an earlier proof does not count (`is_known`): a chain of a thousand forks may
        come to its end.
        """
        shares = _SHARE_TICKS * min(len(self._running), _CHAIN_SHARES)
        allowances = 1 if self._has_chained else _CHAIN
        return self._total >= allowances * procfs.TICKS_PER_S * ALLOWANCE_S + shares

    def believe(self, family: Sequence[Process]) -> None:
        """Take the running tasks for spinners from now on, unless children come and go meanwhile.

        A chain of forks burns as well, and may come to its end.
        """
        self._has_chained = self._has_chained or self.is_chain
        if any(process.is_zombie for process in family):
            return
        self.is_known = True
        for process in family:
            new = {task.tid for task in process.tasks if task.state == "R"} - self.spinners
            self.spinners |= new
            if new and not socket_inodes(process.told_by):
                self.aside |= new

    def _used(self, family: Sequence[Process]) -> int:
        """Processor ticks used by the family since the last look, its reaped children included."""
        used = 0
        for process in family:
            key = (process.pid, process.started)
            used += max(0, process.cpu_ticks - self._ticks.get(key, process.cpu_ticks))
            self._ticks[key] = process.cpu_ticks
        return used


def _ticks(process: Process, task: Task) -> int:
    return process.own_ticks if len(process.tasks) == 1 else procfs.task_ticks(process.pid, task.tid)
