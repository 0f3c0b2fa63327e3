"""How long one examination may play: a subject that never rests ends in a report all the same."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

MOST_S: Final = 120
IN_A_CLASS: Final = 4  # a class is examined by six at a time on two cores (docs/decisions/0023)


class Bound:
    """Seconds in which anything of one subject was played; waiting for the quiet lane does not count."""

    def __init__(self, most_s: float, told_s: float | None = None) -> None:
        """At most `most_s`; `told_s` is what a report names, where that is less."""
        self._most_s = most_s
        self._told_s = most_s if told_s is None else told_s
        self._spent_s = 0.0
        self._since_s = 0.0
        self._at_work = 0

    @property
    def left_s(self) -> float:
        """Seconds that are left; 0 once they are used up."""
        running_s = time.monotonic() - self._since_s if self._at_work else 0.0
        return max(0.0, self._most_s - self._spent_s - running_s)

    @property
    def says(self) -> str:
        """Why what was cut short, or not played, could not be told."""
        return f"the check was at its time limit of {self._told_s:g} s ([limits] most_s)"

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Count the time of the block, and of blocks beside it once."""
        if not self._at_work:
            self._since_s = time.monotonic()
        self._at_work += 1
        try:
            yield
        finally:
            self._at_work -= 1
            if not self._at_work:
                self._spent_s += time.monotonic() - self._since_s
