"""Holds the machine's lock, shared, during a test that plays no scenario."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from harness.engine.machine_lock import _opened


@contextmanager
def beside_others() -> Iterator[None]:
    """Share the lock with other work. Blocks the thread while a run measures."""
    entry_lock, main_lock = _opened("gate"), _opened("lane")
    try:
        fcntl.flock(entry_lock, fcntl.LOCK_SH)
        fcntl.flock(main_lock, fcntl.LOCK_SH)
        fcntl.flock(entry_lock, fcntl.LOCK_UN)
        yield
    finally:
        os.close(entry_lock)
        os.close(main_lock)
