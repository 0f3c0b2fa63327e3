"""Holds one thread of a process at a chosen system call, while all its other threads go on.

The thread that comes to that call first is held, just before it or at its return. Source: ptrace(2),
PTRACE_SYSCALL and PTRACE_O_TRACECLONE. Before a call its entry is skipped and made again (x86-64): a
thread that is let go at the entry itself finds a wait broken off by EINTR.
"""

import contextlib
import errno
import os
import signal
from collections.abc import Callable, Collection
from typing import Final

import msgspec

from harness.call_kinds import AT_BIRTH

from . import linux, procfs, stacks, syscalls
from .call_point import Point
from .held import (
    AT_A_CALL,
    INTERRUPTED,
    IS_X86,
    WALL,
    Holder,
    catches,
    make_again,
    news,
    put_before,
    signal_of,
    skip_call,
    undisturbed,
    wants_processor,
)

_TRIES: Final = 50
_OF_ITS_OWN: Final = frozenset(  # at a thread's end by the C library, and no other thread sees them
    {"rt_sigprocmask", "sigaltstack", "mmap", "mprotect", "munmap", "madvise"}
)
_BRINGS: Final = syscalls.ACCEPTS | syscalls.READS | {"clone", "clone3"}
_BY_THE_CLOCK: Final = frozenset(
    {"nanosleep", "clock_nanosleep", "restart_syscall", "poll", "ppoll", "select", "pselect6",
     "epoll_wait", "epoll_pwait", "epoll_pwait2"}
)  # fmt: skip


class ThreadTracer:
    """At most one process at a time. Call `hear` at SIGCHLD, and when there may be news of it."""

    def __init__(self, holder: Holder, pause: Callable[[], None]) -> None:
        """`pause` waits a moment."""
        self._holder = holder
        self._pause = pause
        self._held = 0
        self._goal: Point | None = None
        self._points: list[Point] = []
        self._is_reached = self._is_ending = False
        self._traced: set[int] = set()
        self._unseen: set[int] = set()
        self._awake: set[int] = set()
        self._newborn: dict[int, int] = {}
        self._calls: dict[int, str] = {}

    @property
    def is_reached(self) -> bool:
        """Whether a thread came to the goal, and was held there."""
        return self._is_reached

    def begin(self, pid: int, goal: Point | None) -> str:
        """Follow all threads of a process, and those to come; the first at the goal is held there.

        Returns why that cannot be; "" where it can. Without a goal each is held at each point for a
        moment.

        Raises:
            OSError: the process may not be traced.
        """
        if not IS_X86:
            return "calls are made again on x86-64 alone"
        self._held, self._goal, self._points = 0, goal, []
        self._is_reached = self._is_ending = False
        self._awake.clear()
        self._newborn.clear()
        self._calls.clear()
        try:
            with undisturbed():
                for tid in procfs.living_task_ids(pid):
                    self._seize(tid)
        except OSError:
            self.end()
            raise
        self._wait_for(self._unseen)
        if self._unseen:
            self.end()
            return "a thread of it did not stop"
        return ""

    def end(self) -> tuple[bool, list[Point]]:
        """Let all threads go, the held one last: whether the goal was reached, and the points passed."""
        with undisturbed():
            self._is_ending = True
            held = self._held
            self._traced.discard(held)
            for tid in self._traced - self._unseen:
                with contextlib.suppress(OSError):
                    linux.ptrace(linux.PTRACE_INTERRUPT, tid)
        self._wait_for(self._traced)
        with undisturbed():
            for tid in {*self._traced, held} - {0}:
                self._holder.detach(tid)
            self._traced.clear()
            self._unseen.clear()
            self._held = 0
        return self._is_reached, self._points

    def hear(self) -> None:
        """Take what the traced threads have come to."""
        if not self._traced:
            return
        with undisturbed():
            waiting = list(self._traced)
            while waiting:
                tid = waiting.pop()
                while tid in self._traced and (status := news(tid)) is not None:
                    if not os.WIFSTOPPED(status):
                        self._forget(tid)
                        continue
                    with contextlib.suppress(OSError):
                        waiting += self._stops(tid, status)

    def _seize(self, tid: int) -> None:
        options = linux.PTRACE_O_TRACECLONE | linux.PTRACE_O_TRACESYSGOOD
        with contextlib.suppress(ProcessLookupError):  # it has ended meanwhile
            linux.ptrace(linux.PTRACE_SEIZE, tid, 0, options)
            self._traced.add(tid)
            self._unseen.add(tid)
            linux.ptrace(linux.PTRACE_INTERRUPT, tid)

    def _wait_for(self, tids: Collection[int]) -> None:
        """Wait until none of these is left; give up after a while."""
        tries = _TRIES
        while tries > 0:
            self.hear()
            if not tids:
                return
            self._pause()
            tries -= not any(map(wants_processor, list(tids)))

    def _stops(self, tid: int, status: int) -> list[int]:
        """Let a stopped thread go on, unless it is to be held; the threads that were born there."""
        self._unseen.discard(tid)
        event, number = status >> 16, os.WSTOPSIG(status)
        born = [linux.ptrace_message(tid)] if event == linux.PTRACE_EVENT_CLONE else []
        self._traced.update(born)
        self._unseen.update(born)
        self._awake.update(born)
        self._newborn.update(dict.fromkeys(born, 0))
        if self._is_ending:
            if number == AT_A_CALL and linux.ptrace_call(tid).is_entry:
                linux.ptrace(linux.PTRACE_INTERRUPT, tid)  # each stop clears one that waits
                linux.ptrace(linux.PTRACE_CONT, tid)  # to where it is interrupted
                return born
            self._forget(tid)
            self._holder.let_go_at(tid, status)
            return born
        if event == linux.PTRACE_EVENT_STOP and number != signal.SIGTRAP:
            linux.ptrace(linux.PTRACE_LISTEN, tid)  # stopped by SIGSTOP: until SIGCONT
            return born
        if number == AT_A_CALL:
            if not self._is_reached and self._is_at_goal(tid):
                self._is_reached, self._held = True, tid
                if self._goal is not None and self._goal.side == "before":
                    self._step_back(tid)
                return born
        elif not (signal_of(status) and catches(tid, number)):
            make_again(tid)
        how = linux.PTRACE_CONT if self._is_reached else linux.PTRACE_SYSCALL
        linux.ptrace(how, tid, 0, signal_of(status))
        return born

    def _is_at_goal(self, tid: int) -> bool:
        """Note the point at which a thread has stopped; True where it is to stay there.

        A thread that sleeps since the beginning, or that only the clock has woken, comes to no point.
        """
        at = linux.ptrace_call(tid)
        if at.is_entry:
            name = self._calls[tid] = syscalls.ALL.get(at.number, f"call {at.number}")
            is_point = tid in self._awake and not self._is_on(tid, name)
            return is_point and self._is_goal(tid, Point("before", name, 0))
        name, result = self._calls.get(tid, ""), min(1, at.result)
        if at.result in INTERRUPTED or at.result == -errno.ETIMEDOUT:
            return False
        if not (name in _BY_THE_CLOCK and result == 0):
            self._awake.add(tid)
        brings = tid in self._awake and name in _BRINGS and result >= 0
        return brings and self._is_goal(tid, Point("after", name, result))

    def _step_back(self, tid: int) -> None:
        """From the entry of a call to where it is about to be made."""
        at = linux.ptrace_call(tid)
        skip_call(tid)
        linux.ptrace(linux.PTRACE_SYSCALL, tid)
        _, status = os.waitpid(tid, WALL)  # its return, which follows at once
        if not os.WIFSTOPPED(status):
            self._forget(tid)
            return
        put_before(tid, at.number, at.ip)

    def _is_on(self, tid: int, name: str) -> bool:
        """Whether a new thread has been at a point before its first own call, and makes one at birth."""
        if tid not in self._newborn:
            return False
        if name not in AT_BIRTH:
            del self._newborn[tid]
            return False
        self._newborn[tid] += 1
        return self._newborn[tid] > 1

    def _is_goal(self, tid: int, point: Point) -> bool:
        goal = self._goal
        if goal is not None and not point.is_beside(goal):
            return False
        if not (tid in self._newborn or point.call == "exit"):  # stacks are used again, and not wiped
            point = msgspec.structs.replace(point, frames=tuple(stacks.standing(tid, tid)))
        if not point.frames and point.call in _OF_ITS_OWN:
            return False
        if goal is not None:
            return point.is_like(goal)
        self._points.append(point)
        return False

    def _forget(self, tid: int) -> None:
        for tids in (self._traced, self._unseen, self._awake):
            tids.discard(tid)
        self._newborn.pop(tid, None)
