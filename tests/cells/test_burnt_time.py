"""What a family that really runs has burnt is seen."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from harness.observe.burning import ALLOWANCE_S, Burning
from harness.observe.census import TICKS_PER_S, Process, Task
from harness.observe.motion import Look

ALLOWANCE: Final = int(ALLOWANCE_S * TICKS_PER_S)
OLD, NEW = 100, 200  # pids


def running(pid: int, ticks: int) -> Process:
    task = Task(pid, "R", (0, 0), 0, 0, None)
    return Process(pid, 1, 0, "R", ticks, ticks, 0, (task,))


def after(burning: Burning, *looks: dict[int, int]) -> Burning:
    """The family looked at so often; each look gives the CPU ticks of those who run, by pid."""
    for number, ticks in enumerate(looks):
        family = [running(pid, used) for pid, used in ticks.items()]
        burning.add(Look(number, family, []), family)
    return burning


@contextmanager
def sleeping() -> Iterator[int]:
    """A process of ours that holds no socket; its pid."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], close_fds=True) as one:
        try:
            yield one.pid
        finally:
            one.kill()


def test_one_without_a_socket_has_nobody_to_answer() -> None:
    with sleeping() as pid:
        burning = Burning()
        burning.believe([running(pid, 0)])
        assert burning.aside == {pid}
        assert pid in after(burning, {pid: 0, NEW: 0}, {pid: 0, NEW: ALLOWANCE}).spent
