"""Process 1 of a cell: starts what the keeper orders, reaps every orphan, drains every output.

Forked from the keeper, never exec'd. In its own pid namespace its death is everyone's; in the
plain cell it is their subreaper (prctl(2)) and ends them one by one.
"""

import contextlib
import errno
import os
import select
import signal
import socket
import time
from collections.abc import Collection
from typing import Final, NoReturn, assert_never

import msgspec

from harness.observe import census, linux

from . import init_protocol as orders
from . import isolation, renewal, surroundings, wire
from .memory_group import MemoryGroup
from .memory_watch import MemoryWatch
from .program_start import InitSetting, PrintedText, Starter, start_ours

_ENDING_S: Final = 0.8
_BETWEEN_S: Final = 0.02


class Init:
    """Serves the keeper's orders until its channel closes, then ends the family."""

    def __init__(
        self, channel: socket.socket, bell: socket.socket, starter: Starter, watch: MemoryWatch | None
    ) -> None:
        self._channel = channel
        self._bell = bell
        self._inbox = wire.Inbox(channel, orders.TO_INIT)
        self._starter = starter
        self._watch = watch
        self._poll = select.poll()
        self._wake = (-1, -1)
        self._loadavg = -1
        self._drained: dict[int, PrintedText] = {}
        self._printed_by: dict[int, PrintedText] = {}

    def run(self) -> None:
        """Serve; returns when the keeper has gone."""
        wake_r, wake_w = self._wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(wake_w, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self._poll.register(self._channel, select.POLLIN)
        self._poll.register(wake_r, select.POLLIN)
        self._poll.register(self._bell, select.POLLIN)
        bell = self._bell.fileno()
        while True:
            ready = self._poll.poll(self._watch.due_ms() if self._watch else None)
            if self._watch:
                self._watch.look()
            for fd, _ in ready:
                if fd == bell:
                    self._tell_last_pid()
                elif fd == wake_r:
                    os.read(wake_r, 4096)
                    self._reap()
                elif fd == self._channel.fileno():
                    if not self._inbox.read():
                        return
                    while (heard := self._inbox.take()) is not None:
                        wire.send(self._channel, self._answer(*heard))
                elif not self._drained[fd].drain():
                    self._poll.unregister(fd)
                    os.close(fd)
                    del self._drained[fd]

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            wire.send(self._channel, orders.Gone(pid, status))

    def _answer(self, order: orders.ToInit, fds: list[int]) -> orders.InitAnswer:
        try:
            return self._obey(order, fds)
        except OSError as error:  # the machine is short of something: the cell is not at its end
            return orders.Unable(error.errno or errno.EIO)

    def _obey(self, order: orders.ToInit, fds: list[int]) -> orders.InitAnswer:
        match order:
            case orders.StartSubject():
                return self._start(order, fds)
            case orders.StartOurs():
                return start_ours(order, fds[0])
            case orders.AskPrinted():
                return self._printed(order.pid)
            case orders.EndAll():
                return self._end_all()
            case _:
                assert_never(order)

    def _start(self, order: orders.StartSubject, fds: list[int]) -> int:
        """Start a subject: on the terminal that was handed in, if one was; else on one of its own."""
        if self._watch:
            self._watch.bound = order.program.limits.all_memory_bytes
        if fds:
            return self._starter.on_terminal(order, fds[0])
        pid, text = self._starter.on_own_terminal(order)
        self._drained[text.master] = self._printed_by[pid] = text
        self._poll.register(text.master, select.POLLIN)
        return pid

    def _tell_last_pid(self) -> None:
        """The newest pid is the last word of /proc/loadavg, by its reader's own namespace (proc(5))."""
        if not self._bell.recv(1):  # the keeper has gone, as the other channel says, too
            self._poll.unregister(self._bell)
            return
        try:
            if self._loadavg < 0:
                self._loadavg = os.open("/proc/loadavg", os.O_RDONLY)
            told = os.pread(self._loadavg, 128, 0)
        except OSError as error:  # the machine is short of something: the cell is not at its end
            told = orders.UNABLE + str(error.errno or errno.EIO).encode()
        self._bell.send(told)

    def _printed(self, pid: int) -> orders.PrintedInside:
        text, ended = self._printed_by.get(pid), self._watch.ended if self._watch else 0
        if text is None:  # it prints to a terminal that is not ours
            return orders.PrintedInside("", "", 0, ended)
        if self._drained.get(text.master) is text:  # the number may have been given to another
            text.drain()
        tail = text.tail.decode("latin-1") if text.is_cut else ""
        return orders.PrintedInside(text.head.decode("latin-1"), tail, text.total, ended)

    def _end_all(self) -> bool:
        """Kill and bury all but this process, in a pid namespace of its own; whether nothing is left.

        One that is traced stays a zombie until its tracer has heard of its end (ptrace(2)).
        """
        end = time.monotonic() + _ENDING_S
        while not _is_alone():
            if time.monotonic() > end:
                return False
            select.select([self._wake[0]], [], [], _BETWEEN_S)
            with contextlib.suppress(BlockingIOError):
                os.read(self._wake[0], 4096)
        for fd in self._drained:
            self._poll.unregister(fd)
            os.close(fd)
        self._drained.clear()
        self._printed_by.clear()
        self._starter.forget()
        if self._watch:
            self._watch.bound = 0
        return not (self._watch and self._watch.ended) and not renewal.are_objects_left()


def _is_alone() -> bool:
    """Kill all other processes of this pid namespace, and wait for those that have ended."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(-1, signal.SIGKILL)
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return True
    return False


def end_family(spare: Collection[int] = ()) -> None:
    """Kill everything below this process, faster than it can fork: stop all, then kill all.

    For the plain cell, where no pid namespace does it. Every pid is our descendant, read anew;
    children in `spare` are left alone, with all below them.
    """
    me, end = os.getpid(), time.monotonic() + _ENDING_S
    while time.monotonic() < end and (left := census.family(me, without=spare)):
        for signum in (signal.SIGSTOP, signal.SIGKILL):
            for process in left:
                with contextlib.suppress(OSError):
                    os.kill(process.pid, signum)
        for process in left:
            if process.ppid == me:
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(process.pid, os.WNOHANG)


def main(
    channel: socket.socket, bell: socket.socket, setting: InitSetting, uid: int, memory: MemoryGroup
) -> NoReturn:
    """Settle in as the cell's first process, serve, and leave nothing behind."""
    refused, unbounded = "", memory.join()
    setting = msgspec.structs.replace(setting, unbounded=bool(unbounded))
    shown = {folder: folder for folder in setting.folders}
    if setting.pid_namespace:
        refused = isolation.own_mounts()
        if not refused:
            setting = msgspec.structs.replace(setting, own_ipc=True)
            surroundings.put_on(setting.bwrap, uid)
            if setting.bwrap is not None:
                isolation.show_queues()
            else:
                setting = msgspec.structs.replace(setting, scratch=surroundings.make_home(uid))
            if os.getuid() == 0:
                shown = isolation.show_folders(setting.folders)
    else:
        linux.prctl(linux.PR_SET_CHILD_SUBREAPER, 1)
    isolation.drop_to(uid)
    if setting.pid_namespace:
        # Cleared by a change of uid (prctl(2)), so it comes after the drop.
        linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
    wire.send(channel, orders.Ready(refused, unbounded))
    watch = MemoryWatch() if setting.pid_namespace and setting.unbounded else None
    with contextlib.suppress(OSError):
        Init(channel, bell, Starter(setting, shown), watch).run()
    if not setting.pid_namespace:
        end_family()
    os._exit(0)
