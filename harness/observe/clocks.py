"""Which tasks of a family a clock wakes, and when. This file knows nothing of proofs."""

import time
from collections.abc import Collection

from . import timers
from .census import Process
from .holdings import Holdings
from .motion import Look
from .tasks import Task, still_sleeps
from .timed_sleeps import Sleep
from .timers import FAR_AWAY_NS


class Clocks:
    """Remembers since when each task has slept; times are monotonic, in nanoseconds.

    `found` are the tasks of which it was found during this proof that a hidden timer wakes them.
    """

    def __init__(self, holdings: Holdings) -> None:
        self.asleep_since: dict[Sleep, int] = {}
        self.found: set[int] = set()
        self._holdings = holdings
        self._looked_at_ns = time.monotonic_ns()

    def note(self, look: Look) -> None:
        """Take a look in: a task that sleeps in it has slept since the look before at the latest."""
        self.asleep_since = {
            key: self.asleep_since.get(key, self._looked_at_ns)
            for process in look.processes
            for task in process.tasks
            for key in [(task.tid, task.switches)]
        }
        self._looked_at_ns = look.at_ns

    def ticking(self, look: Look, before: Collection[int], spared: Collection[int]) -> set[int]:
        """The tasks that a timer wakes, by their call or hidden, and those `spared`, by tid.

        So does one that runs between two ticks: it is among those `before`.
        """
        found = set()
        for process in look.processes:
            for task in process.tasks:
                asleep = task.state == "S" and task.call is not None
                timed = asleep and task.call is not None and not task.call.has_no_time_limit
                runs_between = not asleep and task.tid in before
                if timed or runs_between or task.tid in spared or task.tid in self.found:
                    found.add(task.tid)
        return found

    def hidden(self, look: Look) -> set[int]:
        """The tids of tasks at rest that a timer can wake sooner than FAR_AWAY_NS."""
        found: set[int] = set()
        for process in look.processes:
            held = self._holdings.of(process)
            timerfd = timers.armed_timerfd_ns(process.told_by, held.timerfds)
            if held.has_alarm or (timerfd is not None and timerfd < FAR_AWAY_NS):
                found.update(task.tid for task in process.tasks)
            found |= held.limited
        return found

    def left_ns(self, process: Process, task: Task, now: int) -> int:
        """The least time that a timed sleep still takes, in nanoseconds; 0 where it is not known."""
        since = self.asleep_since.get((task.tid, task.switches))
        if task.call is None or since is None:
            return 0
        end = task.call.ends_ns(process.told_by)
        limit = None if end is not None else task.call.limit_ns(process.told_by)
        if not still_sleeps(process.pid, task):
            return 0  # what was read is whatever lies there now
        if end is not None:
            return max(0, end - now)
        return max(0, limit - (now - since)) if limit is not None else 0
