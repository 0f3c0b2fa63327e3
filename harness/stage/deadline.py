"""The guard: the moment at which every wait ends. A wait that it ends makes a run INCONCLUSIVE."""

import time
from typing import Final

GUARD_S: Final = 30.0


class CouldNotTell(Exception):
    """The guard ran out before anything was proven: the run ends, INCONCLUSIVE; nobody's fault."""


def after_ns(seconds: float = GUARD_S) -> int:
    """The moment `seconds` from now, in nanoseconds of the monotonic clock."""
    return time.monotonic_ns() + int(seconds * 1e9)
