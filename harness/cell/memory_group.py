"""Bounds the memory of all processes of a cell, or of a build, by a control group where we may make one.

Only as root: a subject has its keeper's uid, and a user who may write to a group may set its limit. A
group's name holds the pid of the process that made it. So the zygote can remove it: a keeper has dropped
the rights for that.
Source: cgroups(7); Documentation/admin-guide/cgroup-v1/memory.rst and cgroup-v2.rst.
"""

import contextlib
import itertools
import os
import re
import signal
import time
from collections.abc import Collection, Iterator
from functools import cache
from typing import Final

ROOT: Final = "/sys/fs/cgroup"
_NAME: Final = "forkspec-cell-{}-{}"
_NUMBERS: Final = itertools.count()
_PAUSE_S: Final = 0.01
_NO_SWAP: Final = ("memory.swappiness", "memory.swap.max")
_LIMITS: Final = ("memory.limit_in_bytes", "memory.max")
_KILLS: Final = ("memory.oom_control", "memory.events")


class MemoryGroup:
    """The group of one cell. `refused` says why its memory is not bounded, "" where it is."""

    def __init__(self) -> None:
        """An empty group; to be made before the rights for it go."""
        self.refused = ""
        self._limit = self._kills = -1
        self._path = ""
        if os.getuid() != 0:
            self.refused = "only root may make a control group that a server cannot change"
            return
        try:
            self._make()
        except OSError as error:
            self.refused = _in_words(error)

    def _make(self) -> None:
        self._path = f"{parent()}/{_NAME.format(os.getpid(), next(_NUMBERS))}"
        os.mkdir(self._path, 0o755)
        for name in _NO_SWAP:
            with contextlib.suppress(OSError):
                _write(f"{self._path}/{name}", "0")
        self._limit = _first(self._path, _LIMITS, os.O_WRONLY)
        self._kills = _first(self._path, _KILLS, os.O_RDONLY)

    def join(self, pid: int = 0) -> str:
        """Hold another process, or this one, and all that it starts, for good; why not, or ""."""
        if not self.refused:
            try:
                _write(f"{self._path}/cgroup.procs", str(pid))
            except OSError as error:
                return _in_words(error)
            if not pid:
                self._close()
        return self.refused

    def end(self, patience_s: float) -> None:
        """Kill all processes in it, however they hide, and remove it; the caller must still be root."""
        until = time.monotonic() + patience_s
        while not self.refused and time.monotonic() < until:
            with contextlib.suppress(OSError), open(f"{self._path}/cgroup.procs") as file:
                for pid in set(file.read().split()) - {"0"}:  # 0: it cannot be seen from here
                    with contextlib.suppress(OSError):
                        os.kill(int(pid), signal.SIGKILL)
            try:
                os.rmdir(self._path)
            except OSError:
                time.sleep(_PAUSE_S)
            else:
                break
        self._close()

    def _close(self) -> None:
        for fd in {self._limit, self._kills} - {-1}:
            os.close(fd)
        self._limit = self._kills = -1

    def bound(self, most_bytes: int) -> None:
        """Let all of them together use so much; what they have already, they keep."""
        if not self.refused:
            with contextlib.suppress(OSError):
                os.pwrite(self._limit, str(most_bytes).encode(), 0)

    def killed(self) -> int:
        """How many of them the kernel has ended because of the bound."""
        if self.refused:
            return 0
        told = None
        with contextlib.suppress(OSError):  # the group has gone with all that was in it
            told = re.search(rb"^oom_kill (\d+)$", os.pread(self._kills, 4096, 0), re.MULTILINE)
        return int(told[1]) if told else 0


@cache
def parent(root: str = ROOT, own: str = "/proc/self/cgroup") -> str:
    """The group under which one with a bound on memory can be made.

    Version 1 has a hierarchy for memory alone; in version 2 a group's children have what it hands on.

    Raises:
        FileNotFoundError: there is none.
    """
    ours = dict[str, str]()
    with open(own, encoding="utf-8") as file:
        for line in file:
            _, kinds, path = line.rstrip("\n").split(":", 2)
            ours |= dict.fromkeys(kinds.split(","), path)
    if os.path.isdir(f"{root}/memory"):
        inside = f"{root}/memory{ours.get('memory', '')}".rstrip("/")
        return inside if os.path.isdir(inside) else f"{root}/memory"
    place = f"{root}{ours.get('', '')}".rstrip("/")
    while place.startswith(root):
        with contextlib.suppress(OSError), open(f"{place}/cgroup.subtree_control") as file:
            if "memory" in file.read().split():
                return place
        place = os.path.dirname(place)
    raise FileNotFoundError(0, "no group hands the bound on memory on", root)


def sweep(mine: Collection[int] = (), patience_s: float = 0.0) -> None:
    """Remove the groups of keepers that have ended, also of those that nobody waits for any more.

    A group can be removed once all in it have ended: those of `mine` are waited for so long.
    """
    if os.getuid() != 0:
        return
    until = time.monotonic() + patience_s
    with contextlib.suppress(OSError):
        while left := {
            name: pid for name, pid in _keepers(parent()) if not os.path.exists(f"/proc/{pid}")
        }:
            for name in left:
                with contextlib.suppress(OSError):
                    os.rmdir(f"{parent()}/{name}")
            if not set(left.values()) & set(mine) or time.monotonic() >= until:
                return
            time.sleep(_PAUSE_S)


def _keepers(place: str) -> Iterator[tuple[str, int]]:
    """The groups that lie there, each with the pid of the process that made it."""
    for name in os.listdir(place):
        if made := re.fullmatch(_NAME.format(r"(\d+)", r"\d+"), name):
            yield name, int(made[1])


def _in_words(error: OSError) -> str:
    return f"a control group cannot be used: {error.strerror or error}"


def _first(group: str, names: tuple[str, ...], flags: int) -> int:
    """The first of these files that there is, open."""
    name = next((each for each in names if os.path.exists(f"{group}/{each}")), names[0])
    return os.open(f"{group}/{name}", flags | os.O_CLOEXEC)


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
