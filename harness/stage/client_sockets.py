"""A client's socket as the kernel keeps it: how it closes, what waits in it, when that came."""

import contextlib
import fcntl
import socket
import struct
import termios
import time
from collections.abc import Sequence
from typing import Final

TIMESTAMPS: Final = 35  # SO_TIMESTAMPNS, asm-generic/socket.h: recvmsg() tells when the bytes came
_STAMP: Final = struct.Struct("ll")  # a timespec
STAMP_ROOM: Final = socket.CMSG_SPACE(_STAMP.size)
_AT_ONCE: Final = struct.pack("ii", 1, 0)
_BILLION: Final = 10**9


def close_will_reset(sock: socket.socket) -> None:
    """Let close() send RST, by a linger time of zero (socket(7)).

    What was not read is lost, and the connection leaves no TIME_WAIT.
    """
    with contextlib.suppress(OSError):  # it was reset by the other side already
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)


def unread(sock: socket.socket) -> int:
    """How many bytes have come and were not read; tcp(7), FIONREAD."""
    return _bytes_in(sock, termios.FIONREAD)


def undelivered(sock: socket.socket) -> int:
    """How many bytes the other side's kernel has not confirmed; tcp(7), SIOCOUTQ."""
    return _bytes_in(sock, termios.TIOCOUTQ)


def _bytes_in(sock: socket.socket, queue: int) -> int:
    return int(struct.unpack("i", fcntl.ioctl(sock, queue, bytes(4)))[0])


def came_ago_ns(stamps: Sequence[tuple[int, int, bytes]]) -> int:
    """How long ago the kernel received it; 0 where that is not told, or the clock was set meanwhile."""
    for level, kind, told in stamps:
        if (level, kind) == (socket.SOL_SOCKET, TIMESTAMPS):
            seconds, ns = _STAMP.unpack(told)
            ago_ns: int = time.time_ns() - seconds * _BILLION - ns
            return ago_ns if 0 <= ago_ns < _BILLION else 0
    return 0
