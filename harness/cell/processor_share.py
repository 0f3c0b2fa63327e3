"""Tells the time that a process had to wait for a processor from the time in which it did not work.

A limit in seconds is fair as long as there is a processor to work on. Beside two hundred processes that
never rest a compiler has a hundredth of one.
Source: proc(5), state and processor time in /proc/PID/stat; sched-stats.rst of Linux's documentation,
/proc/PID/schedstat.
"""

import contextlib
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from harness.observe import census, procfs

_HARDLY: Final = 1 / 4  # of one processor, all processes together
_NS_PER_S: Final = 1_000_000_000
_RUNS, _DISK = "R", "D"


class ProcessorShare:
    """The share of the processors that a process and all below it get, from one look to the next."""

    def __init__(self, root: int) -> None:
        self._root = root
        self._seen_at_s = time.monotonic()
        self._used_s = 0.0
        self._waited_s: dict[int, float] = {}

    def starved_s(self) -> float:
        """How many seconds since the last look they wanted a processor, and had hardly any of one."""
        now_s = time.monotonic()
        took_s, self._seen_at_s = now_s - self._seen_at_s, now_s
        told = census.look_at(self._root)
        family = [told[0], *census.family(self._root)] if told else []
        used_s, before_s = used_by(family), self._used_s
        waited_s, then_s = waited_by(family), self._waited_s
        self._used_s, self._waited_s = used_s, waited_s
        if used_s - before_s >= took_s * _HARDLY:
            return 0.0
        if wants_to_run(family):
            return took_s
        since_s = (each_s - then_s.get(tid, 0.0) for tid, each_s in waited_s.items())
        return min(max(since_s, default=0.0), took_s)


def used_by(family: Sequence[census.Process]) -> float:
    """The processor time of all of them, and of the children that they have waited for."""
    return sum(process.cpu_ticks for process in family) / procfs.TICKS_PER_S


def waited_by(family: Sequence[census.Process]) -> dict[int, float]:
    """How many seconds each of their tasks has waited for a processor so far, by its id.

    A task that sleeps now may have waited until a moment ago. Empty where the kernel does not count it.
    """
    waited_s = {}
    for process in family:
        for task in process.tasks:
            with contextlib.suppress(OSError, ValueError, IndexError):
                text = Path(f"/proc/{process.pid}/task/{task.tid}/schedstat").read_text()
                waited_s[task.tid] = int(text.split()[1]) / _NS_PER_S
    return waited_s


def wants_to_run(family: Sequence[census.Process]) -> bool:
    """Whether one of them has a processor or waits for one, or for its own memory to be read again.

    A parent in vfork(2) looks like the latter, and has a child.
    """
    parents = {process.ppid for process in family}
    return any(
        task.state == _RUNS or (task.state == _DISK and process.pid not in parents)
        for process in family
        for task in process.tasks
    )
