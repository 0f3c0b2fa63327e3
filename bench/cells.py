"""What one cell costs, by kind: open it, launch a tiny server, prove that it rests, close it.

CPU is that of every process on our side: this one, the zygote, the keeper, init, bubblewrap, and
what the server's own process did before it became the server. What the server itself burns, seen
by starting it bare, is taken off. What the kernel does in threads of its own (tearing namespaces
down) belongs to no process; `--machine` shows all that the machine ran, for a quiet machine only.

How: the zygote is the subreaper (prctl(2)) of its cells and waits for each keeper and each init,
who waited for theirs; so when the zygote has been waited for, RUSAGE_CHILDREN has them all. The
zygote's start and its search for a grant are measured apart and taken off.

Exit status: 1 when a kind costs more CPU than claimed, or is not granted here.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from harness.cell.cells import KINDS, CellKind, Cells
from harness.cell.look_protocol import Prove
from harness.engine import targets
from harness.stage.deadline import after_ns
from harness.subject.launch import launch
from harness.subject.subject import Subject

CLAIM_MS: Final = 20.0
_ROUND: Final = 10
_BARE: Final = 20
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
    """What the cells of one kind have cost so far, in seconds; lists are one value a cell.

    `bare_s` is what the server burns by itself. When a pid namespace ends, the kernel reaps the
    server and nobody is told what it burnt (zap_pid_ns_processes); without one init waits for it,
    so that it is counted among the zygote's: `init_waits`.
    """

    bare_s: float
    init_waits: bool
    open_s: list[float] = field(default_factory=list)
    launch_s: list[float] = field(default_factory=list)
    prove_s: list[float] = field(default_factory=list)
    close_s: list[float] = field(default_factory=list)
    ours_cpu_s: list[float] = field(default_factory=list)
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

    @property
    def harness_ms(self) -> float:
        """Mean CPU of this process, a cell."""
        return 1e3 * statistics.fmean(self.ours_cpu_s)

    @property
    def cell_ms(self) -> float:
        """Mean CPU of all that the zygote waited for and of the zygote itself, a cell."""
        counted_s = (self.zygote_cpu_s - self.grant_cpu_s) / self.cells
        return 1e3 * (counted_s - self.init_waits * statistics.fmean(self.server_cpu_s))

    @property
    def before_ms(self) -> float:
        """Mean CPU of the server's process, a cell, before it became the server."""
        return 1e3 * (statistics.fmean(self.server_cpu_s) - self.bare_s)

    @property
    def cpu_ms(self) -> float:
        """All of it, a cell, without the server's own."""
        return self.harness_ms + self.cell_ms + self.before_ms


async def one(cells: Cells, kind: CellKind, subject: Subject, cost: Cost) -> None:
    """One cell from its opening to the death of its init."""
    at, own = [time.monotonic()], _cpu_s(resource.RUSAGE_SELF)
    async with cells.cell(folders=subject.shown) as cell:
        at.append(time.monotonic())
        deadline_ns = after_ns()
        launched = await launch(cell, subject, 0, deadline_ns)
        at.append(time.monotonic())
        report = await cell.ask(Prove(deadline_ns))
        at.append(time.monotonic())
        if launched.root is None or launched.listener is None or report.proof != "quiet":
            raise SystemExit(f"{kind}: the tiny server does not listen: {launched}")
        burnt_s = _burnt_s(launched.root)
    cost.ours_cpu_s.append(_cpu_s(resource.RUSAGE_SELF) - own)
    await asyncio.to_thread(_gone, report.orphans_of)
    at.append(time.monotonic())
    cost.server_cpu_s.append(burnt_s)
    spans = (cost.open_s, cost.launch_s, cost.prove_s, cost.close_s)
    for span, start, end in zip(spans, at, at[1:], strict=False):
        span.append(end - start)


def _gone(pid: int) -> None:
    """Wait until a cell's init has been waited for by its zygote."""
    end_s = time.monotonic() + 5.0
    while Path(f"/proc/{pid}").exists():
        if time.monotonic() > end_s:
            raise SystemExit(f"process {pid}, init of a closed cell, is still there")
        time.sleep(0.0005)


def measure(kinds: list[CellKind], count: int, subject: Subject) -> dict[CellKind, Cost]:
    """So many cells of each kind, in interleaved rounds."""
    bare_s = bare(subject)
    costs = {kind: Cost(bare_s, init_waits=kind == "plain") for kind in kinds}
    for kind in kinds:
        with _counted(partial(setattr, costs[kind], "grant_cpu_s")):
            asyncio.run(_grant(kind))
    warm = {kind: Cells(kind, renews=False) for kind in kinds}
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
    with Cells(kind, renews=False) as cells:
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
    """Tell the CPU of the children that were waited for in the block."""
    before_s = _cpu_s(resource.RUSAGE_CHILDREN)
    yield
    tell(_cpu_s(resource.RUSAGE_CHILDREN) - before_s)


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


def show(costs: dict[CellKind, Cost], *, machine: bool) -> int:
    head = ("CPU", "harness", "cell", "before", "wall", "worst", "open", "launch", "prove", "close")
    print(f"{'ms a cell':<12}" + "".join(f"{word:>9}" for word in head))
    for kind, cost in costs.items():
        wall = cost.wall_ms
        steps = (cost.open_s, cost.launch_s, cost.prove_s, cost.close_s)
        row = [
            cost.cpu_ms,
            cost.harness_ms,
            cost.cell_ms,
            cost.before_ms,
            statistics.median(wall),
            max(wall),
            *(1e3 * statistics.median(step) for step in steps),
        ]
        print(f"{kind:<12}" + "".join(f"{value:>9.1f}" for value in row))
    print("CPU, the sum of the next three: means. Wall and its four steps: medians")
    print(
        "cell: zygote, keeper, init, bubblewrap; before: the server's process before it was the server"
    )
    for kind, cost in costs.items():
        said = [
            f"{cost.cells} cells",
            f"a zygote with its first grant, once: {1e3 * cost.grant_cpu_s:.0f} ms",
            f"the server's own {1e3 * cost.bare_s:.2f} ms a cell are taken off",
        ]
        if machine:
            said.append(f"the whole machine ran {1e3 * cost.machine_s / cost.cells:.1f} ms a cell")
        print(f"{kind}: {'; '.join(said)}")
    over = [kind for kind, cost in costs.items() if cost.cpu_ms > CLAIM_MS]
    print(f"claim: at most {CLAIM_MS:g} ms of CPU a cell: {f'BROKEN by {over}' if over else 'holds'}")
    return 1 if over else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--cells", type=int, default=50, help="of each kind")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--machine", action="store_true", help="also all that the machine ran")
    words = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "tiny.c"
        source.write_text(_TINY, encoding="ascii")
        subject = targets.prepare(str(source))
    if subject.failure:
        raise SystemExit(subject.failure)
    return show(measure(words.kinds, words.cells, subject), machine=words.machine)


if __name__ == "__main__":
    sys.exit(main())
