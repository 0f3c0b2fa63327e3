"""The family: every process below the cell's init, with its tasks, by (pid, start time).

Walks /proc/PID/task/TID/children from a root, never the whole machine. That file is reliable only
while nothing changes (proc(5)); `quiescence` compares two walks before anyone believes one.
"""

import os
import time
from collections.abc import Callable, Collection, Iterator
from functools import lru_cache
from typing import Final, NamedTuple

import msgspec
from msgspec.structs import replace as changed

from . import syscalls

STOPPED: Final = frozenset("Tt")
PAGE_KB: Final = os.sysconf("SC_PAGE_SIZE") // 1024
LONGEST: Final = 4096  # bytes that are read of a /proc file about one process or task
TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")
_OF_A_JVM: Final = frozenset(  # as the kernel cuts the names of HotSpot's threads: proc(5), comm
    b"Name:\t%b\n" % name
    for name in (
        b"VM Thread", b"VM Periodic Tas", b"Monitor Deflati", b"G1 Service", b"C1 CompilerThre",
        b"C2 CompilerThre", b"Sweeper thread", b"Common-Cleaner",
    )
)  # fmt: skip
_ENDS_IT: Final = b"Name:\tVM Thread\n"
_SHORT_NAP_NS: Final = 20_000_000
_long_sleeps: Final[dict[int, tuple[int, int]]] = {}  # of such tasks, by tid: seen when more was left


class Masks(NamedTuple):
    """The signal masks of a thread (proc(5)); `pending` is the thread's and the process's."""

    pending: int
    blocked: int
    ignored: int
    caught: int


class Task(msgspec.Struct, frozen=True):
    """One thread: its state letter, its context switches so far, its signals, the call it sleeps in."""

    tid: int
    state: str
    switches: tuple[int, int]
    masks: Masks
    call: syscalls.Call | None

    @property
    def pending(self) -> int:
        """The signals that wait, and are not blocked: the thread is about to handle them."""
        return self.masks.pending & ~self.masks.blocked

    @property
    def caught(self) -> int:
        """The signals that have a handler."""
        return self.masks.caught


class Process(msgspec.Struct, frozen=True):
    """One process. `exit_code` is the raw wait status of a zombie.

    `own_ticks` of CPU were used by its own tasks, `cpu_ticks` also by the children it has waited for;
    `waited` counts the page faults of those (proc(5), cminflt): it grows with each wait.
    """

    pid: int
    ppid: int
    started: int
    state: str
    cpu_ticks: int
    own_ticks: int
    exit_code: int
    tasks: tuple[Task, ...] = ()
    waited: int = 0
    group: int = 0
    session: int = 0

    @property
    def is_zombie(self) -> bool:
        """True for a child that has exited and was not yet waited for."""
        return self.state in "ZX"

    @property
    def told_by(self) -> int:
        """The thread under whose id /proc shows what all threads of the process share.

        It is the first; another once the first has left (pthread_exit(3)): it is a zombie then, and
        its own files in /proc are empty.
        """
        if not self.tasks or self.tasks[0].tid == self.pid:
            return self.pid
        first_lives = any(task.tid == self.pid for task in self.tasks)
        return self.pid if first_lives else self.tasks[0].tid

    @property
    def course(self) -> tuple[object, ...]:
        """The same in two looks when no thread of it has run between them."""
        return self.pid, self.started, self.tasks and tuple((t.tid, t.switches) for t in self.tasks)


def read(path: str) -> bytes | None:
    """The first 4 KiB of a /proc file, or None when the process has gone or hides."""
    try:
        fd = os.open(path, os.O_RDONLY)
    except OSError:
        return None
    try:
        return os.read(fd, LONGEST)
    except OSError:
        return None
    finally:
        os.close(fd)


def children(pid: int, tids: Collection[int]) -> list[int]:
    """Pids of the living and zombie children of every thread of one process."""
    found: list[int] = []
    for tid in tids:
        if line := read_all(f"/proc/{pid}/task/{tid}/children"):
            found.extend(map(int, line.split()))
    return found


def read_all(path: str) -> bytes:
    """A /proc file of any length; empty when it is gone."""
    try:
        fd = os.open(path, os.O_RDONLY)
    except OSError:
        return b""
    found = b""
    try:
        while part := os.read(fd, 65_536):
            found += part
    except OSError:
        return b""
    finally:
        os.close(fd)
    return found


def task_ids(pid: int) -> list[int]:
    """The ids of a process's threads (tid), in order; none where it has gone."""
    try:
        return sorted(map(int, os.listdir(f"/proc/{pid}/task")))
    except OSError:
        return []


def living_task_ids(pid: int) -> list[int]:
    """The ids of those threads that have not ended; the first may have, before the others."""
    stats = {tid: read(f"/proc/{pid}/task/{tid}/stat") for tid in task_ids(pid)}
    return [tid for tid, line in stats.items() if line and line[line.rindex(b")") + 2] not in b"ZX"]


def look_at(pid: int) -> tuple[Process, list[int]] | None:
    """One process and the pids of its children; None when it has gone."""
    status = read(f"/proc/{pid}/status")
    process = None if status is None else process_of(pid, status)
    if process is None:
        return None
    tids = [task.tid for task in process.tasks] or [pid]
    return process, [] if process.is_zombie else children(pid, tids)


def process_of(pid: int, status: bytes) -> Process | None:
    """A process that has just told this status (proc(5)); None when it has gone.

    All else is read after it. If the status is still the same later, all was read in one sleep.
    """
    line = read(f"/proc/{pid}/stat")
    if line is None:
        return None
    process, threads = _process(pid, line[line.rindex(b")") + 2 :])
    if threads <= 1:
        return process if process.is_zombie else changed(process, tasks=(_task_of(pid, pid, status),))
    told = {pid: status}
    tasks = tuple(
        _task_of(pid, tid, text)
        for tid in task_ids(pid)
        if (text := told.get(tid) or read(f"/proc/{pid}/task/{tid}/status")) is not None
    )
    if not tasks:
        return None
    if process.is_zombie and (rest := tuple(task for task in tasks if task.state not in "ZX")):
        process, tasks = changed(process, state=rest[0].state), rest  # its first thread has left
    return changed(process, tasks=tasks)


@lru_cache(maxsize=1024)
def _process(pid: int, text: bytes) -> tuple[Process, int]:
    """A process without its tasks, and how many it has, by the part of its stat behind its name.

    A process that sleeps is read again and again, and this part stays the same.
    """
    fields = text.split()
    own = int(fields[11]) + int(fields[12])
    process = Process(
        pid=pid,
        ppid=int(fields[1]),
        started=int(fields[19]),
        state=fields[0].decode(),
        cpu_ticks=own + int(fields[13]) + int(fields[14]),
        own_ticks=own,
        exit_code=int(fields[49]),
        waited=int(fields[8]),
        group=int(fields[2]),
        session=int(fields[3]),
    )
    return process, int(fields[17])


def own_times(pid: int) -> tuple[int, int]:
    """The ticks of CPU that a process has used itself, and those of them in the kernel."""
    line = read(f"/proc/{pid}/stat")
    if line is None:
        return 0, 0
    user, kernel = map(int, line[line.rindex(b")") + 2 :].split()[11:13])
    return user + kernel, kernel


def family(init: int, without: Collection[int] = ()) -> list[Process]:
    """Every process below `init`, init itself and the subtrees in `without` left out."""
    return list(walk(children(init, [init]), frozenset(without), look_at))


def walk(
    pids: list[int],
    without: frozenset[int],
    look: Callable[[int], tuple[Process, list[int]] | None],
) -> Iterator[Process]:
    """These processes and all below them, parents before their children, as `look` tells them."""
    todo = [pid for pid in reversed(pids) if pid not in without]
    while todo:
        if (seen := look(todo.pop())) is not None:
            process, below = seen
            yield process
            todo.extend(pid for pid in reversed(below) if pid not in without)


def _task(pid: int, tid: int) -> Task | None:
    status = read(f"/proc/{pid}/task/{tid}/status")
    return None if status is None else _task_of(pid, tid, status)


def _task_of(pid: int, tid: int, status: bytes) -> Task:
    """A task that has just told this status."""
    call = read(f"/proc/{pid}/task/{tid}/syscall")
    task = Task(
        tid=tid,
        state=chr(status[status.index(b"\nState:\t") + 8]),
        switches=_switches(status[status.find(b"\nvoluntary_ctxt_switches:") :]),
        masks=_masks_in(status),
        call=syscalls.parse(call) if call else None,
    )
    name = status[: status.find(b"\n") + 1]
    return _of_a_jvm(pid, name, task) if name in _OF_A_JVM else task


def _of_a_jvm(pid: int, name: bytes, task: Task) -> Task:
    """One of a JVM's own tasks, as far as the program that runs in the JVM can learn of it.

    What it does by the clock is to count, to compile or to tidy up: it waits for an event, then. But the
    one that ends the JVM naps for 10 ms again and again until the others have stopped: it is at work.
    """
    call = task.call
    if task.state != "S" or call is None or call.has_no_time_limit:
        return changed(task, switches=(0, 0))
    if call.name == "restart_syscall" and name != _ENDS_IT:  # a tracer has broken its futex(2) off
        return changed(task, switches=(0, 0), call=syscalls.Call("futex", (0,) * len(call.args)))
    if call.name != "futex":
        return task
    if name == _ENDS_IT:
        ends_ns = call.ends_ns(pid)
        if ends_ns is None:
            return task
        if ends_ns - time.monotonic_ns() >= _SHORT_NAP_NS:
            _long_sleeps[task.tid] = task.switches
        elif _long_sleeps.get(task.tid) != task.switches:
            return changed(task, state="R")
    return changed(task, switches=(0, 0), call=call.without_time_limit)


def masks(pid: int) -> Masks | None:
    """The signal masks of a process; None when it has gone."""
    status = read(f"/proc/{pid}/status")
    return _masks_in(status) if status else None


def _masks_in(status: bytes) -> Masks:
    """The signal masks in a /proc/PID/status text; none are set where the kernel tells none."""
    start, last = status.find(b"\nSigPnd:"), status.find(b"\nSigCgt:")
    return _masks(status[start : status.find(b"\n", last + 1)]) if start >= 0 else Masks(0, 0, 0, 0)


@lru_cache(maxsize=1024)
def _masks(lines: bytes) -> Masks:
    """Of the five lines from SigPnd to SigCgt."""
    own, shared, blocked, ignored, caught = (int(mask, 16) for mask in lines.split()[1::2])
    return Masks(own | shared, blocked, ignored, caught)


@lru_cache(maxsize=1024)
def _switches(lines: bytes) -> tuple[int, int]:
    """How often it gave the processor up, and how often it was taken away; 0 if not told."""
    words = lines.split(None, 4)
    return (int(words[1]), int(words[3])) if words[0] == b"voluntary_ctxt_switches:" else (0, 0)


def task_ticks(pid: int, tid: int) -> int:
    """CPU ticks that one task has used; 0 when it has gone."""
    line = read(f"/proc/{pid}/task/{tid}/stat")
    return 0 if line is None else sum(map(int, line[line.rindex(b")") + 2 :].split()[11:13]))


def still_sleeps(pid: int, task: Task) -> bool:
    """Whether a task is still in the same sleep in which it was seen."""
    now = _task(pid, task.tid)
    return now is not None and (now.switches, now.call) == (task.switches, task.call)


def own_memory_kb(pid: int) -> int:
    """Resident memory in KiB that the process has written to, no file's pages (proc(5), statm)."""
    line = read(f"/proc/{pid}/statm")
    if line is None:
        return 0
    resident, shared = line.split()[1:3]
    return (int(resident) - int(shared)) * PAGE_KB


def tracer(tid: int) -> int:
    """Who traces this task (ptrace(2)); 0 where nobody does, or it has gone."""
    return field(read(f"/proc/{tid}/status") or b"", b"\nTracerPid:\t", 10)


def field(status: bytes, key: bytes, base: int) -> int:
    """One number of a /proc/PID/status text, 0 when the line is missing."""
    start = status.find(key)
    if start < 0:
        return 0
    start += len(key)
    return int(status[start : status.index(b"\n", start)], base)
