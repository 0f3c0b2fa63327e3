"""Locks between all forkspecs of a machine: the port where it is shared, and the quiet lane.

Lock files are shared by all users and never written to: only their maker could.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from enum import Enum, auto
from pathlib import Path
from typing import Final

_FOLDER: Final = "/tmp"
_BETWEEN_TRIES_S: Final = 0.002
_LONGEST_S: Final = 0.05
_PATIENCE_S: Final = 60.0


@contextmanager
def the_port(port: int) -> Iterator[None]:
    """Hold this network namespace's port alone: one server at a time where a cell has no other."""
    fd = _opened(f"port-{port}-{Path('/proc/self/ns/net').stat().st_ino}")
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)


class Company(Enum):
    """Who else may be in the lane: anybody, nobody if it is empty already, nobody in any case."""

    ANYBODY = auto()
    IF_ANYBODY = auto()
    NOBODY = auto()


Lane = Callable[[Company], AbstractAsyncContextManager[bool]]


@asynccontextmanager
async def lane(company: Company, folder: str = _FOLDER) -> AsyncIterator[bool]:
    """The quiet lane: who measures time holds it alone, everybody else shares it; yields whether alone.

    Both pass a gate first, so that a measurement does not wait for ever while others come and go.
    All who name the same `folder` share one lane.

    Raises:
        TimeoutError: the machine was not quiet for a minute, and somebody wanted it alone.
    """
    gate, road = _opened("gate", folder), _opened("lane", folder)
    alone = company is Company.NOBODY or (company is Company.IF_ANYBODY and _is_empty(gate, road))
    kind = fcntl.LOCK_EX if alone else fcntl.LOCK_SH
    try:
        async with asyncio.timeout(_PATIENCE_S if alone else None):
            await _lock(gate, kind)
            await _lock(road, kind)
        if not alone:
            fcntl.flock(gate, fcntl.LOCK_UN)
        yield alone
    finally:
        os.close(gate)
        os.close(road)


@contextmanager
def beside_others(folder: str = _FOLDER) -> Iterator[None]:
    """Share the lane with work that plays no scenario; waits in this thread while somebody measures."""
    gate, road = _opened("gate", folder), _opened("lane", folder)
    try:
        fcntl.flock(gate, fcntl.LOCK_SH)
        fcntl.flock(road, fcntl.LOCK_SH)
        fcntl.flock(gate, fcntl.LOCK_UN)
        yield
    finally:
        os.close(gate)
        os.close(road)


def _is_empty(gate: int, road: int) -> bool:
    """Whether nobody else was there; both locks are held then."""
    try:
        fcntl.flock(gate, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.flock(road, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        fcntl.flock(gate, fcntl.LOCK_UN)
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
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        fd = os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
        os.fchmod(fd, 0o644)  # whatever our umask: others must be able to open it
        return fd
