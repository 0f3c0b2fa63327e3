"""What one cell costs, by kind: open it, launch a tiny server, prove that it rests, close it.

CPU is that of every process on our side: this one, the zygote, the keeper, init, bubblewrap, and
what the server's own process did before it became the server. What the server itself burns, seen
by starting it bare, is taken off. What the kernel does in threads of its own (tearing namespaces
down) belongs to no process; `--machine` shows all that the machine ran, for a quiet machine only.

How: this process is a subreaper (prctl(2)), so every cell's init comes to it when its keeper has
gone, and wait4(2) tells its CPU and that of all it waited for. Zygote and keepers are what
RUSAGE_CHILDREN grows by when the zygote ends, less that of a zygote that only found its grant.

Exit status: 1 when a kind costs more CPU than claimed, or is not granted here.
"""

from __future__ import annotations

import argparse
import asyncio
import ctypes
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from harness.cell.cells import KINDS, CellKind, Cells
from harness.engine import check
from harness.stage.deadline import Deadline
from harness.subject.launch import launch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from harness.subject.build import Subject

CLAIM_MS: Final = 20.0
_ROUND: Final = 10
_BARE: Final = 20
_SUBREAPER: Final = 36
_TINY: Final = """
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
int main(void) {
    struct sockaddr_in any = {.sin_family = AF_INET};
    int sock = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(sock, (struct sockaddr *)&any, sizeof any) || listen(sock, 5)) return 1;
    for (;;) close(accept(sock, 0, 0));
}
"""


@dataclass(slots=True)
class Cost:
    """What the cells of one kind have cost so far, in seconds; lists are one value a cell."""

    open_s: list[float] = field(default_factory=list)
    launch_s: list[float] = field(default_factory=list)
    prove_s: list[float] = field(default_factory=list)
    close_s: list[float] = field(default_factory=list)
    ours_cpu_s: list[float] = field(default_factory=list)
    init_cpu_s: list[float] = field(default_factory=list)
    server_cpu_s: list[float] = field(default_factory=list)
    zygote_cpu_s: float = 0.0
    grant_cpu_s: float = 0.0
    machine_s: float = 0.0

    @property
    def cells(self) -> int:
        """How many were measured."""
        return len(self.open_s)

    @property
    def wall_ms(self) -> list[float]:
        """From the order to open until all its processes had gone."""
        parts = zip(self.open_s, self.launch_s, self.prove_s, self.close_s, strict=True)
        return [1e3 * sum(each) for each in parts]

    def keeper_ms(self) -> float:
        """Zygote and keeper, a cell."""
        return 1e3 * (self.zygote_cpu_s - self.grant_cpu_s) / self.cells

    def cpu_ms(self, bare_s: float) -> float:
        """All of it, a cell, without the server's own."""
        known = (self.ours_cpu_s, self.init_cpu_s, self.server_cpu_s)
        return self.keeper_ms() + 1e3 * (sum(map(statistics.fmean, known)) - bare_s)


async def one(cells: Cells, kind: CellKind, subject: Subject, cost: Cost) -> None:
    """One cell from its opening to the death of its init."""
    at, own = [time.monotonic()], _cpu_s(resource.RUSAGE_SELF)
    async with cells.cell(folder=subject.folder) as cell:
        at.append(time.monotonic())
        deadline_ns = Deadline.after().at_ns
        launched = await launch(cell, subject, 0, deadline_ns)
        at.append(time.monotonic())
        report = await cell.order("prove", deadline_ns=deadline_ns)
        at.append(time.monotonic())
        if launched.root is None or launched.listener is None or report["proof"] != "quiet":
            raise SystemExit(f"{kind}: the tiny server does not listen: {launched}")
        burnt_s = _burnt_s(launched.root)
    cost.ours_cpu_s.append(_cpu_s(resource.RUSAGE_SELF) - own)
    # init is waited for here and counts what it waited for. In a pid namespace the kernel ends the
    # server and nobody waits for it (pid_namespaces(7)); in the plain cell init does.
    usage = await asyncio.to_thread(_reap, int(report["orphans_of"]))
    at.append(time.monotonic())
    cost.init_cpu_s.append(usage.ru_utime + usage.ru_stime)
    cost.server_cpu_s.append(0.0 if kind == "plain" else burnt_s)
    spans = (cost.open_s, cost.launch_s, cost.prove_s, cost.close_s)
    for span, start, end in zip(spans, at, at[1:], strict=False):
        span.append(end - start)


def _reap(pid: int) -> resource.struct_rusage:
    """Wait for a cell's init, which becomes ours only when its keeper has gone."""
    end_s = time.monotonic() + 5.0
    while True:
        try:
            return os.wait4(pid, 0)[2]
        except ChildProcessError:
            if time.monotonic() > end_s:
                raise
            time.sleep(0.0005)


def measure(kinds: list[CellKind], count: int, subject: Subject) -> dict[CellKind, Cost]:
    """So many cells of each kind, in interleaved rounds."""
    costs = {kind: Cost() for kind in kinds}
    for kind in kinds:
        with _counted(partial(setattr, costs[kind], "grant_cpu_s")):
            asyncio.run(_grant(kind))
    warm = {kind: Cells(kind) for kind in kinds}
    try:
        for kind in kinds:
            asyncio.run(_only_grant(warm[kind], kind))
        for done in range(0, count, _ROUND):
            for kind in kinds:
                before_s = _machine_s()
                asyncio.run(_some(warm[kind], kind, subject, costs[kind], min(_ROUND, count - done)))
                time.sleep(0.05)  # the kernel's threads finish what the cells left to them
                costs[kind].machine_s += _machine_s() - before_s
    finally:
        for kind in kinds:
            with _counted(partial(setattr, costs[kind], "zygote_cpu_s")):
                warm[kind].close()
    return costs


async def _grant(kind: CellKind) -> None:
    with Cells(kind) as cells:
        await _only_grant(cells, kind)


async def _only_grant(cells: Cells, kind: CellKind) -> None:
    grant = await cells.grant()
    if grant.kind != kind:
        why = "; ".join(refusal.text for refusal in grant.refusals)
        raise SystemExit(f"{kind}: not granted on this machine: {why}")


async def _some(cells: Cells, kind: CellKind, subject: Subject, cost: Cost, count: int) -> None:
    for _ in range(count):
        await one(cells, kind, subject, cost)


@contextmanager
def _counted(tell: Callable[[float], None]) -> Iterator[None]:
    """Tell the CPU of the children that were waited for in the block; then reap stray inits."""
    before_s = _cpu_s(resource.RUSAGE_CHILDREN)
    yield
    tell(_cpu_s(resource.RUSAGE_CHILDREN) - before_s)
    time.sleep(0.2)
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def bare(subject: Subject) -> float:
    """CPU seconds of the tiny server alone, until it sleeps in accept(): the median of some."""
    burnt = []
    for _ in range(_BARE):
        server = subprocess.Popen(subject.argv, stdin=subprocess.DEVNULL)
        time.sleep(0.03)
        burnt.append(_burnt_s(server.pid))
        server.kill()
        server.wait()
    return statistics.median(burnt)


def _burnt_s(pid: int) -> float:
    """CPU of a single-threaded process, to the nanosecond (proc(5), schedstat)."""
    return int(Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[0]) / 1e9


def _cpu_s(who: int) -> float:
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


def _machine_s() -> float:
    """CPU seconds of the whole machine since it started: all but idle and iowait."""
    fields = Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:]
    ticks = [int(each) for each in fields]
    return (sum(ticks[:8]) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")


def show(costs: dict[CellKind, Cost], bare_s: float, *, machine: bool) -> int:
    head = ("CPU", "harness", "keeper", "init+", "wall", "worst", "open", "launch", "prove", "close")
    print(f"{'ms a cell':<12}" + "".join(f"{word:>9}" for word in head))
    for kind, cost in costs.items():
        wall = cost.wall_ms
        steps = (cost.open_s, cost.launch_s, cost.prove_s, cost.close_s)
        row = [
            cost.cpu_ms(bare_s),
            1e3 * statistics.fmean(cost.ours_cpu_s),
            cost.keeper_ms(),
            1e3 * (statistics.fmean(cost.init_cpu_s) + statistics.fmean(cost.server_cpu_s) - bare_s),
            statistics.median(wall),
            max(wall),
            *(1e3 * statistics.median(step) for step in steps),
        ]
        print(f"{kind:<12}" + "".join(f"{value:>9.1f}" for value in row))
    print(
        "CPU: mean of all; wall and its four steps: medians. init+: init, bubblewrap, up to the server"
    )
    print(f"the tiny server's own {1e3 * bare_s:.2f} ms of CPU are taken off")
    for kind, cost in costs.items():
        once = f"a zygote with its first grant, once: {1e3 * cost.grant_cpu_s:.0f} ms"
        ran = (
            f"; the whole machine ran {1e3 * cost.machine_s / cost.cells:.1f} ms a cell"
            if machine
            else ""
        )
        print(f"{kind}: {cost.cells} cells; {once}{ran}")
    over = [kind for kind, cost in costs.items() if cost.cpu_ms(bare_s) > CLAIM_MS]
    print(f"claim: at most {CLAIM_MS:g} ms of CPU a cell: {f'BROKEN by {over}' if over else 'holds'}")
    return 1 if over else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--cells", type=int, default=50, help="of each kind")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--machine", action="store_true", help="also all that the machine ran")
    words = parser.parse_args()
    if ctypes.CDLL(None).prctl(_SUBREAPER, 1) != 0:
        raise SystemExit("this kernel has no subreaper")
    print(f"load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "tiny.c"
        source.write_text(_TINY, encoding="ascii")
        subject = check.prepare(str(source))
    if subject.failure:
        raise SystemExit(subject.failure)
    return show(measure(words.kinds, words.cells, subject), bare(subject), machine=words.machine)


if __name__ == "__main__":
    sys.exit(main())
