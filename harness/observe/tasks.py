"""A thread as /proc shows it: its state, its context switches, its signals, the call it sleeps in."""

from functools import lru_cache
from typing import NamedTuple

import msgspec

from . import syscalls
from .procfs import read


class Masks(NamedTuple):
    """The signal masks of a thread (proc(5)); `pending` is the thread's and the process's."""

    pending: int
    blocked: int
    ignored: int
    caught: int


class Task(msgspec.Struct, frozen=True):
    """One thread: state, switches, signals, call; `name` is cut after 15 bytes (proc(5), comm)."""

    tid: int
    state: str
    switches: tuple[int, int]
    masks: Masks
    call: syscalls.Call | None
    name: bytes = b""

    @property
    def pending(self) -> int:
        """The signals that wait, and are not blocked: the thread is about to handle them."""
        return self.masks.pending & ~self.masks.blocked

    @property
    def caught(self) -> int:
        """The signals that have a handler."""
        return self.masks.caught


def task_of(pid: int, tid: int, status: bytes) -> Task:
    """A thread that has just told this status."""
    call = read(f"/proc/{pid}/task/{tid}/syscall")
    return Task(
        tid=tid,
        state=chr(status[status.index(b"\nState:\t") + 8]),
        switches=_switches(status[status.find(b"\nvoluntary_ctxt_switches:") :]),
        masks=_masks_in(status),
        call=syscalls.parse(call) if call else None,
        name=status[len(b"Name:\t") : status.index(b"\n")],
    )


def still_sleeps(pid: int, task: Task) -> bool:
    """Whether a thread is still in the same sleep in which it was seen."""
    status = read(f"/proc/{pid}/task/{task.tid}/status")
    now = None if status is None else task_of(pid, task.tid, status)
    return now is not None and (now.switches, now.call) == (task.switches, task.call)


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
    """The masks in the five lines from SigPnd to SigCgt."""
    own, shared, blocked, ignored, caught = (int(mask, 16) for mask in lines.split()[1::2])
    return Masks(own | shared, blocked, ignored, caught)


@lru_cache(maxsize=1024)
def _switches(lines: bytes) -> tuple[int, int]:
    """How often it gave the processor up, and how often it was taken away; 0 if not told."""
    words = lines.split(None, 4)
    return (int(words[1]), int(words[3])) if words[0] == b"voluntary_ctxt_switches:" else (0, 0)
