"""Those who come and go at once, many together: nothing is asked of the server but to let them go."""

from __future__ import annotations

import contextlib
import select
import socket
import time
from collections.abc import Sequence
from typing import Final

from .reset import close_will_reset

_LONGEST_S: Final = 0.5  # who is not connected by then stands before a full queue
_HALF_A_LINE: Final = b"hel"


def pass_by(fds: Sequence[int], address: tuple[str, int], *, resets: bool) -> int:
    """One client for each descriptor: all connect, and leave; returns how many were connected.

    Without a word, or in mid-line and by RST. Blocking: run it in a thread. Takes the descriptors over.
    """
    socks = {fd: socket.socket(fileno=fd) for fd in fds}
    waiting = select.poll()
    for sock in socks.values():
        sock.setblocking(False)
        sock.connect_ex(address)
        waiting.register(sock, select.POLLOUT)
    missing, end = set(socks), time.monotonic() + _LONGEST_S
    while missing and (left_s := end - time.monotonic()) > 0:
        for fd, _ in waiting.poll(left_s * 1e3):
            waiting.unregister(fd)
            missing.discard(fd)
    came = 0
    for fd, sock in socks.items():
        came += fd not in missing and not sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if resets:
            with contextlib.suppress(OSError):
                sock.send(_HALF_A_LINE)
            close_will_reset(sock)
        sock.close()
    return came
