"""Tells for how long the clients' connections have stood still, on a clock that a busy machine slows.

A process that is short of a processor pauses for longer than it asked for. We share that processor: by
how much our own pauses were late is not held against the family. This file knows nothing of proofs.
"""

import time
from collections.abc import Callable

from .motion import Look, seen_by
from .sockets import Row


class Standstill:
    """All that a server can see of its connections, and since when that is the same. Times are in ns."""

    def __init__(self, pause: Callable[[float], None]) -> None:
        """`pause(s)` waits for so many seconds, or for less where something is heard."""
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
        """Take a look in: begin anew where the server at this port can see that something moved."""
        if look.rows == self._rows:
            return
        self._rows = look.rows
        if self._seen != (now := seen_by(look, port)):
            self._seen, self._since_ns, self._late_before = now, look.at_ns, self._late_ns

    def is_shorter_than(self, patience_ns: int, look: Look) -> bool:
        """Whether all have stood still for less than that; a late machine at most doubles it."""
        late_ns = min(self._late_ns - self._late_before, patience_ns)
        return look.at_ns - self._since_ns < patience_ns + late_ns
