"""Many clients that connect together and leave at once, without a question."""

import contextlib
import select
import socket
import time
from collections.abc import Sequence
from typing import Final

from .client_sockets import close_will_reset

_LONGEST_S: Final = 0.5  # a client that is not connected by then meets a full queue
_HALF_A_LINE: Final = b"hel"


def pass_by(fds: Sequence[int], address: tuple[str, int], *, resets: bool) -> int:
    """Connect one client for each descriptor, then let all of them leave; how many were connected.

    They leave without a word or, if it `resets`, in the middle of a line and by RST. It blocks: run it
    in a thread. It takes the descriptors over.
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
