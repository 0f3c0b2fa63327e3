"""For how long the clients' connections have stood still, and for how long a server may let them.

The first is told on a clock that a busy machine slows.

A process that is short of a processor pauses for longer than it asked for. We share that processor: by
how much our own pauses were late is not held against the family. This file knows nothing of proofs.
"""

import time
from collections.abc import Callable, Collection, Iterable
from typing import Final

from .census import Process
from .motion import Look, input_waits, owed, seen_by, waits_for_a_client
from .sockets import Row
from .timers import FAR_AWAY_NS

PAUSE_NS: Final = 10_000_000_000


class Standstill:
    """Since when all that a server can see of its connections is unchanged. Times are in nanoseconds."""

    def __init__(self, pause: Callable[[float], None]) -> None:
        """`pause(s)` waits for `s` seconds, or for less where something is heard."""
        self._pause = pause
        self._late_ns = 0
        self.begin()

    def begin(self) -> None:
        """Count from the next look on: the family has been woken."""
        self._rows: list[Row] | None = None
        self._seen: object = None
        self._since_ns = self._late_before = 0

    def pause(self, seconds: float) -> None:
        """Wait, and count by how much this machine was late."""
        end_ns = time.monotonic_ns() + int(seconds * 1e9)
        self._pause(seconds)
        self._late_ns += max(0, time.monotonic_ns() - end_ns)

    def note(self, look: Look, port: int | None) -> None:
        """Count a look; begin anew if it shows a change that the server at this port can notice."""
        if look.rows == self._rows:
            return
        self._rows = look.rows
        if self._seen != (now := seen_by(look, port)):
            self._seen, self._since_ns, self._late_before = now, look.at_ns, self._late_ns

    def is_shorter_than(self, patience_ns: int, look: Look) -> bool:
        """Whether all have stood still for less than that; a late machine at most doubles it."""
        late_ns = min(self._late_ns - self._late_before, patience_ns)
        return look.at_ns - self._since_ns < patience_ns + late_ns


def patience_ns(
    look: Look, family: Iterable[Process], port: int | None, ticking: Collection[int]
) -> int:
    """How long the family may pause before it answers a client, or goes on with its answer.

    While input waits, one that only sleeps by the clock may be at work on what came before; one that
    waits for another client to speak is not, nor is it about to answer that one.
    """
    processes = [each for each in family if not each.is_zombie]
    if input_waits(look, port):
        processes = [each for each in processes if not waits_for_a_client(look, each)]
        if any(_only_naps(each, ticking) for each in processes):
            return PAUSE_NS
    has_begun = [bool(row.sent) for process in processes for row in owed(look, process)]
    if not has_begun:
        return 0
    return FAR_AWAY_NS if all(has_begun) else PAUSE_NS


def _only_naps(process: Process, ticking: Collection[int]) -> bool:
    """Whether a clock will wake each of its tasks, or has just: none of them waits for an event."""
    return all(
        task.call is not None and not task.call.has_no_time_limit
        if task.state == "S"
        else task.tid in ticking
        for task in process.tasks
    )
