"""Whether a program that never rests waits for clients in vain: its accept() fails, again and again.

A program that works without rest may still be at its start. One whose accept() fails because its
descriptor is no listening socket has that behind it. A child that runs on after its client has gone may
have come back into its parent's loop. Source: accept(2), ERRORS; ptrace(2).
"""

import contextlib
import errno
import os
import signal
from collections.abc import Callable
from typing import Final, NamedTuple

from . import linux
from .held import AT_A_CALL, WALL, Holder, signal_of, undisturbed
from .procfs import living_task_ids
from .syscalls import ACCEPTS, ALL

_SAYS_SO: Final = {
    -number: errno.errorcode[number]
    for number in (errno.EBADF, errno.EINVAL, errno.ENOTSOCK, errno.EOPNOTSUPP)
}
_MOST_STOPS: Final = 1_000
_MOST_WAITS: Final = 2_000  # pauses of ours while it makes no call: it may sleep between two calls
_OFTEN: Final = 2


class VainAccept(NamedTuple):
    """The descriptor that it gives to accept(), and the name of the error each time."""

    descriptor: int
    error: str


def seen_in(
    holder: Holder, pid: int, pause: Callable[[], None], most_waits: int = _MOST_WAITS
) -> VainAccept | None:
    """The accept() of a process of one thread that fails twice or more; None if none does.

    It is followed for some seconds at most, and goes on meanwhile. `pause` waits a moment, and is called
    `most_waits` times.
    """
    tids = living_task_ids(pid)
    if len(tids) != 1:
        return None
    with undisturbed():
        try:
            linux.ptrace(linux.PTRACE_SEIZE, tids[0], 0, linux.PTRACE_O_TRACESYSGOOD)
        except OSError:
            return None
        status = holder.interrupt(tids[0])
        if status is None:
            return None
        follow = _Follower(tids[0], status, pause, most_waits)
        with contextlib.suppress(OSError):
            follow.on()
        status = follow.status
        if status is None and follow.lives:
            status = holder.interrupt(tids[0])
        with contextlib.suppress(OSError):
            if status is not None and (status := holder.past_entry(tids[0], status)) is not None:
                holder.let_go_at(tids[0], status)
    return follow.found


class _Follower:
    """One task, from stop to stop. `status` is that of the stop in which it is, None while it runs."""

    def __init__(self, tid: int, status: int, pause: Callable[[], None], most_waits: int) -> None:
        self._tid = tid
        self._pause = pause
        self._most_waits = most_waits
        self._entered: tuple[str, int] = "", -1
        self._failed: dict[VainAccept, int] = {}
        self.status: int | None = status
        self.lives = True
        self.found: VainAccept | None = None

    def on(self) -> None:
        """Follow it until it is known, or for as long as it may be followed."""
        waits = 0
        for number in range(_MOST_STOPS):
            if self.status is None or not self._may_go_on(self.status):
                return
            if number == _MOST_STOPS - 1:  # it is not let go within a call, which would break off
                linux.ptrace(linux.PTRACE_SYSCALL, self._tid, 0, signal_of(self.status))
                self.status = None
                return
            linux.ptrace(linux.PTRACE_SYSCALL, self._tid, 0, signal_of(self.status))
            self.status = None
            while (news := os.waitpid(self._tid, WALL | os.WNOHANG)) == (0, 0):
                waits += 1
                if waits > self._most_waits:
                    return
                self._pause()
            if not os.WIFSTOPPED(news[1]):
                self.lives = False
                return
            self.status = news[1]

    def _may_go_on(self, status: int) -> bool:
        """Note the call at which it has stopped; False where enough is known."""
        if status >> 16 and os.WSTOPSIG(status) != signal.SIGTRAP:
            return False  # it is stopped as by Ctrl-Z
        if status >> 16 or os.WSTOPSIG(status) != AT_A_CALL:
            return True
        at = linux.ptrace_call(self._tid)
        if at.is_entry:
            self._entered = ALL.get(at.number, ""), at.first
            return True
        call, descriptor = self._entered
        if call not in ACCEPTS or at.result not in _SAYS_SO:
            return True
        failed = VainAccept(descriptor, _SAYS_SO[at.result])
        self._failed[failed] = self._failed.get(failed, 0) + 1
        if self._failed[failed] < _OFTEN:
            return True
        self.found = failed
        return False
