"""A warm interpreter from which keepers are forked: everything imported, nothing running.

Started by exec, single-threaded, so that a fork is safe whatever the harness is doing. Run as
`python -m harness.cell.zygote FD`; ends when FD does, after its keepers have ended.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import socket
import sys
import time

from . import keeper, wire


def main() -> None:
    """Fork a keeper for every channel that arrives."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    channel = socket.socket(fileno=int(sys.argv[1]))
    inbox = wire.Inbox(channel)
    gc.collect()
    gc.freeze()
    while (message := inbox.wait()) is not None:
        (fd,) = message[1]
        if os.fork() == 0:
            channel.close()
            keeper.main(socket.socket(fileno=fd))
        os.close(fd)
        _reap()
    end = time.monotonic() + 3.0
    while _reap() and time.monotonic() < end:
        signal.sigtimedwait([signal.SIGCHLD], 0.05)


def _reap() -> bool:
    """Wait for ended keepers without blocking; True while any lives."""
    with contextlib.suppress(ChildProcessError):
        while True:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                return True
    return False


if __name__ == "__main__":
    main()
