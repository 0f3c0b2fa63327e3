"""The guard: the moment at which every wait ends. A wait that it ends makes a run INCONCLUSIVE."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final, Self

GUARD_S: Final = 30.0


class CouldNotTell(Exception):
    """The guard ran out before anything was proven: the run ends, INCONCLUSIVE; nobody's fault."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment of the monotonic clock, in nanoseconds."""

    at_ns: int

    @classmethod
    def after(cls, seconds: float = GUARD_S) -> Self:
        """That many seconds from now."""
        return cls(time.monotonic_ns() + int(seconds * 1e9))

    @property
    def left_s(self) -> float:
        """Seconds until then; 0 once it has passed."""
        return max(0.0, (self.at_ns - time.monotonic_ns()) / 1e9)
