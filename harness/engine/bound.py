"""The longest time of one examination: a subject that never rests must end in a report, too."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from harness.record.recording import Recording

MOST_S: Final = 120
TIMES: Final = 4  # slower a machine may make it (docs/decisions/0035); a class always does (0023)
KEPT: Final = 1 / 3  # of the time of one that does not rest, for what measures time and comes last


class Bound:
    """Seconds in which anything of one subject was played; waiting for the lock of the machine does not.

    A subject that came to rest whenever it had to gets `TIMES` as long: what is slow then is the
    machine. In a class every subject gets as long. Of the time of any other a part is kept back until
    `keep_nothing_back`: a server that pauses after each client is told so by what measures time alone.
    """

    def __init__(self, most_s: float, *, in_a_class: bool = False) -> None:
        self._most_s = most_s
        self._is_patient = True
        self._in_a_class = in_a_class
        self._kept = KEPT
        self._spent_s = 0.0
        self._since_s = 0.0
        self._at_work = 0
        self._limits: set[asyncio.Timeout] = set()

    @property
    def limit_s(self) -> float:
        """The longest time that the examination may take."""
        return self._most_s * (TIMES if self._is_long else 1)

    @property
    def _is_long(self) -> bool:
        return self._is_patient or self._in_a_class

    @property
    def run_s(self) -> float:
        """The longest time that one run may take from now on: `most_s` of what is left."""
        most_s = self._most_s * (TIMES if self._in_a_class else 1)
        return min(most_s, self.left_s)

    @property
    def left_s(self) -> float:
        """Seconds that are left for now; 0 once they are used up."""
        running_s = time.monotonic() - self._since_s if self._at_work else 0.0
        kept_s = 0.0 if self._is_long else self._kept * self.limit_s
        return max(0.0, self.limit_s - kept_s - self._spent_s - running_s)

    @property
    def says(self) -> str:
        """Why scenarios were cut short or not played, and what would help."""
        return (
            f"the check was at its time limit of {self.limit_s:g} s; an assignment with "
            f"[limits] most_s = {2 * self._most_s:g} gives it twice as long"
        )

    def heed(self, recording: Recording) -> None:
        """Be patient no longer once a run has shown that it is the subject that takes the time."""
        if not recording.is_finished or any(each.proof == "spin" for each in recording.snapshots()):
            self.lose_patience()

    def keep_nothing_back(self) -> None:
        """Give all that is left: what measures time begins."""
        self._kept = 0.0

    def lose_patience(self) -> None:
        """Give it no longer than it was promised; runs that are at work end with that time."""
        self._is_patient = False
        for limit in (each for each in self._limits if not each.expired()):
            ends_s = asyncio.get_running_loop().time() + self.left_s
            limit.reschedule(min(limit.when() or ends_s, ends_s))

    @asynccontextmanager
    async def at_work(self, most_s: float) -> AsyncIterator[None]:
        """Count the time of the block, and of blocks beside it once; it has `most_s`, or what is left.

        Raises:
            TimeoutError: it has used that up.
        """
        if not self._at_work:
            self._since_s = time.monotonic()
        self._at_work += 1
        try:
            async with asyncio.timeout(min(most_s, self.run_s)) as limit:
                self._limits.add(limit)
                try:
                    yield
                finally:
                    self._limits.discard(limit)
        finally:
            self._at_work -= 1
            if not self._at_work:
                self._spent_s += time.monotonic() - self._since_s
