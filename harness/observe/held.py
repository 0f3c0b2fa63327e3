"""Holds tasks still by ptrace(2). Neither the task nor its parent notices it.

SIGSTOP would send the parent a SIGCHLD, and SIGCONT another one; slide 19's handler then waits for a
child that has not exited. Source: ptrace(2), PTRACE_SEIZE and PTRACE_INTERRUPT.
"""

import contextlib
import errno
import os
import platform
import signal
from collections.abc import Callable, Iterator
from typing import Final, TypeVar

from harness.signal_mask import bit

from . import linux
from .procfs import field, living_task_ids, read

WALL: Final = 0x40000000  # wait(2), __WALL: threads, too
_TRIES: Final = 50
_TRIES_FOR_A_CHILD: Final = 20
AT_A_CALL: Final = signal.SIGTRAP | 0x80
IS_X86: Final = platform.machine() == "x86_64"
RAX, ORIG_RAX, RIP = 8 * 10, 8 * 15, 8 * 16  # sys/user.h, struct user_regs_struct
SYSCALL_BYTES: Final = 2
INTERRUPTED: Final = {*range(-516, -511), -errno.EINTR}  # linux/errno.h, ERESTARTSYS: made again
Found = TypeVar("Found")


class Holder:
    """The tasks that this process holds. Call `hear` whenever this process gets SIGCHLD."""

    def __init__(self, pause: Callable[[], None]) -> None:
        """`pause` waits a moment."""
        self._pause = pause
        self._late: set[int] = set()
        self._held: dict[int, dict[int, int]] = {}

    def look(self, tid: int, look: Callable[[], Found]) -> Found | None:
        """What `look` finds while a running task is held; None where it sleeps, which this would end."""
        if not (read(f"/proc/{tid}/syscall") or b"").startswith(b"running"):
            return None
        status = self._stop(tid)
        if status is None:
            return None
        try:
            return look()
        finally:
            self.let_go_at(tid, status)

    def wait_for(self, unborn: set[int], hear: Callable[[], None]) -> None:
        """Wait until each new child has stopped and `hear` has let it go; give up after a while."""
        tries = _TRIES_FOR_A_CHILD
        while unborn and tries > 0:
            self._pause()
            hear()
            tries -= not any(map(wants_processor, list(unborn)))

    def at_a_call(self, tid: int, act: Callable[[], None]) -> None:
        """Do this while a running task enters a call; where it makes none for long, wherever it is.

        A handler that runs there cannot change what the program reads from errno: the call's result
        comes after it.
        """
        status = self._stop(tid)
        if status is None:
            return
        with contextlib.suppress(OSError):
            linux.ptrace(linux.PTRACE_SYSCALL, tid, 0, signal_of(status))
            status = self._stopped(tid, will_stop=False) or self.interrupt(tid)
            if status is not None and os.WIFSTOPPED(status):
                try:
                    act()
                finally:
                    self.let_go_at(tid, status)

    def hold(self, pid: int) -> bool:
        """Hold every thread of a process until `let_go`; False, and none held, where it cannot be."""
        held = self._held.setdefault(pid, {})
        with contextlib.suppress(OSError):
            while new := set(living_task_ids(pid)) - held.keys():
                for tid in new:
                    status = self._stop(tid)
                    if status is None:
                        self.let_go(pid)
                        return False
                    held[tid] = status
        return bool(held)

    def let_go(self, pid: int) -> bool:
        """Let a process go on; False where it was not held."""
        held = self._held.pop(pid, {})
        for tid, status in held.items():
            self.let_go_at(tid, status)
        return bool(held)

    def let_go_at(self, tid: int, status: int) -> None:
        """Detach and deliver the signal at which the task stopped, as if no call had been broken off."""
        with contextlib.suppress(OSError):
            if not _has_a_signal(tid):
                make_again(tid)
        self.detach(tid, signal_of(status))

    def detach(self, tid: int, number: int = 0) -> None:
        """Let a stopped task go, with a signal or without; bury it where it was killed meanwhile.

        Nobody else may: its process stays a zombie, and its parent is not told, until its tracer has
        waited for it (ptrace(2), "Death under ptrace").
        """
        try:
            linux.ptrace(linux.PTRACE_DETACH, tid, 0, number)
        except OSError:
            self._late.add(tid)
            self._hear_of(tid)

    def hear(self) -> None:
        """Let go of tasks that stopped late (after a sleep in vfork(), say), and bury the killed."""
        for tid in self._late.copy():
            self._hear_of(tid)
        for held in self._held.values():
            for tid in held:
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(tid, WALL | os.WNOHANG)  # a tracer's wait comes before the parent's

    def _hear_of(self, tid: int) -> None:
        """Bury one of the late where it has ended, let it go where it has stopped."""
        if (status := news(tid)) is None:
            return
        self._late.discard(tid)
        if os.WIFSTOPPED(status):
            self.let_go_at(tid, status)

    def _stop(self, tid: int) -> int | None:
        """Seize a task and wait until it stops; its wait status, None where it may not, or does not."""
        if tid in self._late:
            return None
        with contextlib.suppress(OSError):
            linux.ptrace(linux.PTRACE_SEIZE, tid, 0, linux.PTRACE_O_TRACESYSGOOD)
            return self.interrupt(tid)
        return None

    def interrupt(self, tid: int) -> int | None:
        """Stop a seized task; its wait status, None where it is gone, or late and then let go."""
        return self._stop_by(linux.PTRACE_INTERRUPT, tid)

    def past_entry(self, tid: int, status: int) -> int | None:
        """The next status of a task that has stopped at a call's entry; `status` of any other.

        A task that is let go at the entry of epoll_wait() finds it broken off by EINTR.
        """
        if os.WSTOPSIG(status) != AT_A_CALL or not linux.ptrace_call(tid).is_entry:
            return status
        linux.ptrace(linux.PTRACE_INTERRUPT, tid)  # each stop clears an interrupt that waits
        return self._stop_by(linux.PTRACE_CONT, tid)

    def _stop_by(self, request: int, tid: int) -> int | None:
        status = None
        with contextlib.suppress(OSError):
            linux.ptrace(request, tid)
            status = self._stopped(tid)
        if status is None:
            self._late.add(tid)
            self._hear_of(tid)
        return status if status is not None and os.WIFSTOPPED(status) else None

    def _stopped(self, tid: int, *, will_stop: bool = True) -> int | None:
        """The next wait status of a seized task, None where none comes in time.

        A task that `will_stop` as soon as it has a processor is given the time until then, too.
        """
        tries = _TRIES
        while tries > 0:
            gone, status = os.waitpid(tid, WALL | os.WNOHANG)
            if gone:
                return status
            self._pause()
            tries -= not (will_stop and wants_processor(tid))
        return None


def news(tid: int) -> int | None:
    """The wait status with which a task stopped or ended, 0 where it is gone; None without news."""
    try:
        came, status = os.waitpid(tid, WALL | os.WNOHANG)
    except ChildProcessError:
        return 0
    return status if came else None


def wants_processor(tid: int) -> bool:
    """Whether a task runs, or waits for nothing but a processor (proc(5), state R)."""
    line = read(f"/proc/{tid}/stat") or b""
    return line[line.rfind(b")") + 2 :].startswith(b"R")


def make_again(tid: int) -> None:
    """Let a stopped task make a call once more that our stop alone has ended by EINTR (x86-64).

    Others are restarted by the kernel; epoll_wait() is not (signal(7)).
    """
    if IS_X86 and linux.ptrace_peek(tid, RAX) == -errno.EINTR:
        call = linux.ptrace_peek(tid, ORIG_RAX)
        if call >= 0:  # it was in a call at all
            put_before(tid, call, linux.ptrace_peek(tid, RIP))


def skip_call(tid: int) -> None:
    """Let a task at the entry of a call return from it at once; the call is not made (x86-64)."""
    linux.ptrace(linux.PTRACE_POKEUSER, tid, ORIG_RAX, -1)


def put_before(tid: int, call: int, behind: int) -> None:
    """Put a task from `behind` a call, by its number, to where it is about to make it (x86-64)."""
    linux.ptrace(linux.PTRACE_POKEUSER, tid, RAX, call)
    linux.ptrace(linux.PTRACE_POKEUSER, tid, RIP, behind - SYSCALL_BYTES)


def signal_of(status: int) -> int:
    """The signal at whose delivery a task has stopped, 0 where it has stopped for another reason."""
    stopped_by = os.WSTOPSIG(status)
    return 0 if status >> 16 or stopped_by == AT_A_CALL else stopped_by


def catches(tid: int, number: int) -> bool:
    """Whether a handler of the task's process is called at this signal; False for number 0."""
    caught = field(read(f"/proc/{tid}/status") or b"", b"\nSigCgt:\t", 16)
    return number > 0 and bool(caught & bit(number))


def blocks(tid: int, number: int) -> bool:
    """Whether a task blocks a signal (proc(5), SigBlk)."""
    blocked = field(read(f"/proc/{tid}/status") or b"", b"\nSigBlk:\t", 16)
    return bool(blocked & bit(number))


def is_pending(tid: int, number: int) -> bool:
    """Whether a signal to the task's process is pending (proc(5), ShdPnd)."""
    waiting = field(read(f"/proc/{tid}/status") or b"", b"\nShdPnd:\t", 16)
    return bool(waiting & bit(number))


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Within the block SIGCHLD is blocked for this process."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _has_a_signal(tid: int) -> bool:
    status = read(f"/proc/{tid}/status") or b""
    pending = field(status, b"\nSigPnd:\t", 16) | field(status, b"\nShdPnd:\t", 16)
    return bool(pending & ~field(status, b"\nSigBlk:\t", 16))
