"""The family: every process below the cell's init, with its tasks, by (pid, start time).

Walks /proc/PID/task/TID/children from a root, never the whole machine. That file is reliable only
while nothing changes (proc(5)); `quiescence` compares two walks before anyone believes one.
"""

from collections.abc import Callable, Collection, Iterator
from functools import lru_cache

import msgspec
from msgspec.structs import replace as changed

from .procfs import children, read, task_ids
from .tasks import Task, task_of


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
        """Equal in two looks if none of its threads has run between them."""
        return self.pid, self.started, self.tasks and tuple((t.tid, t.switches) for t in self.tasks)


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
        return process if process.is_zombie else changed(process, tasks=(task_of(pid, pid, status),))
    told = {pid: status}
    tasks = tuple(
        task_of(pid, tid, text)
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


def family(init: int, without: Collection[int] = ()) -> list[Process]:
    """Every process below `init`, init itself and the subtrees in `without` left out."""
    return list(walk(children(init, [init]), frozenset(without), look_at))


def walk(
    pids: list[int], without: frozenset[int], look: Callable[[int], tuple[Process, list[int]] | None]
) -> Iterator[Process]:
    """These processes and all below them, parents before their children, as `look` tells them."""
    todo = [pid for pid in reversed(pids) if pid not in without]
    while todo:
        if (seen := look(todo.pop())) is not None:
            process, below = seen
            yield process
            todo.extend(pid for pid in reversed(below) if pid not in without)
