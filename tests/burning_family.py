"""A made-up family, with the processor time that its members have used at each look."""

from __future__ import annotations

from typing import Final

from harness.observe.burning import ALLOWANCE_S, Burning
from harness.observe.census import Process
from harness.observe.motion import Look
from harness.observe.procfs import TICKS_PER_S
from harness.observe.tasks import Masks, Task

ALLOWANCE: Final = int(ALLOWANCE_S * TICKS_PER_S)
OLD, NEW = 100, 200  # pids


def running(pid: int, ticks: int) -> Process:
    task = Task(pid, "R", (0, 0), Masks(0, 0, 0, 0), None)
    return Process(pid, 1, 0, "R", ticks, ticks, 0, (task,))


def after(burning: Burning, *looks: dict[int, int]) -> Burning:
    """The family after these looks; each look gives the CPU ticks of the running members, by pid."""
    for number, ticks in enumerate(looks):
        family = [running(pid, used) for pid, used in ticks.items()]
        burning.add(Look(number, family, []), family)
    return burning
