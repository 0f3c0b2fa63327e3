"""An alarm for an epoll loop, to the nanosecond: timerfd_create(2), which Python has from 3.13 on."""

import ctypes
import os
import time
from typing import Final, Self

_ABSOLUTE: Final = 1  # TFD_TIMER_ABSTIME
_BILLION: Final = 10**9
_LIBC: Final = ctypes.CDLL(None, use_errno=True)


class Alarm:
    """A descriptor that becomes readable at a moment of the monotonic clock; for a `with` block."""

    def __init__(self) -> None:
        self._fd: int = _LIBC.timerfd_create(time.CLOCK_MONOTONIC, os.O_CLOEXEC)
        if self._fd < 0:
            raise OSError(ctypes.get_errno(), "timerfd_create")
        self._times = (ctypes.c_long * 4)()  # itimerspec: no interval, and the moment
        self._at_ns = 0

    def fileno(self) -> int:
        """The descriptor."""
        return self._fd

    def set(self, at_ns: int) -> None:
        """Go off at that moment, and no longer at the last one; at once where it has passed."""
        if at_ns != self._at_ns:
            self._at_ns = at_ns
            self._times[2:] = list(divmod(at_ns, _BILLION))
            _LIBC.timerfd_settime(self._fd, _ABSOLUTE, self._times, None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._fd)
