"""System calls that CPython does not wrap, each with its man page."""

from __future__ import annotations

import ctypes
import os
import platform
from typing import Final

_LIBC: Final = ctypes.CDLL(None, use_errno=True)
_PIDFD_GETFD: Final = {"x86_64": 438, "aarch64": 438}.get(platform.machine(), -1)

CLONE_NEWNS: Final = 0x00020000
CLONE_NEWUSER: Final = 0x10000000
CLONE_NEWPID: Final = 0x20000000
CLONE_NEWNET: Final = 0x40000000
MS_BIND: Final = 0x1000
MS_REC: Final = 0x4000
MS_PRIVATE: Final = 1 << 18
MS_NOSUID_NODEV: Final = 2 | 4
PR_SET_PDEATHSIG: Final = 1
PR_SET_DUMPABLE: Final = 4
PR_SET_CHILD_SUBREAPER: Final = 36


def unshare(flags: int) -> None:
    """unshare(2).

    Raises:
        OSError: the kernel or the container refuses.
    """
    _check(_LIBC.unshare(flags))


def mount(source: str, target: str, kind: str | None, flags: int, data: str | None = None) -> None:
    """mount(2).

    Raises:
        OSError: refused.
    """
    words = [None if word is None else word.encode() for word in (source, target, kind, data)]
    _check(_LIBC.mount(words[0], words[1], words[2], ctypes.c_ulong(flags), words[3]))


def prctl(option: int, value: int) -> None:
    """prctl(2) with one argument.

    Raises:
        OSError: unknown option.
    """
    _check(_LIBC.prctl(option, ctypes.c_ulong(value), 0, 0, 0))


def pidfd_getfd(pidfd: int, fd: int) -> int:
    """pidfd_getfd(2): a duplicate of another process's descriptor.

    Raises:
        OSError: no right to ptrace it, or no such descriptor.
    """
    return _check(_LIBC.syscall(_PIDFD_GETFD, pidfd, fd, 0))


def _check(result: int) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result
