"""Where a submission is built: a copy of it, a limit on time and size, and no way out.

A build is a program that a stranger wrote (make runs what it is told). It runs in bubblewrap where the
machine has it, else where it can in a pid namespace, which ends with it; as an ordinary user where we
are root, with a bound on all its memory together; and within limits everywhere.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import harness
from harness.cell import bubblewrap, isolation
from harness.cell.limits import tasks_of_user
from harness.cell.memory_group import MemoryGroup
from harness.cell.processor_share import ProcessorShare

from . import machine
from .fleeting_folder import fleeting_folder

GUARD_S: Final = 60.0
STARVED_S: Final = 600.0
_KEPT_LOG: Final = 16_384
_LIMITS: Final = {"cpu": 60, "data": 4 << 30, "fsize": 64 << 20, "nofile": 1024, "core": 0}
_PROCESSES: Final = 256
_ALL_MEMORY: Final = 4 << 30
_MOST_BYTES: Final = 2 << 30
_MOST_FILES: Final = 100_000
_BETWEEN_LOOKS_S: Final = 0.5
_ENDING_S: Final = 10.0
_ALONE: Final = ("--user", "--map-current-user", "--pid", "--fork", "--kill-child=KILL", "--")
_WAITS: Final = ("/bin/sh", "-c", 'read -r _; exec "$@" </dev/null', "sh")  # until the group holds it
_INSIDE: Final = "/work"
_ERROR: Final = "error:"  # as gcc and clang begin what they tell of one
_PLACE: Final = "the folder for builds"
_MOVED_BY: Final = "TMPDIR"
_BLOCK: Final = 512  # of st_blocks (stat(3type))
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
        self._starved_s = 0.0
        self._free_bytes = shutil.disk_usage(folder).free

    @property
    def inside(self) -> str:
        """The folder's path as what runs in it sees it."""
        return _INSIDE if self._bwrap else str(self.folder)

    @property
    def _bwrap(self) -> str | None:
        bwrap = bubblewrap.find()
        return bwrap if bwrap is not None and _can_wrap(bwrap, self.uid) else None

    def run_somehow(
        self, words: Sequence[str], environment: dict[str, str], others: Iterable[Sequence[str]]
    ) -> Built:
        """Run one command; where it fails, the others in turn until one succeeds.

        Where none does, what the first says is told, or another that finds fewer errors.
        """
        built = self.run(words, environment)
        for other in others:
            if built.succeeded:
                break
            again = self.run(other, environment)
            fewer = again.log.count(_ERROR) < built.log.count(_ERROR)
            built = again if again.succeeded or (fewer and again.log) else built
        return built

    def run(self, words: Sequence[str], environment: dict[str, str]) -> Built:
        """Run one command in the folder; all commands of a workshop share its time.

        The time in which it had hardly any of a processor is given to it again.

        Raises:
            HarnessError: it failed where there was hardly any room, or others had the processors all
                the time; the machine's.
        """
        bwrap = self._bwrap
        if bwrap:
            tools = list(map(str, self._tools))
            apart = bubblewrap.around_build(bwrap, str(self.folder), _INSIDE, tools)
        else:
            apart = _alone(self.uid)
        limited = _limited(_PROCESSES + (0 if bwrap else tasks_of_user(self.uid)))
        argv = [*apart, *limited, *words]
        with tempfile.TemporaryFile() as output, _all_memory() as memory:
            process = _start(argv, self.folder, self.uid, environment, output.fileno(), memory)
            try:
                status, fate = self._end_of(process)
            finally:
                _end(process, is_apart=bool(apart))
            output.seek(0)
            log = output.read(_KEPT_LOG).decode(errors="replace")
        for place in (f"{self.folder}/", f"{_INSIDE}/"):
            log = log.replace(place, "")
        if status is None:
            return Built(f"{log}{fate}", succeeded=False)
        if status and self._free_bytes < _SCARCE_BYTES:  # (compilers and linkers need not say why)
            raise harness.HarnessError(
                f"{_PLACE} {self.folder.parent}: a build failed where only {self._free_bytes >> 10} KiB "
                f"were free, and may be sound: make room, or set {_MOVED_BY} to another folder"
            )
        if not status:
            self.done.append(words)
        return Built(log, status == 0)

    def _end_of(self, process: subprocess.Popen[bytes]) -> tuple[int | None, str]:
        """The exit status; or None, and what it has overrun."""
        share = ProcessorShare(process.pid)
        while (left_s := self._until_s - time.monotonic()) > 0:
            with contextlib.suppress(subprocess.TimeoutExpired):
                return process.wait(min(left_s, _BETWEEN_LOOKS_S)), ""
            if told := self._too_much():
                return None, told
            self._give_back(share.starved_s())
        return None, f"the build did not finish within {GUARD_S:.0f} s"

    def _give_back(self, starved_s: float) -> None:
        self._starved_s += starved_s
        self._until_s += starved_s
        if self._starved_s > STARVED_S:
            raise harness.HarnessError(
                f"a build had hardly any of a processor for {self._starved_s:.0f} s, and may be sound: "
                "this machine has too much to do"
            )

    def _too_much(self) -> str:
        """The complaint about too much in the folder; "" as long as there is not. No quota bounds it."""
        files = used = 0
        for each in self._all_in(self.folder):
            files, used = files + 1, used + each
            if files > _MOST_FILES:
                return f"the build made more than {_MOST_FILES} files"
            if used > _MOST_BYTES:
                return f"the build filled more than {_MOST_BYTES >> 20} MB"
        return ""

    def _all_in(self, top: Path) -> Iterator[int]:
        """The size on the disk of each file below it."""
        left = [str(top)]
        while left:
            with contextlib.suppress(OSError), os.scandir(left.pop()) as entries:
                for entry in entries:
                    yield entry.stat(follow_symlinks=False).st_blocks * _BLOCK
                    if entry.is_dir(follow_symlinks=False):
                        left.append(entry.path)


@contextmanager
def workshop(tools: Sequence[Path] = ()) -> Iterator[Workshop]:
    """An empty workshop, with the folders `tools` of a compiler; raises HarnessError without room."""
    with ExitStack() as stack:
        try:
            folder = stack.enter_context(fleeting_folder())
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
    with fleeting_folder() as folder:
        open_to(folder, uid)
        argv = [*bubblewrap.around_build(bwrap, str(folder), _INSIDE, ()), "true"]
        tried = _start(argv, Path("/"), uid, {}, subprocess.DEVNULL, None)
        return tried.wait() == 0


def _limited(processes: int) -> list[str]:
    prlimit = shutil.which("prlimit")
    if prlimit is None:
        return []
    limits = {**_LIMITS, "nproc": processes}
    return [prlimit, *(f"--{name}={most}" for name, most in limits.items()), "--"]


@contextmanager
def _all_memory() -> Iterator[MemoryGroup]:
    """A bound for all memory of a command together; all of its processes end with it."""
    group = MemoryGroup()
    group.bound(_ALL_MEMORY)
    try:
        yield group
    finally:
        group.end(_ENDING_S)


@cache
def _alone(uid: int) -> list[str]:
    """Words before a command that give it a pid namespace of its own; none where that is refused."""
    unshare = shutil.which("unshare")
    if unshare is None:
        return []
    words = [unshare, *_ALONE]
    tried = _start([*words, "true"], Path("/"), uid, {}, subprocess.DEVNULL, None)
    return words if tried.wait() == 0 else []


def _start(
    argv: Sequence[str],
    folder: Path,
    uid: int,
    environment: dict[str, str],
    output: int,
    memory: MemoryGroup | None,
) -> subprocess.Popen[bytes]:
    as_user: dict[str, Any] = {}
    if os.getuid() == 0:
        as_user = {"user": uid, "group": uid, "extra_groups": []}
    is_held = memory is not None and not memory.refused
    process = subprocess.Popen(
        [*_WAITS, *argv] if is_held else argv,
        cwd=folder,
        env=environment,
        stdin=subprocess.PIPE if is_held else subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        **as_user,
    )
    if memory is not None and process.stdin is not None:
        memory.join(process.pid)
        with contextlib.suppress(OSError), process.stdin as told:
            told.write(b"\n")
    return process


def _end(process: subprocess.Popen[bytes], *, is_apart: bool) -> None:
    """The command and all of its session; what lives in a namespace of its own goes with its first.

    That one is ended before its parent, which then waits for it. An orphan would be somebody else's.
    """
    if is_apart and process.poll() is None:
        import psutil  # noqa: PLC0415  (15 ms at the start, and hardly any command is ended so)

        with contextlib.suppress(psutil.Error, subprocess.TimeoutExpired):
            for first in psutil.Process(process.pid).children():
                first.kill()
                process.wait(_ENDING_S)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
