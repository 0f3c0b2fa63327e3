"""The keeper's hand on the server itself: signals, limits, an idle measurement.

It has the subject's uid: another's limits, signals and memory are out of anyone else's reach in a
container (prlimit(2), ptrace(2)).
"""

import contextlib
import os
import resource
import signal
import time
from collections.abc import Callable
from typing import Final, assert_never

from harness.observe import census, procfs
from harness.observe.held import Holder
from harness.observe.quiescence import Observer

from . import server_protocol as orders

_PAUSE_S: Final = 0.0003
_LIMITS: Final = {"descriptors": resource.RLIMIT_NOFILE, "processes": resource.RLIMIT_NPROC}
_POLLS: Final = {"poll", "ppoll"}


class ServerControl:
    """Orders that act on the family.

    `pause(s)` waits, and raises when the order is void; `holder` holds processes that are frozen.
    """

    def __init__(self, observer: Observer, pause: Callable[[float], None], holder: Holder) -> None:
        self._observer = observer
        self._pause = pause
        self._holder = holder
        self._lowered: dict[int, dict[tuple[int, int], tuple[int, int]]] = {}

    def obey(self, order: orders.ServerOrder) -> orders.Used | orders.Paused | bool | int | None:
        """One order and its answer."""
        match order:
            case orders.SendSignal():
                self._signal(order)
            case orders.Interrupt():
                self._interrupt(order)
            case orders.Freeze() | orders.Pause():
                return (
                    self._freeze(order) if isinstance(order, orders.Freeze) else self._pause_all(order)
                )
            case orders.Limit():
                return self._limit(_LIMITS[order.resource])
            case orders.Lift():
                self._lift(_LIMITS[order.resource])
            case orders.MeasureIdle():
                return self._idle(order)
            case orders.KillFamily():
                return self._kill(order)
            case orders.AskLives():
                return lives(order.pid)
            case _:
                assert_never(order)
        return None

    def _signal(self, order: orders.SendSignal) -> None:
        goes_on = order.signal == signal.SIGCONT and self._holder.let_go(order.pid)
        if not goes_on:
            os.kill(order.pid, order.signal)

    def _interrupt(self, order: orders.Interrupt) -> None:
        """SIGINT to the group of one process, as far as that is the family's: ours may be in it too."""
        group = _group_of(order.pid)
        family = self._observer.read_family()
        for pid in [each.pid for each in family if group and _group_of(each.pid) == group]:
            _kill_if_there(pid, signal.SIGINT)

    def _freeze(self, order: orders.Freeze) -> bool:
        """Stop a process, and wait until every thread has; SIGCONT lets it go on.

        SIGSTOP stops it if its parent is to be `told`; else the holder holds it, and it never hears of
        it: a handler for SIGCONT would tell it that it is judged. Another tracer may keep SIGSTOP from
        it (ptrace(2)): whether it does is seen once all have come to rest.
        """
        if order.told or not self._holder.hold(order.pid):
            os.kill(order.pid, signal.SIGSTOP)
            if _is_traced_by_another(order.pid):
                self._observer.prove(order.deadline_ns, rest_will_do=True)
                seen = census.look_at(order.pid)
                return seen is not None and _has_stopped(seen[0])
        while time.monotonic_ns() < order.deadline_ns:
            seen = census.look_at(order.pid)
            if seen is None or _has_stopped(seen[0], or_is="D"):  # in vfork(): SIGSTOP waits behind it
                return seen is not None
            self._pause(_PAUSE_S)
        return False

    def _pause_all(self, order: orders.Pause) -> orders.Paused:
        """Stop all, parents before their children, and let them go on in that order.

        A process that no signal wakes, as in vfork(), is not waited for.
        """
        pids = [each.pid for each in self._observer.read_family() if not each.is_zombie]
        have_stopped = False
        try:
            for pid in pids:
                _kill_if_there(pid, signal.SIGSTOP)
            while not have_stopped and time.monotonic_ns() < order.deadline_ns:
                self._pause(_PAUSE_S)
                have_stopped = all(_has_stopped(each, "D") for each in self._observer.read_family())
        finally:
            for pid in pids:
                _kill_if_there(pid, signal.SIGCONT)
        return orders.Paused(pids, have_stopped)

    def _kill(self, order: orders.KillFamily) -> int:
        """End the whole family, faster than it can fork: stop all, then kill all; how many are left."""
        while time.monotonic_ns() < order.deadline_ns and (left := self._observer.read_family()):
            for number in (signal.SIGSTOP, signal.SIGKILL):
                for process in left:
                    _kill_if_there(process.pid, number)
            self._pause(_PAUSE_S)
        return len(self._observer.read_family())

    def _limit(self, which: int) -> int:
        """Lower a soft limit so far that the next descriptor, or the next process, is refused.

        Returns the number of processes whose limit was lowered. A poll() of more places than the limit
        would fail by itself, with no client there (poll(2), EINVAL): a process that sleeps in such a
        call is spared.
        """
        bound, lowered = 0, self._lowered.setdefault(which, {})
        for process in self._observer.read_family():
            with contextlib.suppress(OSError):
                soft, hard = resource.prlimit(process.pid, which)
                lowered[process.pid, process.started] = soft, hard
                least = _lowest_free(process.told_by) if which == resource.RLIMIT_NOFILE else 0
                if which == resource.RLIMIT_NOFILE and _places_polled(process) > least:
                    continue
                resource.prlimit(process.pid, which, (least, hard))
                bound += 1
        return bound

    def _lift(self, which: int) -> None:
        """Give each process its own limit back; a process born meanwhile gets its parent's.

        A process whose parent has gone gets the limit that the first of the family had.
        """
        own = self._lowered.pop(which, {})
        usual = next(iter(own.values()), None)
        by_pid: dict[int, tuple[int, int]] = {}
        for process in self._observer.read_family():  # parents before their children
            limit = own.get((process.pid, process.started)) or by_pid.get(process.ppid, usual)
            if limit is not None:
                by_pid[process.pid] = limit
                with contextlib.suppress(OSError):
                    resource.prlimit(process.pid, which, limit)

    def _idle(self, order: orders.MeasureIdle) -> orders.Used:
        """The family's use of the processor while no client asks: none where rest is proven."""
        proof = self._observer.prove(order.deadline_ns, rest_will_do=True)
        if proof.kind == "quiet":
            return orders.Used(0, 0, 0)
        before, start_ns = _used(self._observer.read_family()), time.monotonic_ns()
        while time.monotonic_ns() < start_ns + order.window_ns:
            self._pause(0.05)
        after = _used(self._observer.read_family())
        spent = [(after[t][0] - before[t][0], after[t][1] - before[t][1]) for t in before if t in after]
        return orders.Used(
            window_ns=time.monotonic_ns() - start_ns,
            cpu_ns=sum(cpu for cpu, _ in spent),
            wakings=sum(wakings for _, wakings in spent),
        )


def _is_traced_by_another(pid: int) -> bool:
    """Whether another process traces it; this one does while it waits for the stop, in vfork() say."""
    we = int(os.readlink("/proc/self"))  # as /proc counts, whose namespace may be another
    return procfs.tracer(pid) not in {0, we}


def _has_stopped(process: census.Process, or_is: str = "") -> bool:
    return all(task.state in "TtZX" + or_is for task in process.tasks)


def lives(pid: int) -> bool:
    """Whether a process is there, and no zombie."""
    seen = census.look_at(pid)
    return seen is not None and not seen[0].is_zombie


def _kill_if_there(pid: int, number: int) -> None:
    with contextlib.suppress(OSError):
        os.kill(pid, number)


def _group_of(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except OSError:
        return None


def _lowest_free(pid: int) -> int:
    """The descriptor that the process would be given next."""
    used = {int(name) for name in os.listdir(f"/proc/{pid}/fd")}
    return next(number for number in range(len(used) + 1) if number not in used)


def _places_polled(process: census.Process) -> int:
    """How many places the widest poll() has that one of its threads sleeps in; 0 without any."""
    calls = [task.call for task in process.tasks if task.call is not None]
    return max((call.args[1] for call in calls if call.name in _POLLS), default=0)


def _used(family: list[census.Process]) -> dict[int, tuple[int, int]]:
    """Nanoseconds on a processor (/proc/PID/schedstat) and the number of sleeps, by tid."""
    found: dict[int, tuple[int, int]] = {}
    for process in family:
        for task in process.tasks:
            line = procfs.read(f"/proc/{process.pid}/task/{task.tid}/schedstat")
            ticks_ns = process.cpu_ticks * 1_000_000_000 // procfs.TICKS_PER_S
            found[task.tid] = int(line.split()[0]) if line else ticks_ns, task.switches[0]
    return found
