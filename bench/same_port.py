"""One port, many servers: each in its own cell, all alive at once, each with its own crowd.

Every server listens on 54321, as students write it. Every client connects, is silent for a while,
says its line, and must read the line capitalised and then FIN. Latency counts from the moment the
schedule intended; what we were late ourselves is shown beside it.

Exit status: 0 every answer right, 1 a wrong one, 2 the run did not come to its end.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import resource
import sys
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import harness
from harness.cell.cells import CellError, Cells
from harness.cell.client_protocol import MakeSockets
from harness.engine import targets
from harness.record.visits import Visit
from harness.stage.crowd import crowd
from harness.subject.launch import launch
from harness.subject.subject import Subject

PORT: Final = 54321
LATE_BOUND_MS: Final = 5.0
_LAUNCHES_AT_ONCE: Final = 8
_FEW_FDS: Final = 64


@dataclass(slots=True)
class Crowd:
    """The visits to one server. `most_at_once` is what they show, not what was asked for."""

    visits: list[Visit]

    @property
    def most_at_once(self) -> int:
        """How many of them were connected at the same moment."""
        steps = [(v.connected_ns, 1) for v in self.visits if v.connected_ns]
        steps += [(v.ended_ns, -1) for v in self.visits if v.ended_ns]
        now = most = 0
        for _, step in sorted(steps):
            now += step
            most = max(most, now)
        return most

    @property
    def wrong(self) -> list[str]:
        """What was not as it must be, one sentence a client."""
        return [fault for visit in self.visits if (fault := _fault(visit))]


def _fault(visit: Visit) -> str:
    if visit.error:
        return visit.error
    if visit.answer != visit.line.upper():
        return f"answered {visit.answer!r} to {visit.line!r}"
    return "" if visit.ended_ns else "no FIN"


async def run(words: argparse.Namespace, subject: Subject) -> tuple[list[Crowd], float, float]:
    """All crowds, and how long it took to open the cells and to serve."""
    start_s = time.monotonic()
    deadline_ns = time.monotonic_ns() + int(words.at_most_s * 1e9)
    gate = asyncio.Semaphore(_LAUNCHES_AT_ONCE)
    with Cells("bubblewrap") as cells:
        async with contextlib.AsyncExitStack() as stack:

            async def server_with_sockets() -> list[int]:
                """A cell with the server listening in it; its clients' sockets, born there."""
                async with gate:
                    cell = await stack.enter_async_context(cells.cell(folders=subject.shown))
                    launched = await launch(cell, subject, words.clients, deadline_ns)
                    if launched.listener is None or launched.listener.port != PORT:
                        raise CellError(f"no listener on port {PORT}: {launched.listener}")
                    return (await cell.ask_for_fds(MakeSockets(words.clients, v6=False)))[1]

            async with asyncio.timeout(words.at_most_s), asyncio.TaskGroup() as group:
                opening = [group.create_task(server_with_sockets()) for _ in range(words.servers)]
            fds_of = [task.result() for task in opening]
            opened_s = time.monotonic() - start_s
            print(f"{len(fds_of)} servers listen on port {PORT} at once", flush=True)
            crowds = await _serve(fds_of, words, deadline_ns)
            served_s = time.monotonic() - start_s - opened_s
    return crowds, opened_s, served_s


async def _serve(
    fds_of: Sequence[list[int]], words: argparse.Namespace, deadline_ns: int
) -> list[Crowd]:
    loop = asyncio.get_running_loop()

    def one(number: int, fds: list[int]) -> Crowd:
        lines = [f"client {client} of server {number}\n".encode() for client in range(len(fds))]
        return Crowd(
            crowd(
                fds,
                ("127.0.0.1", PORT),
                lines,
                delay_s=words.delay_ms / 1e3,
                at_once=words.at_once,
                guard_s=max(0.1, (deadline_ns - time.monotonic_ns()) / 1e9),
            )
        )

    with ThreadPoolExecutor(words.threads) as pool:
        return await asyncio.gather(
            *(loop.run_in_executor(pool, one, number, fds) for number, fds in enumerate(fds_of))
        )


def nearest_rank(ordered: Sequence[float], percent: float) -> float:
    """The percentile of raw, ordered values; no interpolation. NaN of none."""
    if not ordered:
        return float("nan")
    return ordered[max(0, -int(-percent * len(ordered) // 100) - 1)]


def show(crowds: Sequence[Crowd], words: argparse.Namespace, opened_s: float, served_s: float) -> int:
    visits = [visit for each in crowds for visit in each.visits]
    wrong = [fault for each in crowds for fault in each.wrong]
    # A client without an answer is a worst sample, not a missing one.
    worst_ns = max((v.latency_ns or 0 for v in visits), default=0)
    latency = sorted((worst_ns if v.latency_ns is None else v.latency_ns) / 1e6 for v in visits)
    late = sorted((v.sent_ns - v.intended_ns) / 1e6 for v in visits if v.sent_ns)
    most = max((each.most_at_once for each in crowds), default=0)
    print(
        f"{len(crowds)} servers on port {PORT} x {words.clients} clients, at most {most} at once at a "
        f"server, {min(words.threads, len(crowds))} crowds at a time\n"
        f"right: {len(visits) - len(wrong)} of {len(visits)}; "
        f"cells {opened_s:.1f} s, crowds {served_s:.1f} s, {len(visits) / served_s:.0f} clients a second"
    )
    for title, values in (("latency from intended send", latency), ("our own lateness", late)):
        parts = [f"p{percent:g} {nearest_rank(values, percent):.2f}" for percent in (50, 90, 99, 99.9)]
        worst = values[-1] if values else float("nan")
        print(f"{title:<28}{'  '.join(parts)}  worst {worst:.2f} ms")
    if nearest_rank(late, 99) > LATE_BOUND_MS:
        print(f"void as a latency measurement: our own lateness p99 is above {LATE_BOUND_MS:g} ms")
    for fault, times in Counter(wrong).most_common(10):
        print(f"WRONG {times} x {fault}")
    return 1 if wrong or not visits else 0


def main() -> int:
    words = _words()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    need = words.servers * (words.clients + 2) + _FEW_FDS
    if hard != resource.RLIM_INFINITY and need > hard:
        print(f"needs {need} descriptors, and the hard limit is {hard}", file=sys.stderr)
        return 2
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    print(f"descriptors: soft limit {soft} raised to {hard}; load {os.getloadavg()[0]:.1f}")
    subject = targets.prepare(words.subject)
    try:
        crowds, opened_s, served_s = asyncio.run(run(words, subject))
    except (harness.HarnessError, ExceptionGroup, TimeoutError) as error:
        first: BaseException = error
        while isinstance(first, BaseExceptionGroup):
            first = first.exceptions[0]
        print(f"not run to its end: {first!r}", file=sys.stderr)
        return 2
    return show(crowds, words, opened_s, served_s)


def _words() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--subject", default="tcpserver4.cpp", help="a server that holds")
    parser.add_argument("--servers", type=int, default=64)
    parser.add_argument("--clients", type=int, default=200, help="of each server, at most 250")
    parser.add_argument("--at-once", type=int, default=32, help="connected at a server at a time")
    parser.add_argument("--delay-ms", type=float, default=20.0, help="silence before the line")
    parser.add_argument("--threads", type=int, default=4, help="so many crowds at a time")
    parser.add_argument("--at-most-s", type=float, default=120.0, help="the guard over all of it")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
