"""Timers that can wake a task although its call has no time limit.

A read under SO_RCVTIMEO, a POSIX timer, an armed timerfd and a caught SIGALRM each look like rest and
are not. The proof must know them: each of them gave a false proof without this.
"""

import contextlib
import os
import re
import signal
import socket
import struct
from collections.abc import Iterable, Iterator
from typing import Final

from harness.signal_mask import bit, is_all

from . import syscalls
from .census import Process
from .descriptors import inode_in, links
from .linux import pidfd_getfd
from .procfs import read_all
from .tasks import Task

_PIDFD_THREAD: Final = os.O_EXCL  # pidfd_open(2), Linux 6.9
_TIMEVAL: Final = struct.Struct("qq")
FAR_AWAY_NS: Final = 2_100_000_000
_ALARM: Final = bit(signal.SIGALRM)
_SIGNALS: Final = re.compile(rb"^signal: (\d+)/", re.MULTILINE)
_ARMED: Final = re.compile(rb"it_value: \((\d+), (\d+)\)")


def defers_accept(family: Iterable[Process], inode: int) -> bool:
    """Whether the listener hears of a connection only once it has brought data (TCP_DEFER_ACCEPT).

    Not where it waits for data so briefly that the kernel is about to hand the connection over.
    """
    for process in family:
        for name, link in links(process.told_by):
            if inode_in(link) != inode:
                continue
            with _borrowed(process, int(name)) as listener:
                if listener is None:
                    continue
                longest_s = listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT)
                return longest_s * 1_000_000_000 > FAR_AWAY_NS
    return False


@contextlib.contextmanager
def _borrowed(process: Process, fd: int) -> Iterator[socket.socket | None]:
    """A duplicate of another process's socket; None where it cannot be had, or is no socket.

    Of one whose first thread has left it can be had since Linux 6.9.
    """
    try:
        pidfd = os.pidfd_open(process.told_by, 0 if process.told_by == process.pid else _PIDFD_THREAD)
        try:
            duplicate = pidfd_getfd(pidfd, fd)
        finally:
            os.close(pidfd)
        try:
            borrowed = socket.socket(fileno=duplicate)
        except OSError:
            os.close(duplicate)
            raise
    except OSError:
        yield None
        return
    with borrowed:
        yield borrowed


def socket_limit_ns(process: Process, task: Task) -> int | None:
    """The time limit that SO_RCVTIMEO or SO_SNDTIMEO sets for the call; None without one.

    Source: socket(7); read through pidfd_getfd(2).
    """
    call = task.call
    if call is None:
        return None
    if call.name in syscalls.TAKES:
        option = socket.SO_RCVTIMEO
    elif call.name in syscalls.WRITES | {"connect"}:
        option = socket.SO_SNDTIMEO
    else:
        return None
    with _borrowed(process, call.descriptor) as borrowed:
        if borrowed is None:
            return None
        try:
            seconds, micros = _TIMEVAL.unpack(borrowed.getsockopt(socket.SOL_SOCKET, option, 16))
        except (OSError, struct.error):
            return None
    return (seconds * 1_000_000 + micros) * 1_000 or None


def has_hidden_timer(process: Process) -> bool:
    """True when a signal timer may fire: SIGALRM is caught, or a POSIX timer exists.

    setitimer(2) leaves no trace in /proc but the handler; timer_create(2) is in /proc/PID/timers, armed
    or not. Go catches every signal there is, and keeps its time by futex(2) and epoll.
    """
    has_handler = any(task.caught & _ALARM and not is_all(task.caught) for task in process.tasks)
    signals = set(map(int, _SIGNALS.findall(read_all(f"/proc/{process.told_by}/timers"))))
    if (has_handler or signals) and signals <= {signal.SIGVTALRM} and _is_ruby(process):
        return False
    return has_handler or bool(signals)


def _is_ruby(process: Process) -> bool:
    """Whether it is Ruby: it catches SIGALRM, and its own timer runs only while a thread is being woken.

    A program in Ruby can arm neither. Source: signal.c and thread_pthread.c (ubf_timer_arm()) of Ruby.
    """
    try:
        program = os.readlink(f"/proc/{process.told_by}/exe")
    except OSError:
        return False
    return os.path.basename(program).startswith("ruby")


def armed_timerfd_ns(pid: int, timerfds: Iterable[str]) -> int | None:
    """Nanoseconds until the first of these timerfds fires; None when none is armed."""
    left = [
        int(seconds) * 1_000_000_000 + int(rest)
        for name in timerfds
        for seconds, rest in _ARMED.findall(read_all(f"/proc/{pid}/fdinfo/{name}"))
    ]
    return min(filter(None, left), default=None)
