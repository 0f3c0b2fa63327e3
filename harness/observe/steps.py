"""Goes with one stopped task from instruction to instruction, as far as its next system call.

What it sees are calls of functions that a signal handler may not call (`library.UNSAFE`): how many
instructions each has before it returns or makes a system call, and where in it a lock is taken and given
back. Or it stops at a chosen instruction of such a call. Source: ptrace(2), PTRACE_SINGLESTEP.
"""

import os
import re
import signal
from collections.abc import Callable
from typing import Final

from . import linux, stacks
from .call_point import Point, Within
from .held import RIP, WALL
from .library import Library

_MOST_STEPS: Final = 20_000
_SYSCALL: Final = b"\x0f\x05"
_RSP: Final = 8 * 19  # sys/user.h, struct user_regs_struct
_DEEPEST: Final = 4  # calls within calls
_LOOK: Final = 8  # bytes: a prefix or two, and the code of one instruction
_ATOMIC: Final = re.compile(rb"\xf0|[\x40-\x4f]?(\x0f[\xb0\xb1]|[\x86\x87][^\xc0-\xff])")


class _Call:
    """One that is not over: which function, from where, with which stack, since which step."""

    def __init__(self, name: str, entry: int, caller: bytes, top: int, begun: int) -> None:
        self.name = name
        self.entry = entry
        self.caller = int.from_bytes(caller, "little")
        self.top = top
        self.begun = begun
        self.locked: list[int] = []
        self.frames: tuple[int, ...] = ()


class Steps:
    """The steps of one walk, or towards one goal. `other` is the status that ended them, or 0."""

    def __init__(self, tid: int, library: Library, goal: Within | None = None) -> None:
        self.called: set[str] = set()
        self.points: list[Point] = []
        self.other = 0
        self._tid = tid
        self._library = library
        self._goal = goal
        self._left = _MOST_STEPS

    def on(self, after: Point | None) -> bool:
        """Step to the next system call, from the return of the one before; True once at the goal.

        The calls in between become points where `after` says which call that was.

        Raises:
            OSError: the task is gone.
        """
        self.other = 0
        with open(f"/proc/{self._tid}/mem", "rb", buffering=0) as memory:
            return self._go(lambda at: os.pread(memory.fileno(), _LOOK, at), after)

    def enters(self, number: int) -> bool:
        """From where this signal is about to be told to its handler's first instruction."""
        self.other = 0
        return self._step(number)

    def rests(self) -> None:
        """From the stop after a step to one in which nothing is left of it: no trap if we are killed."""
        linux.ptrace(linux.PTRACE_INTERRUPT, self._tid)
        linux.ptrace(linux.PTRACE_CONT, self._tid)
        os.waitpid(self._tid, WALL)

    def _go(self, read: Callable[[int], bytes], after: Point | None) -> bool:
        calls: list[_Call] = []
        for number in range(self._left):
            at = linux.ptrace_peek(self._tid, RIP)
            code = read(at)
            if at in self._library.functions and len(calls) < _DEEPEST:
                top = linux.ptrace_peek(self._tid, _RSP)
                calls.append(_Call(self._library.functions[at], at, read(top), top, number))
                self._enters(calls, after)
            if self._is_there(calls, number):
                return True
            if _ATOMIC.match(code) and calls:
                calls[-1].locked.append(number - calls[-1].begun)
            is_call = code.startswith(_SYSCALL)
            while calls and (is_call or self._is_behind(calls[-1], at)):
                self._note(after, calls, number)
            if is_call or not self._step():
                self._left -= number
                return False
        self._left = 0
        return False

    def _enters(self, calls: list["_Call"], after: Point | None) -> None:
        self.called.add(calls[0].name)
        if after is not None:
            calls[-1].frames = tuple(stacks.standing(self._tid, self._tid))

    def _is_there(self, calls: list["_Call"], number: int) -> bool:
        goal = self._goal
        return goal is not None and any(
            (goal.entry, goal.caller, goal.step) == (each.entry, each.caller, number - each.begun)
            for each in calls
        )

    def _is_behind(self, call: "_Call", at: int) -> bool:
        return at == call.caller and linux.ptrace_peek(self._tid, _RSP) > call.top

    def _note(self, after: Point | None, calls: list["_Call"], number: int) -> None:
        """The last of these calls has ended, or comes to a system call."""
        call = calls.pop()
        if after is None or number == call.begun:
            return
        via = calls[0].name if calls else ""
        ends = tuple(call.locked[:1] + call.locked[-1:])
        within = Within(
            call.name, via, call.entry, call.caller, 0, number - call.begun, ends, call.frames
        )
        self.points.append(Point("within", after.call, after.result, frames=after.frames, within=within))

    def _step(self, number: int = 0) -> bool:
        """One instruction; False where it has stopped for another reason, or is gone."""
        linux.ptrace(linux.PTRACE_SINGLESTEP, self._tid, 0, number)
        _, status = os.waitpid(self._tid, WALL)  # a step does not sleep
        if os.WIFSTOPPED(status) and not status >> 16 and os.WSTOPSIG(status) == signal.SIGTRAP:
            return True
        self.other = status
        return False
