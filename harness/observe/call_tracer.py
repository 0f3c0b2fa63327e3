"""Holds one process at a chosen point: where it is about to make a system call, or just back from it.

What happens meanwhile, a child that ends, say, is told to it there: between these two instructions.
Source: ptrace(2), PTRACE_SYSCALL and PTRACE_GET_SYSCALL_INFO. Before a call its entry is skipped and
made again, so that a handler runs before it and not within it (x86-64).
"""

import contextlib
import os
import signal
from typing import Final

import msgspec

from . import library, linux, procfs, stacks, syscalls
from .call_point import Look, Point
from .errno_steps import to_errno
from .held import (
    AT_A_CALL,
    INTERRUPTED,
    IS_X86,
    ORIG_RAX,
    Holder,
    blocks,
    catches,
    is_pending,
    make_again,
    news,
    put_before,
    signal_of,
    skip_call,
    undisturbed,
)
from .steps import Steps

_NO_RESULT: Final = {"rt_sigreturn"}


class CallTracer:
    """At most one process at a time. Call `hear` at SIGCHLD, and when there may be news of it."""

    def __init__(self, holder: Holder) -> None:
        self._holder = holder
        self._tid = 0
        self._slept_in = ""
        self.is_told = True
        self._unborn: set[int] = set()
        self._children: set[int] = set()
        self._begin_anew(None, "calls")

    def _begin_anew(self, goal: Point | None, look: Look) -> None:
        """Forget what was seen of another process."""
        self._goal, self._look = goal, look
        self._points: list[Point] = []
        self._is_held = self._lets_children_go = self._is_ending = self._is_awake = self._has_stepped = (
            False
        )
        self._number = self._skipped = -1
        self._result = 0
        self._steps: Steps | None = None
        self._returned: Point | None = None
        self._is_in_handler = False

    @property
    def called(self) -> list[str]:
        """Which functions that a handler may not call (`library.UNSAFE`) were seen to be called."""
        return sorted(self._steps.called) if self._steps is not None else []

    @property
    def is_held(self) -> bool:
        """Whether the goal was reached."""
        return self._is_held

    def begin(self, pid: int, goal: Point | None, look: Look = "calls") -> str:
        """Follow a process from call to call, up to the goal, and hold its new children.

        Returns why that cannot be; "" where it can. Without a goal it is held at each point for a
        moment. By `look` its "handler" for SIGCHLD, or all but that, its "loop", is stepped through:
        which functions of `library.UNSAFE` it calls. The points of its loop are within these.

        Raises:
            OSError: the process may not be traced.
        """
        tids = procfs.living_task_ids(pid)
        if not IS_X86:
            return "calls are made again on x86-64 alone"
        if len(tids) != 1:
            return f"it has {len(tids)} threads"
        with undisturbed():
            self._begin_anew(goal, look)
            self.is_told = look == "calls" or library.is_told(pid)
            within = goal.within if goal is not None else None
            if (within is not None or look != "calls") and (found := library.of(pid)) is not None:
                self._steps = Steps(tids[0], found, within)
            options = linux.PTRACE_O_TRACEFORK | linux.PTRACE_O_TRACESYSGOOD
            linux.ptrace(linux.PTRACE_SEIZE, tids[0], 0, options)
            slept_in = syscalls.parse(procfs.read(f"/proc/{tids[0]}/syscall") or b"")
            status = self._holder.interrupt(tids[0])
            if status is None:
                return "it did not stop"
            self._tid = tids[0]
            self._slept_in = slept_in.name if slept_in is not None else ""
            self._stops(status)
        return ""

    def release(self) -> None:
        """Let the children go that are held, and those that are still to come."""
        with undisturbed():
            self._lets_children_go = True
            for child in self._children:
                self._holder.detach(child)
            self._children.clear()

    def end(self) -> tuple[bool, list[Point]]:
        """Let everybody go: whether the goal was reached, and the points passed."""
        self.release()
        with undisturbed():
            self._is_ending = True  # what comes now comes to us
            if self._tid and self._is_held:
                self._holder.detach(self._tid)
            elif self._tid:
                self._stop()
            self._tid, self._is_ending = 0, False
        self._holder.wait_for(self._unborn, self.hear)
        found = self._points
        if self._look == "loop":
            found = self._steps.points if self._steps is not None else []
        return self._is_held, found

    def hear(self) -> None:
        """Take what the traced process has come to."""
        if not self._tid and not self._unborn:
            return
        with undisturbed():
            while self._tid and not self._is_ending and (status := news(self._tid)) is not None:
                if not os.WIFSTOPPED(status):
                    self._tid = 0
                    break
                with contextlib.suppress(OSError):
                    self._stops(status)
            for child in self._unborn.copy():
                if (status := news(child)) is not None:
                    self._unborn.discard(child)
                    if not os.WIFSTOPPED(status):
                        continue
                    if self._lets_children_go:
                        self._holder.detach(child)
                    else:
                        self._children.add(child)

    def _stops(self, status: int) -> None:
        event, number = status >> 16, os.WSTOPSIG(status)
        if event == linux.PTRACE_EVENT_STOP and number != signal.SIGTRAP:
            linux.ptrace(linux.PTRACE_LISTEN, self._tid)  # stopped by SIGSTOP: until SIGCONT
            return
        if event == linux.PTRACE_EVENT_FORK:
            self._unborn.add(linux.ptrace_message(self._tid))
        elif number == AT_A_CALL:
            self._returned = None
            if self._is_at_goal():
                self._is_held = True
                return
            if self._is_to_step() and self._ends_stepping():
                return
        elif self._is_step(status):
            linux.ptrace(linux.PTRACE_SYSCALL, self._tid)
            return
        elif signal_of(status) and catches(self._tid, number):
            self._is_awake = True
            if self._look == "handler" and number == signal.SIGCHLD and self._steps is not None:
                self._is_in_handler = True
                if self._ends_stepping(told=number):
                    return
                status = 0
        else:
            make_again(self._tid)
        linux.ptrace(linux.PTRACE_SYSCALL, self._tid, 0, signal_of(status))

    def _is_at_goal(self) -> bool:
        """Note the point at which the process has stopped; True if it is to be held here."""
        at = linux.ptrace_call(self._tid)
        if self._skipped >= 0:
            put_before(self._tid, self._skipped, at.ip)
            self._skipped = -2  # it enters the same call once more
            return self._goal is not None
        number = linux.ptrace_peek(self._tid, ORIG_RAX) if at.is_entry else self._number
        name = syscalls.ALL.get(number, f"call {number}")
        if name == "restart_syscall" and self._slept_in:
            name = self._slept_in
        if at.is_entry:
            self._number = number
            was_skipped, self._skipped = self._skipped == -2, -1  # noqa: PLR2004
            if not was_skipped and self._is_goal(Point("before", name, self._result)):
                self._skipped = number
                skip_call(self._tid)
            return False
        if number < 0:
            return False
        self._is_awake = True
        self._result = 0 if name in _NO_RESULT else min(1, at.result)
        self._returned = Point("after", name, self._result)
        if name == "rt_sigreturn":
            self._is_in_handler = False
        if at.result in INTERRUPTED:
            return False  # a signal is about to be told: another one like it would add nothing
        if not self._is_goal(Point("after", name, self._result)):
            return False
        return self._result >= 0 or self._steps_to_errno()

    def _steps_to_errno(self) -> bool:
        """Whether it is held, or gone, where its library has set errno after a call that failed."""
        stepped = to_errno(self._tid)
        self._has_stepped = self._has_stepped or stepped.has_moved
        if stepped.is_gone:
            self._tid = 0
        return stepped.is_over

    def _is_goal(self, point: Point) -> bool:
        """Whether to hold it here; noted where a signal would find none of its kind pending.

        The call in which it slept at the beginning is none: nothing has happened yet.
        """
        if not self._is_awake or self._look == "loop" or is_pending(self._tid, signal.SIGCHLD):
            return False
        goal = self._goal
        if goal is not None and not point.is_beside(goal):
            return False
        point = msgspec.structs.replace(point, frames=tuple(stacks.standing(self._tid, self._tid)))
        self._points.append(point)
        return point.is_like(goal) if goal is not None else point.side == "before"

    def _is_to_step(self) -> bool:
        """Whether the call that has just returned is one from which to go on by single steps."""
        if self._steps is None or self._returned is None:
            return False
        if self._look == "handler":
            return self._is_in_handler
        if blocks(self._tid, signal.SIGCHLD):
            return False  # it would be told only after a call that unblocks it
        goal = self._goal
        if goal is not None and (goal.call, goal.result) != (self._returned.call, self._returned.result):
            return False
        frames = tuple(stacks.standing(self._tid, self._tid))
        self._returned = msgspec.structs.replace(self._returned, frames=frames)
        return goal is None or goal.frames[:1] == frames[:1]

    def _ends_stepping(self, told: int = 0) -> bool:
        """Step to the next call; True where it is held by then, or gone, or has stopped otherwise.

        A signal that is to be `told` takes it to its handler first.
        """
        steps = self._steps
        if steps is None:
            return False
        if not (told and not steps.enters(told)) and steps.on(
            self._returned if self._look == "loop" else None
        ):
            steps.rests()
            self._is_held = True
        elif steps.other and os.WIFSTOPPED(steps.other):
            self._stops(steps.other)
        elif steps.other:
            self._tid = 0
        return self._is_held or steps.other != 0

    def _stop(self) -> None:
        with contextlib.suppress(OSError):
            status = self._holder.interrupt(self._tid)
            if status is None:
                return
            if self._skipped >= 0 and os.WSTOPSIG(status) == AT_A_CALL:
                self._is_at_goal()
            elif (status := self._holder.past_entry(self._tid, status)) is None:
                return
            if status >> 16 == linux.PTRACE_EVENT_FORK:
                self._unborn.add(linux.ptrace_message(self._tid))
            if self._is_step(status):
                self._holder.detach(self._tid)
            else:
                self._holder.let_go_at(self._tid, status)

    def _is_step(self, status: int) -> bool:
        """Whether it has stopped since it was stepped: that SIGTRAP is ours."""
        return self._has_stepped and signal_of(status) == signal.SIGTRAP
