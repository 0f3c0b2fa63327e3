"""Watches what all processes of a cell have of memory together, and ends the biggest above the bound.

For a pid namespace without a control group (`memory_group`): init looks again and again, and sees what
was taken a moment ago. What lies in memory and is nobody's page counts too: segments of System V that
nobody has attached, and files in memory (memfd_create(2)) that somebody holds.
Source: proc(5), statm, smaps_rollup, meminfo, sysvipc.
"""

import contextlib
import os
import re
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from operator import attrgetter, itemgetter
from typing import Final, NamedTuple

from harness.observe import linux

_PAGE: Final = os.sysconf("SC_PAGE_SIZE")
_FILLS: Final = 2 << 30  # bytes a second that one processor can take, and more than was measured
_SOONEST_S, _LATEST_S = 0.02, 1.0
_PATIENCE_S: Final = 1.0  # for one that was killed to let go of what it had
_BLOCK: Final = 512  # of st_blocks (stat(3type))
_ID, _LAST_PID, _ATTACHED, _RESIDENT = 1, 5, 6, 14  # columns of /proc/sysvipc/shm
_PSS: Final = re.compile(rb"^Pss: +(\d+) kB$", re.MULTILINE)
_SHMEM: Final = re.compile(rb"^Shmem: +(\d+) kB$", re.MULTILINE)


class _Segment(NamedTuple):
    """A segment of System V: its bytes in memory, and the pid that attached or detached it last."""

    id: int
    size: int
    used_by: int


class MemoryWatch:
    """Watches from process 1 once there is a `bound` in bytes; `ended` counts those it has ended."""

    def __init__(self) -> None:
        self.bound = self.ended = 0
        self._fills = _FILLS * len(os.sched_getaffinity(0))
        self._files_before = _files_in_memory()
        self._next_s = 0.0
        self._ending = 0
        self._ending_until_s = 0.0

    def due_ms(self) -> int | None:
        """How long until the next look (poll(2)); None where there is none."""
        return max(0, round((self._next_s - time.monotonic()) * 1000)) + 1 if self.bound else None

    def look(self) -> None:
        """Look, if it is time; if all together have too much, end the one that has most."""
        now_s = time.monotonic()
        if not self.bound or now_s < self._next_s:
            return
        self._next_s = now_s + _SOONEST_S
        if self._ending and now_s < self._ending_until_s and _resident(self._ending):
            return
        self._ending = 0
        loose, held = list(_unattached()), dict(_held())
        in_loose = sum(each.size for each in loose)
        taken = in_loose + sum(held.values())
        in_files = max(0, _files_in_memory() - self._files_before)
        if is_near := taken + in_files > self.bound:
            held = _exactly(held, with_files=in_files > self.bound // 4)
            taken = in_loose + sum(held.values())
        if taken > self.bound:
            self._end_biggest(loose, held)
        else:
            left = self.bound - taken - (0 if is_near else in_files)
            self._next_s = now_s + min(max(left / self._fills, _SOONEST_S), _LATEST_S)

    def _end_biggest(self, loose: Sequence[_Segment], held: Mapping[int, int]) -> None:
        """End the process that has most memory, or remove the largest segment and end its last user."""
        self.ended += 1
        segment = max(loose, key=attrgetter("size"), default=None)
        process, has = max(held.items(), key=itemgetter(1), default=(0, 0))
        with contextlib.suppress(OSError):
            if segment is not None and segment.size > has:
                linux.remove_sysv("shm", segment.id)
                process = segment.used_by
            if process not in held:
                return
            os.kill(process, signal.SIGKILL)
            self._ending, self._ending_until_s = process, time.monotonic() + _PATIENCE_S


def _held() -> Iterator[tuple[int, int]]:
    """The memory of each process, with what it shares with others."""
    for name in os.listdir("/proc"):
        if name.isdigit() and int(name) != os.getpid():
            yield int(name), _resident(int(name))


def _resident(pid: int) -> int:
    words = _read(f"/proc/{pid}/statm").split()
    return int(words[1]) * _PAGE if words else 0


def _exactly(held: dict[int, int], *, with_files: bool) -> dict[int, int]:
    """The memory of each, with its share of shared pages; a file in memory is its first holder's."""
    counted = set[tuple[int, int]]()
    for pid in held:
        if (told := _PSS.search(_read(f"/proc/{pid}/smaps_rollup"))) is not None:
            held[pid] = int(told[1]) << 10
        if with_files:
            held[pid] += sum(_new_files(pid, counted))
    return held


def _new_files(pid: int, counted: set[tuple[int, int]]) -> Iterator[int]:
    with contextlib.suppress(OSError):
        for fd in os.listdir(f"/proc/{pid}/fd"):
            with contextlib.suppress(OSError):
                path = f"/proc/{pid}/fd/{fd}"
                if os.readlink(path).startswith("/memfd:"):
                    file = os.stat(path)
                    if (file.st_dev, file.st_ino) not in counted:
                        counted.add((file.st_dev, file.st_ino))
                        yield file.st_blocks * _BLOCK


def _unattached() -> Iterator[_Segment]:
    """Each segment of System V that no process has attached."""
    for row in _read("/proc/sysvipc/shm").splitlines()[1:]:
        words = row.split()
        if int(words[_ATTACHED]) == 0:
            yield _Segment(int(words[_ID]), int(words[_RESIDENT]), int(words[_LAST_PID]))


def _files_in_memory() -> int:
    """The files in the whole machine's memory; shared memory of all kinds is one."""
    told = _SHMEM.search(_read("/proc/meminfo"))
    return int(told[1]) << 10 if told else 0


def _read(path: str) -> bytes:
    with contextlib.suppress(OSError), open(path, "rb", buffering=0) as file:
        parts = []
        while part := file.read(65_536):
            parts.append(part)
        return b"".join(parts)
    return b""
