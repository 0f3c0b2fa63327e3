"""Recognises what this machine lacks (room, open files, a sound disk): nobody's work is at fault then.

It knows error numbers, and nothing of what is built or kept. Source: errno(3).
"""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import harness

_ROOM: Final = "make room"
_DISK: Final = "see to the disk"
_RIGHTS: Final = "see to its rights"
_FILES: Final = "raise the limit on open files (ulimit -n)"
_LOAD: Final = "end what else runs here"
_PROCESSES: Final = "end what else runs here, or raise the limit on processes (ulimit -u)"
_REMEDIES: Final = {
    errno.ENOSPC: _ROOM, errno.EDQUOT: _ROOM, errno.EIO: _DISK, errno.EROFS: _DISK,
    errno.EMFILE: _FILES, errno.ENFILE: _FILES, errno.ENOMEM: _LOAD, errno.EAGAIN: _PROCESSES,
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


@contextmanager
def at_fault(place: str, elsewhere: str = "") -> Iterator[None]:
    """A block in which such errors name this folder; other errors pass through.

    Raises:
        HarnessError: the machine's; the text says what to do.
    """
    try:
        yield
    except OSError as error:
        if lacks(error):
            raise fault(error, place, elsewhere) from error
        raise
