"""Locks between all runs of forkspec on a machine: one for a shared port, one for measuring alone.

All users share the lock files. They stay empty: only the user who made a file could write to it.
"""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from enum import Enum, auto
from pathlib import Path
from typing import Final

import harness

_FOLDER: Final = "/tmp"
_BETWEEN_TRIES_S: Final = 0.002
_LONGEST_S: Final = 0.05
_PATIENCE_S: Final = 60.0
_QUEUE_S: Final = 300.0  # for those who measure before us: each is soon done


@contextmanager
def the_port(port: int) -> Iterator[None]:
    """Hold the port of this network namespace alone, where the cell has no namespace of its own."""
    fd = _opened(f"port-{port}-{Path('/proc/self/ns/net').stat().st_ino}")
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)


class Exclusivity(Enum):
    """How a run shares the machine: with other runs; alone if it is free; alone, after waiting."""

    SHARED = auto()
    ALONE_IF_EMPTY = auto()
    ALONE = auto()


MachineLock = Callable[[Exclusivity], AbstractAsyncContextManager[bool]]


@asynccontextmanager
async def machine_lock(exclusivity: Exclusivity, folder: str = _FOLDER) -> AsyncIterator[bool]:
    """Hold the machine's lock while a run lasts; yields whether the run is alone.

    A run that measures time holds the lock alone, all others share it. Both take the entry lock first,
    so that a measurement does not wait for ever while others come and go. `folder` holds the lock files.

    Raises:
        TimeoutError: a run wanted the machine alone, and others kept it busy for a minute, or were
            measuring for five.
    """
    entry_lock, main_lock = _opened("gate", folder), _opened("lane", folder)
    alone = exclusivity is Exclusivity.ALONE
    if exclusivity is Exclusivity.ALONE_IF_EMPTY:
        alone = _is_empty(entry_lock, main_lock)
    kind = fcntl.LOCK_EX if alone else fcntl.LOCK_SH
    try:
        async with asyncio.timeout(_QUEUE_S if alone else None):
            await _lock(entry_lock, kind)
        async with asyncio.timeout(_PATIENCE_S if alone else None):
            await _lock(main_lock, kind)
        if not alone:
            fcntl.flock(entry_lock, fcntl.LOCK_UN)
        yield alone
    finally:
        os.close(entry_lock)
        os.close(main_lock)


def _is_empty(entry_lock: int, main_lock: int) -> bool:
    """Whether no other process held a lock. If so, this process holds both of them afterwards."""
    try:
        fcntl.flock(entry_lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.flock(main_lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        fcntl.flock(entry_lock, fcntl.LOCK_UN)
        return False
    return True


async def _lock(fd: int, kind: int) -> None:
    pause_s = _BETWEEN_TRIES_S
    while True:
        try:
            fcntl.flock(fd, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, _LONGEST_S)
        else:
            return


def _opened(name: str, folder: str = _FOLDER) -> int:
    path = f"{folder}/forkspec-{name}.lock"
    try:
        try:
            return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            fd = os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
            os.fchmod(fd, 0o644)  # whatever our umask: others must be able to open it
            return fd
    except OSError as error:
        raise harness.HarnessError(
            f"{path} cannot be opened ({error.strerror}): all who judge here share this lock; everybody "
            f"must be able to make files in {folder} (chmod 1777 {folder}) and to read that one"
        ) from error
