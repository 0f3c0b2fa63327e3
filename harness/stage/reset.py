"""Breaks a connection off: closed with a linger time of zero, which sends RST (socket(7))."""

import contextlib
import socket
import struct
from typing import Final

_AT_ONCE: Final = struct.pack("ii", 1, 0)


def close_will_reset(sock: socket.socket) -> None:
    """Let close() send RST: what was not read is lost, and the connection leaves no TIME_WAIT."""
    with contextlib.suppress(OSError):  # it was reset by the other side already
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
