"""Recognises what this machine lacks (room, open files, a sound disk): nobody's work is at fault then.

It knows error numbers, and nothing of what is built or kept. Source: errno(3).
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import harness

_ROOM: Final = "make room"
_DISK: Final = "see to the disk"
_RIGHTS: Final = "see to its rights"
_FILES: Final = "raise the limit on open files (ulimit -n)"
_LOAD: Final = "end what else runs here"
_LOCKS: Final = "its file system locks no file; use a disk of this machine"
_PROCESSES: Final = "end what else runs here, or raise the limit on processes (ulimit -u)"
_REMEDIES: Final = {
    errno.ENOSPC: _ROOM, errno.EDQUOT: _ROOM, errno.EIO: _DISK, errno.EROFS: _DISK,
    errno.EMFILE: _FILES, errno.ENFILE: _FILES, errno.ENOMEM: _LOAD, errno.EAGAIN: _PROCESSES,
    errno.ENOBUFS: _LOAD, errno.ENOLCK: _LOCKS,
}  # fmt: skip


def fault(error: OSError, place: str, elsewhere: str = "") -> harness.HarnessError:
    """A sentence about the error; `elsewhere` is the variable that moves the folder, if there is one."""
    remedy = _REMEDIES.get(error.errno or 0, _RIGHTS)
    if elsewhere and remedy not in {_FILES, _LOAD, _PROCESSES}:
        remedy += f", or set {elsewhere} to another folder"
    return harness.HarnessError(f"{place}: {error.strerror}: {remedy}")


def lacks(error: OSError) -> bool:
    """Whether the error says that the machine lacks something."""
    return error.errno in _REMEDIES


def lack(error: Exception) -> OSError | None:
    """What this machine lacks, where Python says so in another form as well; None if it lacks nothing.

    A thread that cannot be started is a RuntimeError without a number, a library that cannot be mapped
    an ImportError; of several errors at once the first is asked.
    """
    if isinstance(error, ExceptionGroup):
        return lack(error.exceptions[0])
    if isinstance(error, OSError):
        return error if lacks(error) else None
    said = str(error)
    if isinstance(error, RuntimeError) and "can't start new thread" in said:
        return OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))
    if isinstance(error, MemoryError) or "failed to map segment" in said:
        return OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))
    return None


@contextmanager
def at_fault(place: str, elsewhere: str = "") -> Iterator[None]:
    """A block in which errors of the machine become a HarnessError that names this folder."""
    try:
        yield
    except OSError as error:
        if lacks(error):
            raise fault(error, place, elsewhere) from error
        raise
