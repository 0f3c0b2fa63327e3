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
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

from harness.observe import census, stacks, syscalls
from harness.observe.held import Holder
from harness.observe.quiescence import Observer

from . import wire
from .init_channel import pid_inside

_PAUSE_S: Final = 0.0003
_BETWEEN_S: Final = 0.002
_LIMITS: Final = {"descriptors": resource.RLIMIT_NOFILE, "processes": resource.RLIMIT_NPROC}
_LINE: Final = re.compile(rb"^(?:\[pid +(\d+)\] )?(.*)$", re.MULTILINE)
_CUT: Final = b" <unfinished ...>"
_GOES_ON: Final = re.compile(rb"<\.\.\. (\w+) resumed>")
_FAILED: Final = re.compile(rb"(\w+)\((.*)\) += -1 E\w+.*\(INJECTED\)")
_COMPLAINT: Final = re.compile(rb"^\S*strace: .*$", re.MULTILINE)
_SLEPT_IN: Final = syscalls.ACCEPTS | {"wait4", "waitid"}
_POLLS: Final = {"poll", "ppoll"}
_LONGEST: Final = 120
_MOST_STANDING: Final = 3
_LEAVING_NS: Final = 2_000_000_000
_STRACE: Final = ("strace", "-qq", "-y", "-e", "signal=none")

Order = Callable[[wire.Message, list[int]], wire.Message]


class ServerControl:
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
        self.holder = Holder(self._moment)
        self._lowered: dict[int, dict[tuple[int, int], tuple[int, int]]] = {}
        self._tracer = self._log = -1
        self.orders: dict[str, Order] = {
            "signal": self._signal,
            "interrupt": self._interrupt,
            "freeze": self._freeze,
            "limit": self._limit,
            "lift": self._lift,
            "inject": self._inject,
            "detach": self._detach,
            "idle": self._idle,
            "kill": self._kill,
            "lives": self._lives,
            "stand": self._stand,
        }

    def _moment(self) -> None:
        self._pause(_BETWEEN_S)

    def _family(self) -> list[census.Process]:
        return census.family(self._observer.init, without=self._observer.strangers)

    def _signal(self, order: wire.Message, _: list[int]) -> wire.Message:
        goes_on = order["signal"] == signal.SIGCONT and self.holder.let_go(order["pid"])
        if not goes_on:
            os.kill(order["pid"], order["signal"])
        return {"at_ns": time.monotonic_ns()}

    def _interrupt(self, order: wire.Message, _: list[int]) -> wire.Message:
        """SIGINT to the group of one process, as far as that is the family's: ours may be in it too."""
        group = _group_of(order["pid"])
        together = [each.pid for each in self._family() if group and _group_of(each.pid) == group]
        for pid in together:
            _kill_if_there(pid, signal.SIGINT)
        return {"at_ns": time.monotonic_ns()}

    def _lives(self, order: wire.Message, _: list[int]) -> wire.Message:
        seen = census.look_at(order["pid"])
        return {"lives": seen is not None and not seen[0].is_zombie}

    def _stand(self, _: wire.Message, __: list[int]) -> wire.Message:
        """Where the first of the family stand in their program; one who runs is held for the look."""
        found = []
        family = [each for each in self._family() if each.tasks and not each.is_zombie]
        for process in family[:1] + family[1:][-_MOST_STANDING:]:
            for task in process.tasks[:_MOST_STANDING]:
                call = task.call.name if task.call else ""
                look = partial(stacks.standing, process.pid, task.tid)
                if task.call is not None:  # vfork() takes its return address off the stack
                    frames = [] if task.call.is_vfork else look()
                else:
                    frames = self.holder.look(task.tid, look) or []
                found.append({"pid": process.pid, "call": call, "frames": frames, "told": ""})
            caught = process.tasks[0].caught
            found[-1]["told"] = stacks.told(process.pid, caught, self._moment)
        return {"standing": found}

    def _freeze(self, order: wire.Message, _: list[int]) -> wire.Message:
        """Stop a process, and wait until every thread has; SIGCONT lets it go on.

        By SIGSTOP where its parent is to be `told`, or is no one of the subject's; else it is held.
        """
        pids = {process.pid for process in self._family()}
        seen = census.look_at(order["pid"])
        is_told = order["told"] or seen is None or seen[0].ppid not in pids
        if is_told or not self.holder.hold(order["pid"]):
            os.kill(order["pid"], signal.SIGSTOP)
        while time.monotonic_ns() < order["deadline_ns"]:
            seen = census.look_at(order["pid"])
            if seen is None or all(task.state in "TtZX" for task in seen[0].tasks):
                return {"frozen": seen is not None, "at_ns": time.monotonic_ns()}
            self._pause(_PAUSE_S)
        return {"frozen": False, "at_ns": time.monotonic_ns()}

    def _kill(self, order: wire.Message, _: list[int]) -> wire.Message:
        """End the whole family, faster than it can fork: stop all, then kill all."""
        while time.monotonic_ns() < order["deadline_ns"] and (left := self._family()):
            for number in (signal.SIGSTOP, signal.SIGKILL):
                for process in left:
                    _kill_if_there(process.pid, number)
            self._pause(_PAUSE_S)
        return {"left": len(self._family())}

    def _limit(self, order: wire.Message, _: list[int]) -> wire.Message:
        """Lower a soft limit so far that the next descriptor, or the next process, is refused.

        `bound` counts those it was done to. A poll() of more places than that would fail itself, though
        nobody came (poll(2), EINVAL): who sleeps in one is spared.
        """
        which = _LIMITS[order["resource"]]
        bound, lowered = 0, self._lowered.setdefault(which, {})
        for process in self._family():
            with contextlib.suppress(OSError):
                soft, hard = resource.prlimit(process.pid, which)
                lowered[process.pid, process.started] = soft, hard
                least = _lowest_free(process.pid) if which == resource.RLIMIT_NOFILE else 0
                if which == resource.RLIMIT_NOFILE and _places_polled(process) > least:
                    continue
                resource.prlimit(process.pid, which, (least, hard))
                bound += 1
        return {"bound": bound}

    def _lift(self, order: wire.Message, _: list[int]) -> wire.Message:
        """Give each process its own limit back, and whoever was born meanwhile its parent's.

        One whose parent has gone gets what the first of the family had.
        """
        which = _LIMITS[order["resource"]]
        own = self._lowered.pop(which, {})
        usual = next(iter(own.values()), None)
        by_pid: dict[int, tuple[int, int]] = {}
        for process in self._family():  # parents before their children
            limit = own.get((process.pid, process.started)) or by_pid.get(process.ppid, usual)
            if limit is not None:
                by_pid[process.pid] = limit
                with contextlib.suppress(OSError):
                    resource.prlimit(process.pid, which, limit)
        return {}

    def _inject(self, order: wire.Message, _: list[int]) -> wire.Message:
        """Attach strace so that the next of some calls fails with an error; `detach` takes it off.

        Init starts it: it must see the cell's own pids. Source: strace(1), "-e inject".

        Raises:
            TimeoutError: it neither attached nor gave up.
        """
        strace = shutil.which(_STRACE[0], path=os.defpath)
        if strace is None:
            return {"refused": "strace is not installed"}
        self._log = os.memfd_create("injected")
        calls = ",".join(f"?{call}" for call in order["calls"])
        words = ["-e", f"trace={calls}", "-e", f"inject={calls}:error={order['error']}:when=1"]
        alone = self._asleep_in(order["calls"])
        words += ["-p", str(pid_inside(alone))] if alone else ["-f", "-p", str(pid_inside(order["pid"]))]
        self._tracer = self._start([strace, *_STRACE[1:], *words], self._log)
        self._observer.uninvolved.add(self._tracer)
        while not (_is_traced(alone) if alone else _is_all_traced(order["pid"])) and not self._met():
            if time.monotonic_ns() > order["deadline_ns"]:
                self._take_off()
                raise TimeoutError("strace did not attach in time")
            if not self._tracer_lives() and not self._met():
                if not self._lives(order, [])["lives"]:
                    break  # being attached to has ended it: no refusal
                said = b" ".join(_COMPLAINT.findall(self._read_log()))
                self._take_off()
                return {"refused": said.decode(errors="replace") or "strace could not attach"}
            self._pause(_BETWEEN_S)
        self._observer.prove(order["deadline_ns"], rest_will_do=True)
        return {"refused": ""}

    def _asleep_in(self, calls: Sequence[str]) -> int | None:
        """Who sleeps in such a call already: one of a pool alone, or all of it would fail at once."""
        tasks = (task for process in self._family() for task in process.tasks)
        slept_in = _SLEPT_IN.intersection(calls)
        return next((task.tid for task in tasks if task.call and task.call.name in slept_in), None)

    def _detach(self, order: wire.Message, _: list[int]) -> wire.Message:
        """Wait until the family rests, then take strace off, and say which error was met on what.

        Each thread meets it for itself, and each kind of call: what befell a socket comes first, and
        `times` tells how often. Taken off in mid-injection, strace would leave the call with ENOSYS,
        which nobody documents.
        """
        self._observer.prove(order["deadline_ns"], rest_will_do=True)
        met = self._met()
        self._take_off()
        met = [each for each in met if b"<socket:" in each[1] or b"<TCP" in each[1]] or met
        call, on = met[0] if met else (b"", b"")
        return {
            "call": call.decode(),
            "on": on.decode(errors="replace")[:_LONGEST],
            "times": len(met),
        }

    def _met(self) -> list[tuple[bytes, bytes]]:
        """Each call that was made to fail, and its arguments."""
        return _failures(self._read_log())

    def _read_log(self) -> bytes:
        return os.pread(self._log, 1 << 20, 0)

    def _tracer_lives(self) -> bool:
        """Only as init's child: a pid that had gone before it was looked up may be anybody's by now."""
        init = self._observer.init
        seen = census.look_at(self._tracer) if self._tracer in census.children(init, [init]) else None
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


def _is_traced(tid: int) -> bool:
    return bool(census.field(census.read(f"/proc/{tid}/status") or b"", b"\nTracerPid:\t", 10))


def _is_all_traced(pid: int) -> bool:
    """Whether every thread of a process has its tracer."""
    try:
        return all(_is_traced(int(tid)) for tid in os.listdir(f"/proc/{pid}/task"))
    except OSError:
        return False


def _failures(log: bytes) -> list[tuple[bytes, bytes]]:
    """The calls that strace made to fail, with their arguments, in the order they returned.

    It cuts a call in two where somebody else's comes between.
    """
    begun: dict[bytes, bytes] = {}
    found = []
    for pid, words in _LINE.findall(log):
        if words.endswith(_CUT):
            begun[pid] = words.removesuffix(_CUT)
        elif cut := _GOES_ON.match(words):
            head = begun.pop(pid, None) or begun.pop(b"", cut[1] + b"(")
            words = head + words[cut.end() :]  # noqa: PLW2901
        if failed := _FAILED.match(words):
            found.append((failed[1], failed[2]))
    return found


def _used(family: list[census.Process]) -> dict[int, tuple[int, int]]:
    """By tid: nanoseconds on a processor (/proc/PID/schedstat), and how often it has gone to sleep."""
    found: dict[int, tuple[int, int]] = {}
    for process in family:
        for task in process.tasks:
            line: Any = census.read(f"/proc/{process.pid}/task/{task.tid}/schedstat")
            ticks_ns = process.cpu_ticks * 1_000_000_000 // census.TICKS_PER_S
            found[task.tid] = int(line.split()[0]) if line else ticks_ns, task.switches[0]
    return found
