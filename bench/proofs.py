"""What a proof of rest costs keeper and init, here and in the checkout of another commit, by ratio.

Usage: python bench/proofs.py FOLDER [--rounds N] [--clients N...]

FOLDER runs by this interpreter and its packages, in turn with this checkout. tcpserver4 has so many
silent clients, and is proven to rest again and again. Processor time: /proc/PID/schedstat.
"""

from __future__ import annotations

import argparse
import asyncio
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Final

_ROOT: Final = Path(__file__).parents[1]
_MEASURES: Final = "--here" in sys.argv
sys.path.insert(0, sys.argv[-1] if _MEASURES else str(_ROOT))

from harness.cell.cells import Cells  # noqa: E402
from harness.cell.client_protocol import MakeSockets  # noqa: E402
from harness.cell.look_protocol import Prove  # noqa: E402
from harness.engine import targets  # noqa: E402
from harness.stage.deadline import after_ns  # noqa: E402
from harness.subject.launch import launch  # noqa: E402

_PROOFS: Final = 300


def _spent_us(pid: int) -> float:
    return int(Path(f"/proc/{pid}/schedstat").read_text("ascii").split()[0]) / 1e3


def _parent(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    return int(status.partition("\nPPid:\t")[2].split()[0])


async def _measured(target: str, clients: int) -> tuple[float, float]:
    """Microseconds of keeper and of init for each proof."""
    subject = targets.prepare(target)
    with Cells() as cells, ExitStack() as connected:
        async with cells.cell(folders=subject.shown) as cell:
            launched = await launch(cell, subject, 0, after_ns())
            if launched.listener is None:
                raise SystemExit(f"{target} does not listen")
            _, made = await cell.ask_for_fds(MakeSockets(clients, v6=False))
            for fd in made:
                client = connected.enter_context(socket.socket(fileno=fd))
                client.setblocking(True)
                client.connect(("127.0.0.1", launched.listener.port))
                await cell.ask(Prove(after_ns(), rest_will_do=True))
            init = (await cell.ask(Prove(after_ns()))).orphans_of
            keeper = _parent(init)
            before = _spent_us(keeper), _spent_us(init)
            for _ in range(_PROOFS):
                await cell.ask(Prove(after_ns(), rest_will_do=True))
            return (_spent_us(keeper) - before[0]) / _PROOFS, (_spent_us(init) - before[1]) / _PROOFS


def _once(folder: Path, target: str, clients: int) -> tuple[float, float]:
    done = subprocess.run(
        [sys.executable, __file__, "--target", target, "--clients", str(clients), "--here", str(folder)],
        capture_output=True,
        text=True,
        check=True,
    )
    keeper, init = done.stdout.split()
    return float(keeper), float(init)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--target", default=str(_ROOT / "servers/lecture/tcpserver4.cpp"))
    parser.add_argument("--clients", type=int, nargs="+", default=[0, 4, 20])
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    given = parser.parse_args()
    if _MEASURES:
        print(*asyncio.run(_measured(given.target, given.clients[0])))
        return
    for clients in given.clients:
        seen = [
            (_once(given.folder.resolve(), given.target, clients), _once(_ROOT, given.target, clients))
            for _ in range(given.rounds)
        ]
        for at, who in enumerate(("keeper", "init")):
            ratios = sorted(this[at] / other[at] for other, this in seen)
            print(
                f"{clients} clients, {who}: other {median(other[at] for other, _ in seen):.0f} us  "
                f"this {median(this[at] for _, this in seen):.0f} us  "
                f"ratio {median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
            )


if __name__ == "__main__":
    main()
