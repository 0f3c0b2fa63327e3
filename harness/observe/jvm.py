"""A JVM's own threads, as far as the program that runs in the JVM can learn of them.

What they do by the clock is to count, to compile or to tidy up: that never touches the program. But the
one that ends the JVM naps for 10 ms again and again until the others have stopped: it is at work.
"""

import time
from typing import Final

from msgspec.structs import replace as changed

from . import syscalls
from .census import Process
from .tasks import Task

_ENDS_IT: Final = b"VM Thread"
_OWN: Final = frozenset({  # as the kernel cuts the names of HotSpot's threads: proc(5), comm
    _ENDS_IT, b"VM Periodic Tas", b"Monitor Deflati", b"G1 Service", b"C1 CompilerThre",
    b"C2 CompilerThre", b"Sweeper thread", b"Common-Cleaner",
})  # fmt: skip
_SHORT_NAP_NS: Final = 20_000_000


class JvmThreads:
    """Remembers the long sleeps of a thread: in its last moment such a sleep looks like a short nap."""

    def __init__(self) -> None:
        self._long_sleeps: dict[int, tuple[int, int]] = {}  # by tid, the thread's context switches then

    def as_told(self, process: Process) -> Process:
        """The process with its JVM's own threads, if it has any, as its program can learn of them."""
        if _OWN.isdisjoint(task.name for task in process.tasks):
            return process
        tasks = (self._own(process.pid, t) if t.name in _OWN else t for t in process.tasks)
        return changed(process, tasks=tuple(tasks))

    def _own(self, pid: int, task: Task) -> Task:
        call = task.call
        if task.state != "S" or call is None or call.has_no_time_limit:
            return changed(task, switches=(0, 0))
        if call.name == "restart_syscall" and task.name != _ENDS_IT:  # a tracer broke futex(2) off
            return changed(task, switches=(0, 0), call=syscalls.Call("futex", (0,) * len(call.args)))
        if call.name != "futex":
            return task
        if task.name == _ENDS_IT:
            ends_ns = call.ends_ns(pid)
            if ends_ns is None:
                return task
            if ends_ns - time.monotonic_ns() >= _SHORT_NAP_NS:
                self._long_sleeps[task.tid] = task.switches
            elif self._long_sleeps.get(task.tid) != task.switches:
                return changed(task, state="R")
        return changed(task, switches=(0, 0), call=call.without_time_limit)
