"""A line from standard input, while a tracer hears of each stop.

A signal that comes just before read() would not end it: Python's handler runs later. So select() waits
for the descriptor into which the signal is written (signal.set_wakeup_fd), too.
"""

import contextlib
import os
import select
import signal
import sys
from collections.abc import Callable
from typing import Final

_STDIN: Final = select.poll()
_STDIN.register(0, 0)
_BELL: Final = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)


def share_a_processor_with(pid: int) -> None:
    """Let a process and its tracer share one processor: who does not sleep keeps the other from it."""
    one = {min(os.sched_getaffinity(0))}
    for each in (0, pid):
        os.sched_setaffinity(each, one)


def on_sigchld(hear: Callable[[], None]) -> None:
    """Call this at each SIGCHLD from now on."""
    signal.signal(signal.SIGCHLD, lambda *_: hear())
    signal.set_wakeup_fd(_BELL[1], warn_on_full_buffer=False)


def wait(seconds: float | None = None) -> bool:
    """Until a line has come, a signal, or so much time has passed; whether it is the line.

    Raises:
        SystemExit: whoever writes the lines has gone.
    """
    ready = select.select([sys.stdin, _BELL[0]], [], [], seconds)[0]
    if sys.stdin in ready and any(event & select.POLLHUP for _, event in _STDIN.poll(0)):
        sys.exit("nobody speaks any more")
    with contextlib.suppress(BlockingIOError):
        os.read(_BELL[0], 4096)
    return sys.stdin in ready


def line() -> None:
    """Wait for the next line."""
    while not wait():
        pass
    os.read(sys.stdin.fileno(), 64)
