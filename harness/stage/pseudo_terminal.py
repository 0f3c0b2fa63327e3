"""A pty without echo, and the certainty that what was typed has arrived at its other side."""

import fcntl
import os
import select
import termios
from typing import Any, Final

_TIOCGPTPEER: Final = 0x5441


def open_terminal() -> tuple[int, int]:
    """(master, slave) of a pty without echo; the caller owns both, the master does not block."""
    master, slave = os.openpty()
    mode: list[Any] = termios.tcgetattr(slave)  # the standard library's own type (termios)
    mode[1] &= ~termios.OPOST
    mode[3] &= ~termios.ECHO
    termios.tcsetattr(slave, termios.TCSANOW, mode)
    os.set_blocking(master, False)
    return master, slave


def deliver(master: int) -> None:
    """Make sure that what was typed has reached the program.

    A kernel worker carries bytes from one side of a pty to the other, in its own time: until then
    the reader sleeps, and all looks at rest. poll(2) on the reader's side waits for that worker
    (n_tty_poll flushes the port's buffer); ioctl_tty(2), TIOCGPTPEER, gives us that side.

    Raises:
        OSError: the program has closed its side; that is the program's own doing.
    """
    slave = fcntl.ioctl(master, _TIOCGPTPEER, os.O_RDWR | os.O_NOCTTY)
    try:
        poll = select.poll()
        poll.register(slave, select.POLLIN)
        poll.poll(0)
    finally:
        os.close(slave)
