"""Removes what a subject has left on a machine whose files or shared memory it saw, by its uid.

Only for root, under whom each subject has a uid of its own; after all its processes have ended.
Source: sysvipc(7); proc(5), /proc/sysvipc.
"""

import contextlib
import os
from collections.abc import Iterator
from typing import Final

from harness.observe import linux

from . import scratch

_PLACES: Final = ("/tmp", "/var/tmp", "/dev/shm")
_ID_OF: Final = {"shm": "shmid", "sem": "semid", "msg": "msqid"}


def remove_of(uid: int) -> None:
    """Remove what this user has in the places where everybody may write, and its System V objects."""
    for place in {*_PLACES, scratch.place()}:
        for path in _of(uid, place):
            try:
                os.unlink(path)
            except OSError:
                scratch.remove(path)
    for kind in _ID_OF:
        for number in _objects(uid, kind):
            with contextlib.suppress(OSError):
                linux.remove_sysv(kind, number)


def _of(uid: int, place: str) -> Iterator[str]:
    with contextlib.suppress(OSError), os.scandir(place) as entries:
        for entry in entries:
            with contextlib.suppress(OSError):
                if entry.stat(follow_symlinks=False).st_uid == uid:
                    yield entry.path


def _objects(uid: int, kind: str) -> Iterator[int]:
    with contextlib.suppress(OSError), open(f"/proc/sysvipc/{kind}", encoding="ascii") as file:
        names, *rows = (line.split() for line in file)
        for row in rows:
            told = dict(zip(names, row, strict=False))
            if told["uid"] == str(uid):
                yield int(told[_ID_OF[kind]])
