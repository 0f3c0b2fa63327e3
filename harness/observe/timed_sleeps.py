"""Finds tasks that have paused since we last acted: asleep in a call that only a timer ends.

A sleep between accept() and fork() is work that goes on, and no rest. A sleep that had begun before we
acted has nothing to do with our act, nor have those that the same task begins after it: that is a loop
which sleeps between its rounds, and it is not waited for.
This file knows nothing of proofs.
"""

from collections.abc import Mapping
from typing import Final

from .motion import Look
from .tasks import Task

LONGEST_NS: Final = 1_200_000_000  # a forgotten sleep(1) is waited for; whoever sleeps longer rests
Sleep = tuple[int, tuple[int, int]]  # a task, and how often it had been switched away from


class Naps:
    """The naps during one wait for rest."""

    def __init__(self, before: Look) -> None:
        """The tasks that napped in the look `before` we acted are no more waited for."""
        tasks = [task for process in before.processes for task in process.tasks]
        self._before = frozenset((task.tid, task.switches) for task in tasks)
        self._in_a_loop = frozenset(task.tid for task in tasks if _naps(task))
        self._first: dict[int, int] = {}

    def go_on(self, look: Look, asleep_since: Mapping[Sleep, int]) -> bool:
        """Whether a task still sleeps for the first time; nanoseconds of the monotonic clock."""
        return any(
            self._first.setdefault(task.tid, task.switches[0]) == task.switches[0]
            and look.at_ns - asleep_since[sleep] < LONGEST_NS
            for process in look.processes
            for task in process.tasks
            if _naps(task) and task.tid not in self._in_a_loop
            if (sleep := (task.tid, task.switches)) not in self._before
        )


def _naps(task: Task) -> bool:
    return task.state == "S" and task.call is not None and task.call.is_nap
