"""The keeper's hand on the server itself: signals, limits, an injected error, an idle measurement.

It has the subject's uid: another's limits, signals and memory are out of anyone else's reach in a
container (prlimit(2), ptrace(2)).
"""

from __future__ import annotations

import contextlib
import os
import re
import resource
import shutil
import signal
import time
from collections.abc import Callable
from typing import Any, Final

from harness.observe import census
from harness.observe.quiescence import Observer

from . import wire
from .line import pid_inside

_PAUSE_S: Final = 0.0003
_BETWEEN_S: Final = 0.002
_LIMITS: Final = {"descriptors": resource.RLIMIT_NOFILE, "processes": resource.RLIMIT_NPROC}
_DONE: Final = re.compile(
    rb"^(?:\[pid +\d+\] +|\d+ +)?(\w+)\((.*)\) += -1 E\w+.*\(INJECTED\)", re.MULTILINE
)
_LONGEST: Final = 120
_LEAVING_NS: Final = 2_000_000_000
_STRACE: Final = ("strace", "-f", "-qq", "-y", "-e", "signal=none")

Order = Callable[[wire.Message, list[int]], wire.Message]


class Hand:
    """Orders that act on the family.

    `pause(s)` waits, and raises when the order is void; `start(argv, fd)` lets init start a program of
    ours with that descriptor for all three of its streams, and gives its pid.
    """

    def __init__(
        self,
        observer: Observer,
        pause: Callable[[float], None],
        start: Callable[[list[str], int], int],
    ) -> None:
        self._observer = observer
        self._pause = pause
        self._start = start
        self._lowered: dict[int, tuple[int, int]] = {}
        self._tracer = self._log = -1
        self.orders: dict[str, Order] = {
            "signal": self._signal,
            "freeze": self._freeze,
            "limit": self._limit,
            "lift": self._lift,
            "inject": self._inject,
            "detach": self._detach,
            "idle": self._idle,
            "kill": self._kill,
            "lives": self._lives,
        }

    def _family(self) -> list[census.Process]:
        return census.family(self._observer.init, without=self._observer.strangers)

    def _signal(self, order: wire.Message, _: list[int]) -> wire.Message:
        os.kill(order["pid"], order["signal"])
        return {"at_ns": time.monotonic_ns()}

    def _lives(self, order: wire.Message, _: list[int]) -> wire.Message:
        seen = census.look_at(order["pid"])
        return {"lives": seen is not None and not seen[0].is_zombie}

    def _freeze(self, order: wire.Message, _: list[int]) -> wire.Message:
        """SIGSTOP, and wait until every thread of the process has stopped."""
        os.kill(order["pid"], signal.SIGSTOP)
        while time.monotonic_ns() < order["deadline_ns"]:
            seen = census.look_at(order["pid"])
            if seen is None or all(task.state in "TZX" for task in seen[0].tasks):
                return {"frozen": seen is not None, "at_ns": time.monotonic_ns()}
            self._pause(_PAUSE_S)
        return {"frozen": False, "at_ns": time.monotonic_ns()}

    def _kill(self, order: wire.Message, _: list[int]) -> wire.Message:
        """End the whole family, faster than it can fork: stop all, then kill all."""
        while time.monotonic_ns() < order["deadline_ns"] and (left := self._family()):
            for number in (signal.SIGSTOP, signal.SIGKILL):
                for process in left:
                    with contextlib.suppress(OSError):
                        os.kill(process.pid, number)
            self._pause(_PAUSE_S)
        return {"left": len(self._family())}

    def _limit(self, order: wire.Message, _: list[int]) -> wire.Message:
        """Lower a soft limit so far that the next descriptor, or the next process, is refused."""
        which = _LIMITS[order["resource"]]
        for process in self._family():
            with contextlib.suppress(OSError):
                soft, hard = resource.prlimit(process.pid, which)
                self._lowered.setdefault(which, (soft, hard))
                least = _lowest_free(process.pid) if which == resource.RLIMIT_NOFILE else 0
                resource.prlimit(process.pid, which, (least, hard))
        return {}

    def _lift(self, order: wire.Message, _: list[int]) -> wire.Message:
        """Put a lowered limit back, for all who have inherited it too."""
        which = _LIMITS[order["resource"]]
        for process in self._family():
            with contextlib.suppress(OSError):
                resource.prlimit(process.pid, which, self._lowered[which])
        return {}

    def _inject(self, order: wire.Message, _: list[int]) -> wire.Message:
        """Attach strace so that the next of some calls fails with an error; `detach` takes it off.

        Init starts it: it must see the cell's own pids. Source: strace(1), "-e inject".
        """
        strace = shutil.which(_STRACE[0], path=os.defpath)
        if strace is None:
            return {"refused": "strace is not installed"}
        self._log = os.memfd_create("injected")
        calls = ",".join(f"?{call}" for call in order["calls"])
        words = ["-e", f"trace={calls}", "-e", f"inject={calls}:error={order['error']}:when=1"]
        self._tracer = self._start(
            [strace, *_STRACE[1:], *words, "-p", str(pid_inside(order["pid"]))], self._log
        )
        while not _is_traced(order["pid"]) and not _DONE.search(self._read_log()):
            gone = census.look_at(self._tracer) is None or time.monotonic_ns() > order["deadline_ns"]
            said = self._read_log()
            if gone and not _DONE.search(said):
                self._take_off()
                return {"refused": said.decode(errors="replace").strip() or "strace could not attach"}
            self._pause(_BETWEEN_S)
        return {"refused": ""}

    def _detach(self, order: wire.Message, _: list[int]) -> wire.Message:
        """Wait until the family rests, then take strace off, and say which error was met on what.

        Taken off in mid-injection, strace would leave the call with ENOSYS, which nobody documents.
        """
        self._observer.prove(order["deadline_ns"], rest_will_do=True)
        seen = _DONE.search(self._read_log())
        self._take_off()
        if seen is None:
            return {"call": "", "on": ""}
        return {"call": seen[1].decode(), "on": seen[2].decode(errors="replace")[:_LONGEST]}

    def _read_log(self) -> bytes:
        return os.pread(self._log, 1 << 20, 0)

    def _take_off(self) -> None:
        """End strace by SIGINT, on which it detaches; by SIGKILL when it does not go."""
        end_ns = time.monotonic_ns() + _LEAVING_NS
        number = signal.SIGINT
        while (seen := census.look_at(self._tracer)) is not None and not seen[0].is_zombie:
            with contextlib.suppress(OSError):
                os.kill(self._tracer, number)
            self._pause(_BETWEEN_S)
            if time.monotonic_ns() > end_ns:
                number = signal.SIGKILL
        os.close(self._log)

    def _idle(self, order: wire.Message, _: list[int]) -> wire.Message:
        """What the family uses while nobody asks anything of it: nothing, where rest is proven."""
        proof = self._observer.prove(order["deadline_ns"], rest_will_do=True)
        if proof.kind == "quiet":
            return {"window_ns": 0, "cpu_ns": 0, "wakings": 0}
        before, start_ns = _used(self._family()), time.monotonic_ns()
        while time.monotonic_ns() < start_ns + order["window_ns"]:
            self._pause(0.05)
        after = _used(self._family())
        spent = [(after[t][0] - before[t][0], after[t][1] - before[t][1]) for t in before if t in after]
        return {
            "window_ns": time.monotonic_ns() - start_ns,
            "cpu_ns": sum(cpu for cpu, _ in spent),
            "wakings": sum(wakings for _, wakings in spent),
        }


def _lowest_free(pid: int) -> int:
    """The descriptor that the process would be given next."""
    used = {int(name) for name in os.listdir(f"/proc/{pid}/fd")}
    return next(number for number in range(len(used) + 1) if number not in used)


def _is_traced(pid: int) -> bool:
    """Whether every thread of a process has its tracer."""
    try:
        tids = os.listdir(f"/proc/{pid}/task")
    except OSError:
        return False
    status = [census.read(f"/proc/{pid}/task/{tid}/status") or b"" for tid in tids]
    return all(census.field(each, b"\nTracerPid:\t", 10) for each in status)


def _used(family: list[census.Process]) -> dict[int, tuple[int, int]]:
    """By tid: nanoseconds on a processor (/proc/PID/schedstat), and how often it has gone to sleep."""
    found: dict[int, tuple[int, int]] = {}
    for process in family:
        for task in process.tasks:
            line: Any = census.read(f"/proc/{process.pid}/task/{task.tid}/schedstat")
            ticks_ns = process.cpu_ticks * 1_000_000_000 // census.TICKS_PER_S
            found[task.tid] = int(line.split()[0]) if line else ticks_ns, task.switches[0]
    return found
