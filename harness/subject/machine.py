"""What this machine lacks (room, open files, a sound disk): the machine's fault, whoever's turn it was.

It knows error numbers only, and nothing of what is built or kept.

Source: errno(3).
"""

from __future__ import annotations

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
_REMEDIES: Final = {
    errno.ENOSPC: _ROOM, errno.EDQUOT: _ROOM, errno.EIO: _DISK, errno.EROFS: _DISK,
    errno.EMFILE: _FILES, errno.ENFILE: _FILES, errno.ENOMEM: _LOAD, errno.EAGAIN: _LOAD,
}  # fmt: skip


def fault(error: OSError, place: str, elsewhere: str = "") -> harness.HarnessError:
    """The sentence for it; `elsewhere` is the variable that moves the place, if one does."""
    remedy = _REMEDIES.get(error.errno or 0, _RIGHTS)
    if elsewhere and remedy not in {_FILES, _LOAD}:
        remedy += f", or set {elsewhere} to another folder"
    return harness.HarnessError(f"{place}: {error.strerror}: {remedy}")


def lacks(error: OSError) -> bool:
    """Whether it is the machine that lacks something."""
    return error.errno in _REMEDIES


@contextmanager
def at_fault(place: str, elsewhere: str = "") -> Iterator[None]:
    """A block in which what the machine lacks is told of this place; other errors go on as they are.

    Raises:
        HarnessError: the machine's; the text says what to do.
    """
    try:
        yield
    except OSError as error:
        if lacks(error):
            raise fault(error, place, elsewhere) from error
        raise
