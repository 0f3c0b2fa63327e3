"""Where a submission is built: a copy of it, a limit on time and size, and no way out.

A build is a program that a stranger wrote (make runs what it is told). It runs in bubblewrap where the
machine has it, as an ordinary user where we are root, and within limits everywhere.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import harness
from harness.cell import bubblewrap, isolation
from harness.cell.limits import tasks_of_user

from . import machine
from .fleeting_folder import fleeting_folder

GUARD_S: Final = 60.0
_KEPT_LOG: Final = 16_384
_LIMITS: Final = {"cpu": 60, "data": 4 << 30, "fsize": 64 << 20, "nofile": 1024, "core": 0}
_PROCESSES: Final = 256
_INSIDE: Final = "/work"
_PLACE: Final = "the folder for builds"
_MOVED_BY: Final = "TMPDIR"
_SCARCE_BYTES: Final = 16 << 20


@dataclass(frozen=True, slots=True)
class Built:
    """How one command ended: what it printed, and whether it succeeded."""

    log: str
    succeeded: bool


class Workshop:
    """One folder to build in; `done` are the commands that succeeded. It is removed after its block."""

    def __init__(self, folder: Path, uid: int, tools: Sequence[Path]) -> None:
        self.folder = folder
        self.uid = uid
        self._tools = tools
        self.done: list[Sequence[str]] = []
        self._until_s = time.monotonic() + GUARD_S
        self._free_bytes = shutil.disk_usage(folder).free

    @property
    def inside(self) -> str:
        """The folder's path as what runs in it sees it."""
        return _INSIDE if self._bwrap else str(self.folder)

    @property
    def _bwrap(self) -> str | None:
        bwrap = bubblewrap.find()
        return bwrap if bwrap is not None and _can_wrap(bwrap, self.uid) else None

    def run(self, words: Sequence[str], environment: dict[str, str]) -> Built:
        """Run one command in the folder; all commands of a workshop share its time.

        Raises:
            HarnessError: it failed where there was hardly any room; the machine's.
        """
        bwrap = self._bwrap
        argv = [*_limited(_PROCESSES + (0 if bwrap else tasks_of_user(self.uid))), *words]
        if bwrap:
            tools = list(map(str, self._tools))
            argv = [*bubblewrap.around_build(bwrap, str(self.folder), _INSIDE, tools), *argv]
        with tempfile.TemporaryFile() as output:
            process = _start(argv, self.folder, self.uid, environment, output.fileno())
            try:
                status: int | None = process.wait(max(0.0, self._until_s - time.monotonic()))
            except subprocess.TimeoutExpired:
                status = None
            finally:
                _end(process)
            output.seek(0)
            log = output.read(_KEPT_LOG).decode(errors="replace")
        for place in (f"{self.folder}/", f"{_INSIDE}/"):
            log = log.replace(place, "")
        if status is None:
            return Built(f"{log}the build did not finish within {GUARD_S:.0f} s", succeeded=False)
        if status and self._free_bytes < _SCARCE_BYTES:  # (compilers and linkers need not say why)
            raise harness.HarnessError(
                f"{_PLACE} {self.folder.parent}: a build failed where only {self._free_bytes >> 10} KiB "
                f"were free, and may be sound: make room, or set {_MOVED_BY} to another folder"
            )
        if not status:
            self.done.append(words)
        return Built(log, status == 0)


@contextmanager
def workshop(tools: Sequence[Path] = ()) -> Iterator[Workshop]:
    """An empty workshop; `tools` are folders outside the system that a compiler lives in.

    Raises:
        HarnessError: no room for it; the machine's.
    """
    with ExitStack() as stack:
        try:
            folder = stack.enter_context(fleeting_folder("forkspec-build-"))
        except OSError as error:
            raise machine.fault(error, _PLACE, _MOVED_BY) from error
        with machine.at_fault(f"{_PLACE} {folder.parent}", _MOVED_BY):
            yield Workshop(folder, isolation.subject_uid(), tools)


def open_to(folder: Path, uid: int) -> None:
    """Give a folder and all in it to the user who builds."""
    if os.getuid() == 0:
        for path in [folder, *folder.rglob("*")]:
            os.chown(path, uid, uid, follow_symlinks=False)


@cache
def _can_wrap(bwrap: str, uid: int) -> bool:
    """Whether bubblewrap works here; some containers refuse it what it needs."""
    with fleeting_folder("forkspec-build-") as folder:
        open_to(folder, uid)
        argv = [*bubblewrap.around_build(bwrap, str(folder), _INSIDE, ()), "true"]
        tried = _start(argv, Path("/"), uid, {}, subprocess.DEVNULL)
        return tried.wait() == 0


def _limited(processes: int) -> list[str]:
    prlimit = shutil.which("prlimit")
    if prlimit is None:
        return []
    limits = {**_LIMITS, "nproc": processes}
    return [prlimit, *(f"--{name}={most}" for name, most in limits.items()), "--"]


def _start(
    argv: Sequence[str], folder: Path, uid: int, environment: dict[str, str], output: int
) -> subprocess.Popen[bytes]:
    as_user: dict[str, Any] = {}
    if os.getuid() == 0:
        as_user = {"user": uid, "group": uid, "extra_groups": []}
    return subprocess.Popen(
        argv,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        **as_user,
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    """The command and all of its session; in bubblewrap its namespace goes with it."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
