"""Errors injected into the server: strace lets the next of some system calls fail.

It has the subject's uid: another's calls are out of anyone's reach in a container (ptrace(2)).
"""

import contextlib
import os
import re
import shutil
import signal
import time
from collections.abc import Callable, Collection, Sequence
from typing import Final, NamedTuple, assert_never

from harness.observe import census, procfs, syscalls
from harness.observe.descriptors import kind_of, never_waits
from harness.observe.motion import Look
from harness.observe.quiescence import Observer
from harness.observe.sockets import State
from harness.observe.strace_output import whole_calls

from .init_channel import pid_inside
from .server_control import lives
from .server_protocol import SPARED, Detach, Inject, InjectionOrder, Met

_BETWEEN_S: Final = 0.002
_EINTR: Final = "EINTR"
_LINE: Final = re.compile(rb"^(?:\[pid +(\d+)\] )?(.*)$", re.MULTILINE)
_FAILED: Final = re.compile(rb"(\w+)\((.*)\) += -1 E\w+.*\(INJECTED\)")
_COMPLAINT: Final = re.compile(rb"^\S*strace: .*$", re.MULTILINE)
_SLEPT_IN: Final = syscalls.ACCEPTS | {"wait4", "waitid"}
_LONGEST: Final = 120
_LEAVING_NS: Final = 2_000_000_000
_KILLED: Final = "strace was killed, as who is traced by it can do"
_STRACE: Final = ("strace", "-qq", "-yy", "-e", "signal=none")


class _Failure(NamedTuple):
    """A call that was made to fail: its thread, where strace tells it, its name and its arguments."""

    pid: bytes
    call: bytes
    on: bytes


class ErrorInjection:
    """At most one strace at a time, attached to the family.

    `pause(s)` waits, and raises when the order is void; `start(argv, fd)` lets init start a program of
    ours with that descriptor for all three of its streams, and gives its pid; `was_killed(pid)` says
    whether a signal has ended it.
    """

    def __init__(
        self,
        observer: Observer,
        pause: Callable[[float], None],
        start: Callable[[list[bytes], int], int],
        was_killed: Callable[[int], bool],
    ) -> None:
        self._observer = observer
        self._pause = pause
        self._start = start
        self._was_killed = was_killed
        self._tracer = self._log = -1

    def obey(self, order: InjectionOrder) -> str | Met:
        """One order and its answer."""
        match order:
            case Inject():
                return self._inject(order)
            case Detach():
                return self._detach(order)
            case _:
                assert_never(order)

    def _inject(self, order: Inject) -> str:
        """Attach strace so that the next of some calls fails with an error; "" or why it cannot be done.

        Init starts it: it must see the cell's own pids. A call on another file than the client's
        connection would be told as one that is none. Source: strace(1), "-e inject", "-P".

        Raises:
            TimeoutError: it neither attached nor gave up.
            OSError: it was killed.
        """
        strace = shutil.which(_STRACE[0], path=os.defpath)
        if strace is None:
            return "strace is not installed"
        look = self._observer.look()
        connection = _end_of(look, order.port)
        if order.error == _EINTR and _never_sleep(look, order, connection):
            return SPARED
        self._log = os.memfd_create("injected")
        alone = self._asleep_in(order.calls)
        living = procfs.living_task_ids(order.pid) or [order.pid]
        on_connections, elsewhere = _readers(look, order)
        few = {alone} if alone else set(living) - elsewhere if elsewhere else set()
        calls = ",".join(f"?{call}" for call in on_connections or order.calls)
        words = ["-e", f"trace={calls}", "-e", f"inject={calls}:error={order.error}:when=1"]
        words += [] if few else ["-f"]
        if connection:
            words += ["-P", f"socket:[{connection}]"]
        for tid in sorted(few) or living[:1]:
            words += ["-p", str(pid_inside(tid, self._observer.init))]
        self._tracer = self._start(
            [os.fsencode(word) for word in (strace, *_STRACE[1:], *words)], self._log
        )
        self._observer.uninvolved.add(self._tracer)
        while not _are_traced(few or procfs.living_task_ids(order.pid)) and not self._met():
            if time.monotonic_ns() > order.deadline_ns:
                self._take_off()
                raise TimeoutError("strace did not attach in time")
            if not self._tracer_lives() and not self._met():
                if not lives(order.pid):
                    break  # being attached to has ended it: no refusal
                said = b" ".join(_COMPLAINT.findall(self._read_log()))
                self._take_off()
                if self._was_killed(self._tracer):
                    raise OSError(_KILLED)
                return said.decode(errors="replace") or "strace could not attach"
            self._pause(_BETWEEN_S)
        self._observer.prove(order.deadline_ns, rest_will_do=True)
        return ""

    def _asleep_in(self, calls: Sequence[str]) -> int | None:
        """The threads that sleep in such a call already; of a pool only one, or all would fail."""
        tasks = (task for process in self._observer.read_family() for task in process.tasks)
        slept_in = _SLEPT_IN.intersection(calls)
        return next((task.tid for task in tasks if task.call and task.call.name in slept_in), None)

    def _detach(self, order: Detach) -> Met:
        """Wait until the family rests, then take strace off, and say on which file the error was met.

        Taken off in mid-injection, strace would leave the call with ENOSYS, which nobody documents.

        Raises:
            OSError: it was killed before any error was met.
        """
        self._observer.prove(order.deadline_ns, rest_will_do=True)
        met = self._met()
        was_killed = not met and self._was_killed(self._tracer)
        self._take_off()
        if was_killed:
            raise OSError(_KILLED)
        return _summed_up(met)

    def _met(self) -> list[_Failure]:
        return _failures(self._read_log())

    def _read_log(self) -> bytes:
        return os.pread(self._log, 1 << 20, 0)

    def _tracer_lives(self) -> bool:
        """Only as init's child: a pid that had gone before it was looked up may be anybody's by now."""
        init = self._observer.init
        seen = census.look_at(self._tracer) if self._tracer in procfs.children(init, [init]) else None
        return seen is not None and not seen[0].is_zombie

    def _take_off(self) -> None:
        """End strace by SIGINT, on which it detaches; by SIGKILL when it does not go."""
        end_ns = time.monotonic_ns() + _LEAVING_NS
        while self._tracer_lives():
            late = time.monotonic_ns() > end_ns
            with contextlib.suppress(OSError):
                os.kill(self._tracer, signal.SIGKILL if late else signal.SIGINT)
            self._pause(_BETWEEN_S)
        os.close(self._log)


def _end_of(look: Look, port: int) -> int:
    """The server's end of a client's connection, by its inode; 0 where there is none."""
    return next((row.inode for row in look.rows if port and row.remote[1] == port and row.inode), 0)


def _never_sleep(look: Look, order: Inject, connection: int) -> bool:
    """Whether these calls are made on a socket in non-blocking mode."""
    if order.port:
        return never_waits(order.pid, connection)
    if not syscalls.ACCEPTS.issuperset(order.calls):
        return False
    return any(never_waits(order.pid, row.inode) for row in look.rows if row.state is State.LISTEN)


def _readers(look: Look, order: Inject) -> tuple[list[str], set[int]]:
    """The reads in which a process sleeps on connections, and the threads that read something else.

    A thread that reads commands, or a channel of its own, reads again once it is traced, and would
    fail with an error that is not meant for it. So would one that has met it on its connection and
    then waits for work by another kind of read: each kind fails once.
    """
    connections = {("socket", row.inode) for row in look.rows}
    readers = [
        (task.tid, call.name, kind_of(process.told_by, call.descriptor) in connections)
        for process in look.processes
        if process.pid == order.pid
        for task in process.tasks
        if (call := task.call) is not None and call.name in syscalls.READS.intersection(order.calls)
    ]
    on_connections = sorted({name for _, name, is_there in readers if is_there})
    return on_connections, {tid for tid, _, is_there in readers if not is_there}


def _are_traced(tids: Collection[int]) -> bool:
    """Whether there are such threads, and each has its tracer."""
    return bool(tids) and all(map(procfs.tracer, tids))


def _failures(log: bytes) -> list[_Failure]:
    """The calls that strace made to fail, in the order they returned."""
    calls = [(pid, _FAILED.match(call)) for pid, call, _ in whole_calls(_LINE.findall(log))]
    return [_Failure(pid, failed[1], failed[2]) for pid, failed in calls if failed]


def _summed_up(met: list[_Failure]) -> Met:
    """What befell a socket first, and how often; what befell something else beside it.

    Each thread meets the error for itself, and once for each kind of call. What the same thread meets
    later came of it: a traceback that cannot be written.
    """
    of_sockets = [each for each in met if b"<socket:" in each.on or b"<TCP" in each.on] or met
    if not of_sockets:
        return Met("", "", 0)
    first = of_sockets[0]
    others = [
        each
        for number, each in enumerate(met)
        if each not in of_sockets and (number < met.index(first) or each.pid != first.pid)
    ]
    on = first.on.decode(errors="replace")[:_LONGEST]
    return Met(first.call.decode(), on, len(of_sockets), beside=len(others))
