"""Holds bubblewrap just before it becomes the subject, until all around the subject is as it shall be.

The number of processes can be limited only inside, where it counts this cell alone; and whoever looks at
its parent then sees a shell's command line.
Source: bwrap(1), --info-fd and --block-fd; prlimit(2); proc(5), arg_start in stat, and mem.
"""

import contextlib
import os
import re
import resource
import signal
from typing import Final

_SHELL: Final = b"-bash\0"
_ARGUMENTS: Final = slice(44, 46)  # of the fields behind the state
_CHILD: Final = re.compile(rb'"child-pid": *(\d+)')


class StartGate:
    """One gate for one start, closed; to be made before the fork."""

    def __init__(self) -> None:
        self._ends = list[int]()
        try:
            self._told, self._tells = self._pipe()
            self._waits, self._opens = self._pipe()
        except OSError:
            self.close()
            raise

    def _pipe(self) -> tuple[int, int]:
        self._ends += (ends := os.pipe2(os.O_CLOEXEC))
        return ends

    def words(self) -> list[str]:
        """The arguments of bubblewrap; to be called in the process that becomes it."""
        for fd in (self._tells, self._waits):
            os.set_inheritable(fd, True)
        return ["--info-fd", str(self._tells), "--block-fd", str(self._waits)]

    def close(self) -> None:
        """Close the gate's descriptors, which lets a waiting process go; they may be closed already."""
        while self._ends:
            os.close(self._ends.pop())

    def open(self, bwrap: int, most_processes: int) -> None:
        """Limit the waiting process, show `bwrap` as a shell, let it go; raises OSError, and ends it."""
        for theirs in (self._tells, self._waits):
            self._ends.remove(theirs)
            os.close(theirs)
        try:
            child = _CHILD.search(self._hear())
            if child is not None:
                _bind(int(child[1]), most_processes)
                _tell_as_shell(bwrap)
        except OSError:  # closed, the gate opens by itself
            os.kill(bwrap, signal.SIGKILL)
            raise
        finally:
            self.close()

    def _hear(self) -> bytes:
        """All that bubblewrap tells, or told until it failed. To read less would end it by SIGPIPE.

        Its child keeps the pipe open for longer: to wait for the pipe's end costs time.
        """
        told = b""
        while not told.rstrip().endswith(b"}") and (part := os.read(self._told, 4096)):
            told += part
        return told


def _bind(pid: int, most_processes: int) -> None:
    try:
        resource.prlimit(pid, resource.RLIMIT_NPROC, (most_processes, most_processes))
    except ProcessLookupError:
        return  # it has failed, and says why itself
    except OSError:
        os.kill(pid, signal.SIGKILL)
        raise


def _tell_as_shell(pid: int) -> None:
    """Overwrite the command line of a process of ours, all of it."""
    with contextlib.suppress(OSError):
        with open(f"/proc/{pid}/stat", "rb") as file:
            start, end = map(int, file.read().rpartition(b")")[2].split()[1:][_ARGUMENTS])
        with open(f"/proc/{pid}/mem", "r+b", buffering=0) as memory:
            memory.seek(start)
            memory.write(_SHELL.ljust(end - start, b"\0"))
