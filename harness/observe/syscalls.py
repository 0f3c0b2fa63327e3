"""Which system calls sleep, and whether the sleep has a time limit.

Source: proc(5) on /proc/PID/syscall; the numbers are checked against the kernel's headers in tests.
"""

import os
import platform
import struct
import time
from functools import lru_cache
from typing import Final

import msgspec

from harness import call_kinds

_WHOLE_LINE: Final = 7
MSG_WAITALL: Final = 0x100

X86_64: Final[dict[int, str]] = {
    0: "read", 1: "write", 7: "poll", 19: "readv", 20: "writev", 23: "select", 34: "pause",
    35: "nanosleep", 40: "sendfile", 42: "connect", 43: "accept", 44: "sendto", 45: "recvfrom",
    46: "sendmsg", 47: "recvmsg", 56: "clone", 58: "vfork", 61: "wait4", 65: "semop", 72: "fcntl",
    73: "flock",
    128: "rt_sigtimedwait", 130: "rt_sigsuspend", 202: "futex", 219: "restart_syscall",
    220: "semtimedop", 230: "clock_nanosleep", 232: "epoll_wait", 247: "waitid", 270: "pselect6",
    271: "ppoll", 281: "epoll_pwait", 288: "accept4", 299: "recvmmsg", 426: "io_uring_enter",
    435: "clone3", 441: "epoll_pwait2",
}  # fmt: skip
SLEEPLESS_X86_64: Final[dict[int, str]] = {
    2: "open", 3: "close", 5: "fstat", 8: "lseek", 9: "mmap", 10: "mprotect", 11: "munmap",
    12: "brk", 13: "rt_sigaction", 14: "rt_sigprocmask", 15: "rt_sigreturn", 16: "ioctl",
    17: "pread64", 18: "pwrite64", 21: "access", 22: "pipe", 24: "sched_yield", 25: "mremap",
    28: "madvise", 32: "dup", 33: "dup2", 37: "alarm", 38: "setitimer", 39: "getpid", 41: "socket",
    48: "shutdown", 49: "bind", 50: "listen", 51: "getsockname", 52: "getpeername", 54: "setsockopt",
    55: "getsockopt", 57: "fork", 60: "exit", 62: "kill", 77: "ftruncate", 96: "gettimeofday",
    102: "getuid", 110: "getppid", 131: "sigaltstack", 157: "prctl", 186: "gettid", 201: "time",
    204: "sched_getaffinity", 218: "set_tid_address", 228: "clock_gettime", 231: "exit_group",
    233: "epoll_ctl", 234: "tgkill", 257: "openat", 262: "newfstatat", 273: "set_robust_list",
    292: "dup3", 293: "pipe2", 302: "prlimit64", 318: "getrandom", 334: "rseq",
    424: "pidfd_send_signal", 434: "pidfd_open",
}  # fmt: skip
AARCH64: Final[dict[int, str]] = {
    22: "epoll_pwait", 25: "fcntl", 32: "flock", 63: "read", 64: "write", 65: "readv",
    66: "writev", 71: "sendfile", 72: "pselect6", 73: "ppoll", 95: "waitid", 98: "futex",
    101: "nanosleep", 115: "clock_nanosleep", 128: "restart_syscall", 133: "rt_sigsuspend",
    137: "rt_sigtimedwait", 192: "semtimedop", 193: "semop", 202: "accept", 203: "connect",
    206: "sendto", 207: "recvfrom", 211: "sendmsg", 212: "recvmsg", 220: "clone", 242: "accept4",
    243: "recvmmsg", 260: "wait4", 426: "io_uring_enter", 435: "clone3", 441: "epoll_pwait2",
}  # fmt: skip
NAMES: Final = {"x86_64": X86_64, "aarch64": AARCH64}.get(platform.machine(), {})

ALL: Final = {**X86_64, **SLEEPLESS_X86_64} if platform.machine() == "x86_64" else NAMES

READS: Final = call_kinds.READS
ACCEPTS: Final = call_kinds.ACCEPTS
TAKES: Final = READS | ACCEPTS
_CLONE_VFORK: Final = 0x4000
WRITES: Final = call_kinds.WRITES | {"sendfile"}
_UNLIMITED: Final = (
    READS | ACCEPTS | WRITES
    | {"pause", "connect", "wait4", "waitid", "semop", "fcntl", "flock", "rt_sigsuspend"}
)  # fmt: skip
_LIMIT_IN_MS: Final = {"poll": 2, "epoll_wait": 3, "epoll_pwait": 3}
_LIMIT_AT: Final = {
    "select": 4, "pselect6": 4, "ppoll": 2, "futex": 3, "rt_sigtimedwait": 2, "recvmmsg": 4,
    "epoll_pwait2": 3, "semtimedop": 3, "nanosleep": 0, "clock_nanosleep": 2,
}  # fmt: skip
_ABSOLUTE: Final = 1  # TIMER_ABSTIME
_FUTEX_WAIT, _FUTEX_COMMAND, _FUTEX_REALTIME = 0, 0x7F, 0x100
_POLLFD: Final = struct.Struct("=iI")  # the descriptor; what is asked for and what is so
_MOST_WATCHED: Final = 1024
_WATCHES: Final = {"poll": 1, "ppoll": 1, "select": 0, "pselect6": 0}  # which argument is their number


class Call(msgspec.Struct, frozen=True):
    """A call a task sleeps in: its name ("" when unknown) and its six arguments."""

    name: str
    args: tuple[int, ...]

    @property
    def has_no_time_limit(self) -> bool:
        """True when no clock in its arguments can end this call; for sockets' limits see `timers`."""
        if self.name in _UNLIMITED and self.name != "recvmmsg":
            return True
        if (at := _LIMIT_IN_MS.get(self.name)) is not None:
            return _signed32(self.args[at]) < 0
        if self.name in call_kinds.SLEEPS:
            return False
        if (at := _LIMIT_AT.get(self.name)) is not None:
            return self.args[at] == 0
        return False

    @property
    def descriptor(self) -> int:
        """Its first argument, as a file descriptor."""
        return self.args[0] & 0x7FFFFFFF

    @property
    def without_time_limit(self) -> "Call":
        """This wait for another task (futex) without its time limit; other calls as they are."""
        if self.name != "futex":
            return self
        at = _LIMIT_AT[self.name]
        return Call(self.name, (*self.args[:at], 0, *self.args[at + 1 :]))

    @property
    def is_vfork(self) -> bool:
        """Whether it makes a child and may sleep until the child executes a program or ends (vfork(2)).

        The flags of clone3() lie in memory; only posix_spawn() was seen to sleep in it.
        """
        return self.name in {"vfork", "clone3"} or (
            self.name == "clone" and bool(self.args[0] & _CLONE_VFORK)
        )

    @property
    def ends_at_any_signal(self) -> bool:
        """Whether a handler that returns ends this call for good: it is not restarted (pause(2))."""
        return self.name in {"pause", "rt_sigsuspend"}

    @property
    def is_nap(self) -> bool:
        """Whether only a timer can end this call: a sleep, or a wait for none of no descriptors."""
        watches = self.args[at] if (at := _WATCHES.get(self.name)) is not None else 1
        return self.name in call_kinds.SLEEPS or (watches == 0 and not self.has_no_time_limit)

    def watched(self, pid: int) -> list[int]:
        """The descriptors that poll() or select() waits to read from; none where that is not known."""
        try:
            match self.name:
                case "poll" | "ppoll":
                    listed = _memory(pid, self.args[0], min(self.args[1], _MOST_WATCHED) * _POLLFD.size)
                    return [fd for fd, _ in _POLLFD.iter_unpack(listed) if fd >= 0]
                case "select" | "pselect6" if self.args[1]:
                    listed = _memory(pid, self.args[1], min(self.args[0], _MOST_WATCHED) // 8 + 1)
                    bits = int.from_bytes(listed, "little")
                    return [fd for fd in range(min(self.args[0], _MOST_WATCHED)) if bits >> fd & 1]
        except (OSError, struct.error):
            pass
        return []

    def limit_ns(self, pid: int) -> int | None:
        """How long the task asked to sleep at most, by its own memory; None when that cannot be told."""
        if (at := _LIMIT_IN_MS.get(self.name)) is not None:
            return _signed32(self.args[at]) * 1_000_000
        return None if self._clock is not None else self._time(pid)

    def ends_ns(self, pid: int) -> int | None:
        """When it ends at the latest, by the monotonic clock; None without a time that it has named."""
        if self._clock is None or (end := self._time(pid)) is None:
            return None
        return end - time.clock_gettime_ns(self._clock) + time.monotonic_ns()

    @property
    def _clock(self) -> int | None:
        """The clock of an absolute time limit: clock_nanosleep(2), futex(2); None of a relative one."""
        if self.name == "clock_nanosleep":
            return self.args[0] if self.args[1] & _ABSOLUTE else None
        if self.name == "futex" and self.args[1] & _FUTEX_COMMAND != _FUTEX_WAIT:
            return time.CLOCK_REALTIME if self.args[1] & _FUTEX_REALTIME else time.CLOCK_MONOTONIC
        return None

    def _time(self, pid: int) -> int | None:
        """The time that its arguments point to, in nanoseconds."""
        if (at := _LIMIT_AT.get(self.name)) is None or not self.args[at]:
            return None
        try:
            seconds, fraction = struct.unpack("qq", _memory(pid, self.args[at], 16))
        except (OSError, struct.error):
            return None
        return int(seconds * 1_000_000_000 + fraction * (1_000 if self.name == "select" else 1))


def _memory(pid: int, address: int, size: int) -> bytes:
    """Read a process's memory: proc(5), /proc/PID/mem. OSError where that is refused."""
    memory = os.open(f"/proc/{pid}/mem", os.O_RDONLY)
    try:
        return os.pread(memory, size, address)
    finally:
        os.close(memory)


@lru_cache(maxsize=1024)
def parse(line: bytes) -> Call | None:
    """Read one /proc/PID/syscall line; None while the task runs or sleeps outside any call."""
    fields = line.split()
    if len(fields) < _WHOLE_LINE or fields[0] == b"running":
        return None
    return Call(NAMES.get(int(fields[0]), ""), tuple(int(field, 16) for field in fields[1:7]))


def _signed32(value: int) -> int:
    value &= 0xFFFFFFFF
    return value - (1 << 32) if value & 0x80000000 else value
