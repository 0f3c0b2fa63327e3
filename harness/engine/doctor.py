"""Says which cell this machine grants, why, and which one command would give a better one."""

import asyncio
import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Final

import psutil

from harness import extensions
from harness.cell.cells import CellKind, Cells, Grant
from harness.cell.limits import Limits
from harness.cell.message import Program
from harness.cell.subject_protocol import Launch
from harness.cell.trace_protocol import BeginForkOrder, EndForkOrder
from harness.subject import forms, places
from harness.subject.tools import NoTool

from .cell_promises import not_held

MEANS: Final[dict[CellKind, str]] = {
    "bubblewrap": "own network, processes and files for every run; the machine is hidden from it",
    "namespaces": "own network and processes for every run; the machine's files can be read",
    "plain": "no namespaces: one server at a time, on the machine's own port",
}
_ADVICE: Final = {
    "no-bubblewrap": "apt-get install bubblewrap",
    "bubblewrap": "sysctl kernel.unprivileged_userns_clone=1, or run where user namespaces are allowed",
    "namespaces": "Ubuntu 23.10 and later: sysctl kernel.apparmor_restrict_unprivileged_userns=0; "
    "Docker: docker run --security-opt seccomp=unconfined",
    "loopback": "docker run --cap-add NET_ADMIN",
    "proc": "docker run --security-opt systempaths=unconfined",
}


_ONE_BY_ONE: Final = "each process of a server is bounded, their sum, memfds and shared memory are not"
_WATCHED: Final = (
    "the biggest process of a cell is ended, a moment late, where all together have more than {} MB; "
    "buffers of sockets and pipes are not counted"
)
_WHOLE_BOUND: Final = (
    "systemd-run --user --scope -p MemoryMax=8G forkspec ..., or docker run --memory 8g"
)
_TRIAL_NS: Final = 10_000_000_000


def examine(wanted: CellKind | None) -> tuple[Grant, list[tuple[str, str]]]:
    """The cell that is granted, and lines of (name, finding) for a person to read."""
    with Cells(wanted) as cells:
        grant, untraced, unbounded = asyncio.run(_try(cells))
    return grant, list(_lines(grant, untraced, unbounded))


async def _try(cells: Cells) -> tuple[Grant, str, str]:
    """What is granted; why no process can be traced there, and why not all memory bounded, or ""."""
    async with cells.cell() as cell:
        program = Program([b"/bin/cat"], {}, Limits())
        started = await cell.ask(Launch(program, time.monotonic_ns() + _TRIAL_NS))
        if started.root is None:
            return await cells.grant(), "nothing could be started to try it", cell.unbounded
        refused = await cell.ask(BeginForkOrder(started.root, "parent"))
        await cell.ask(EndForkOrder())
        return await cells.grant(), refused, cell.unbounded


def of_this_machine() -> Iterator[tuple[str, str]]:
    """Lines of (name, finding) for a reader who repeats a result on another machine. Opens no cell."""
    yield "kernel", platform.release()
    yield "Python", platform.python_version()
    yield "processors", str(os.cpu_count())
    for form in ("c", "c++"):
        yield form, _version_of(_compiler(form)) or "no compiler"


def _compiler(form: str) -> str | None:
    (tool,) = forms.named(form).tools
    try:
        return tool.find("")
    except NoTool:
        return None


def _version_of(program: str | None) -> str:
    """The first line that a program prints about its version."""
    if program is None:
        return ""
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    return said.stdout.partition("\n")[0]


def _lines(grant: Grant, untraced: str, unbounded: str) -> Iterator[tuple[str, str]]:
    yield "cell", f"{grant.kind}: {MEANS[grant.kind]}"
    for refusal in grant.refusals:
        yield "refused", refusal.text
        yield "to change that", _ADVICE[refusal.code]
    if untraced:
        yield (
            "tracing",
            f"refused ({untraced}): moments/* are not judged, nor is it told where a spinner stood",
        )
    most_mb = Limits().all_memory_bytes >> 20
    if unbounded:
        held = _ONE_BY_ONE if grant.kind == "plain" else _WATCHED.format(most_mb)
        yield "memory", f"{held} ({unbounded}); bound forkspec itself: {_WHOLE_BOUND}"
    else:
        yield ("memory", f"all processes of a cell together have {most_mb} MB at most")
    for how, promise in not_held(grant.kind, is_root=os.getuid() == 0):
        yield "not promised here", f"{promise}: {how} (SECURITY.md)"
    yield "user", "root; servers run as a spare uid" if os.getuid() == 0 else f"uid {os.getuid()}"
    memory = psutil.virtual_memory()
    cores = len(psutil.Process().cpu_affinity() or [])
    yield "machine", f"{cores} cores, {memory.total / 2**30:.0f} GiB, Linux {platform.release()}"
    yield "python", f"{sys.version.split()[0]} ({sys.executable})"
    for form, name, package in (("c", "C compiler", "gcc"), ("c++", "C++ compiler", "g++")):
        yield name, _compiler(form) or f"none: apt-get install {package}"
    yield "builds are kept in", str(places.cache())
    if added := extensions.packages(extensions.SCENARIOS, extensions.FORMS, extensions.FORMATS):
        yield "extended by", ", ".join(added)
