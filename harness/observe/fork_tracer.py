"""Decides which runs first after each fork() of one process: the parent or the child.

Either may (fork(2)). The kernel stops both for their tracer, the parent at its return from fork() and
the child at its first instruction; the one that is to run later is held there. Source: ptrace(2),
PTRACE_O_TRACEFORK.
"""

import contextlib
import os
import select
import signal
from collections.abc import Callable
from typing import Final, Literal

from . import linux, procfs
from .held import Holder, catches, is_pending, make_again, news, signal_of, undisturbed

First = Literal["parent", "child"]
_TRIES: Final = 20


class ForkTracer:
    """At most one process at a time. Call `hear` at SIGCHLD, and when this is readable."""

    def __init__(self, holder: Holder, pause: Callable[[], None]) -> None:
        self._holder = holder
        self._pause = pause
        self._ends = select.epoll()
        self._bell, self._clapper = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._ends.register(self._bell, select.EPOLLIN)
        signal.set_wakeup_fd(self._clapper, warn_on_full_buffer=False)
        self._first: First | None = None
        self._traced: set[int] = set()
        self._unborn: set[int] = set()
        self._children: set[int] = set()
        self._released: set[int] = set()
        self._in_fork: dict[int, int] = {}
        self._forks = self._ended = 0

    def fileno(self) -> int:
        """A descriptor that is readable once there may be news.

        A signal that comes just before select() would not end it: Python's handler runs after it.
        """
        return self._ends.fileno()

    def close(self) -> None:
        """Release what it waits by, once another tracer has taken its place and nobody is traced."""
        self._ends.close()
        for fd in (self._bell, self._clapper, *self._in_fork):
            os.close(fd)

    def begin(self, pid: int, first: First) -> None:
        """From now on let the parent, or the child, run first at each fork() of this process.

        A child that is to run later is held until `release`. A parent is held until its child has ended.

        Raises:
            OSError: the process may not be traced.
        """
        with undisturbed():
            self._first, self._forks, self._ended = first, 0, 0
            self._released.clear()
            try:
                for tid in procfs.living_task_ids(pid):
                    linux.ptrace(linux.PTRACE_SEIZE, tid, 0, linux.PTRACE_O_TRACEFORK)
                    self._traced.add(tid)
            except OSError:
                self._stop()
                raise

    def release(self) -> None:
        """Let the children go that are held."""
        with undisturbed():
            for child in self._children:
                self._holder.detach(child)
            self._children.clear()
            self._released |= self._unborn  # these stop at their first instruction yet

    def end(self) -> tuple[int, int]:
        """Let everybody go: how often it forked, and how many children had ended before it went on."""
        with undisturbed():
            self._stop()
        self._holder.wait_for(self._unborn, self.hear)
        return self._forks, self._ended

    def hear(self) -> None:
        """Take what the traced tasks have come to."""
        if not (self._traced or self._unborn or self._ends.poll(0)):
            return
        with undisturbed():
            for tid in self._traced.copy():
                while (status := self._news(tid, self._traced)) is not None:
                    self._parent_stops(tid, status)
            for child in self._unborn.copy():
                if self._news(child, self._unborn) is not None:
                    self._child_stops(child)
            for fd, _ in self._ends.poll(0):
                if fd == self._bell:
                    with contextlib.suppress(BlockingIOError):
                        os.read(fd, 4096)
                else:
                    self._ended += 1
                    self._go_on(fd)

    def _parent_stops(self, tid: int, status: int) -> None:
        event, number = status >> 16, os.WSTOPSIG(status)
        with contextlib.suppress(OSError):
            if event == linux.PTRACE_EVENT_STOP and number != signal.SIGTRAP:
                linux.ptrace(linux.PTRACE_LISTEN, tid)  # stopped by SIGSTOP: it stays so until SIGCONT
                return
            if event == linux.PTRACE_EVENT_FORK:
                child = linux.ptrace_message(tid)
                self._forks += 1
                self._unborn.add(child)
                if self._first == "child":
                    pidfd = os.pidfd_open(child)
                    self._in_fork[pidfd] = tid
                    self._ends.register(pidfd, select.EPOLLIN)
                    return
            passed_on = signal_of(status)
            if passed_on and not catches(tid, passed_on):
                make_again(tid)
            linux.ptrace(linux.PTRACE_CONT, tid, 0, passed_on)

    def _child_stops(self, child: int) -> None:
        self._unborn.discard(child)
        if self._first == "parent" and child not in self._released:
            self._children.add(child)
        else:
            self._holder.detach(child)

    def _go_on(self, pidfd: int) -> None:
        """Let the parent return from fork() once the SIGCHLD of its ended child is pending."""
        tid = self._in_fork.pop(pidfd)
        self._ends.unregister(pidfd)
        os.close(pidfd)
        for _ in range(_TRIES):
            if is_pending(tid, signal.SIGCHLD):
                break
        with contextlib.suppress(OSError):
            linux.ptrace(linux.PTRACE_CONT, tid)

    def _stop(self) -> None:
        self._first = None
        for child in self._children:
            self._holder.detach(child)
        self._children.clear()
        for pidfd, tid in self._in_fork.items():
            self._ends.unregister(pidfd)
            os.close(pidfd)
            self._holder.detach(tid)
            self._traced.discard(tid)
        self._in_fork.clear()
        for tid in self._traced:
            with contextlib.suppress(OSError):
                status = self._holder.interrupt(tid)
                if status is not None:
                    if status >> 16 == linux.PTRACE_EVENT_FORK:
                        self._unborn.add(linux.ptrace_message(tid))
                    self._holder.let_go_at(tid, status)
        self._traced.clear()

    def _news(self, tid: int, among: set[int]) -> int | None:
        """At what status a task has stopped; None where it has not, or is gone."""
        status = news(tid)
        if status is not None and not os.WIFSTOPPED(status):
            among.discard(tid)
            return None
        return status
