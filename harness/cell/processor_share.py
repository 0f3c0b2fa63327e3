"""Tells the time in which somebody could not work from the time in which they did not.

A limit in seconds is fair as long as there is a processor to work on. Beside two hundred processes that
never rest a compiler has a hundredth of one.
Source: proc(5), state and processor time in /proc/PID/stat.
"""

import time
from collections.abc import Sequence
from typing import Final

from harness.observe import census

_HARDLY: Final = 1 / 4  # of one processor, all processes together
_RUNS, _DISK = "R", "D"


class ProcessorShare:
    """What the processors left to a process and all below it, from one look to the next."""

    def __init__(self, root: int) -> None:
        self._root = root
        self._seen_at_s = time.monotonic()
        self._used_s = 0.0

    def starved_s(self) -> float:
        """How many seconds since the last look they had hardly any of a processor, and want one now."""
        now_s = time.monotonic()
        took_s, self._seen_at_s = now_s - self._seen_at_s, now_s
        told = census.look_at(self._root)
        family = [told[0], *census.family(self._root)] if told else []
        used_s, before_s = used_by(family), self._used_s
        self._used_s = used_s
        is_starved = wants_to_run(family) and used_s - before_s < took_s * _HARDLY
        return took_s if is_starved else 0.0


def used_by(family: Sequence[census.Process]) -> float:
    """The processor time of all of them, and of the children that they have waited for."""
    return sum(process.cpu_ticks for process in family) / census.TICKS_PER_S


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
