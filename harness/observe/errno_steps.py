"""Steps a task on from a system call that has failed, until its library has set errno.

A handler that runs sooner cannot change what the program reads from errno. Source: ptrace(2),
PTRACE_SINGLESTEP; proc(5), maps and mem.
"""

import os
import signal
from typing import Final, NamedTuple

from . import linux, procfs
from .held import RIP, SYSCALL_BYTES, WALL
from .stacks import address_range

_MOST_STEPS: Final = 64
_MOST_LOOKS: Final = 20_000  # some milliseconds: a stepped task runs at once, or gets no processor
_SYSCALL: Final = b"\x0f\x05"


class Stepped(NamedTuple):
    """The outcome of stepping: it `is_over` where the task stays stopped, or `is_gone`."""

    is_over: bool
    has_moved: bool
    is_gone: bool = False


def to_errno(tid: int) -> Stepped:
    """Step a task that has stopped at the return of a call out of its library's mapping.

    A program in one piece has no such end: it is held a little behind the call.
    """
    start = end = 0
    at = linux.ptrace_peek(tid, RIP)
    for row in procfs.read_all(f"/proc/{tid}/maps").splitlines():
        start, end = address_range(row.split(None, 1))
        if start <= at < end:
            break
    for number in range(_MOST_STEPS):
        at = linux.ptrace_peek(tid, RIP)
        if not start <= at < end or _is_a_call(tid, at):
            return Stepped(is_over=True, has_moved=number > 0)  # a step over a call could sleep
        linux.ptrace(linux.PTRACE_SINGLESTEP, tid)
        status = _stepped(tid)
        if status is None:
            return Stepped(is_over=False, has_moved=True)
        if not os.WIFSTOPPED(status):
            return Stepped(is_over=True, has_moved=True, is_gone=True)
        if status >> 16 or os.WSTOPSIG(status) != signal.SIGTRAP:
            linux.tgkill(tid, tid, os.WSTOPSIG(status))
            return Stepped(is_over=False, has_moved=True)
    return Stepped(is_over=True, has_moved=True)


def _is_a_call(tid: int, at: int) -> bool:
    """Whether the instruction there is a system call, or cannot be read."""
    try:
        with open(f"/proc/{tid}/mem", "rb", buffering=0) as memory:
            return os.pread(memory.fileno(), SYSCALL_BYTES, at) == _SYSCALL
    except OSError:
        return True


def _stepped(tid: int) -> int | None:
    """The wait status after a step; None where none comes soon, and the task goes on by itself."""
    for _ in range(_MOST_LOOKS):
        came, status = os.waitpid(tid, WALL | os.WNOHANG)
        if came:
            return status
    return None
