"""forkspec's crowd against a C program of the same schedule, and against locust if there is one.

A server with a known delay (bench/crowd.c) is visited by each of them in turn, round by round, over the
loopback. Told are the error of the median wait, from the moment at which each client was to speak; the
processor time and the memory for each client, of the load alone, without start and imports. With
--locust PYTHON an interpreter that has locust plays, too: the same client, as a user of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Final

from harness.engine.crowd_run import at_address
from harness.record.contract import Contract
from harness.record.visits import percentile_ms
from harness.results.crowd_result import Schedule
from harness.stage.crowd import Tally

SOURCE: Final = Path(__file__).with_suffix(".c")
LOCUST: Final = Path(__file__).with_name("crowd_locust.py")
FIGURES: Final = ("wait", "wait_sent", "late", "cpu", "kib", "answered")
_GUARD_S: Final = 120.0


def probe(port: int, plan: Schedule) -> str:
    """One crowd of ours in this process: what the C program prints."""
    before = resource.getrusage(resource.RUSAGE_SELF)
    seen = asyncio.run(at_address("127.0.0.1", port, plan, Contract(), Tally()))
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    came = [each for each in seen.visits if each.answered_ns]
    figures = (
        1e3 * percentile_ms([each.answered_ns - each.intended_ns for each in came], 0.5),
        1e3 * percentile_ms([each.answered_ns - each.sent_ns for each in came], 0.5),
        1e3 * percentile_ms(seen.late_ns, 0.99),
        1e6 * cpu_s / plan.clients,
        (after.ru_maxrss - before.ru_maxrss) / plan.clients,
    )
    return " ".join(f"{each:.2f}" for each in figures) + f" {seen.outcomes.get('answered', 0)}"


@contextmanager
def server(program: Path, delay_ms: float) -> Iterator[int]:
    """The port of the server with a known delay, while it runs."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    with subprocess.Popen([program, "serve", str(port), str(delay_ms)]) as running:
        try:
            for _ in range(100):
                with socket.socket() as trial:
                    if trial.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.05)
            yield port
        finally:
            running.kill()


def main() -> int:
    words = _words()
    plan = Schedule(words.clients, words.silence_s, words.rate, patience_s=2)
    if words.probe:
        print(probe(words.probe, plan))
        return 0
    told = [str(words.clients), str(1e3 * words.silence_s), str(words.rate)]
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "crowd"
        subprocess.run(["cc", "-O2", "-o", program, SOURCE], check=True)
        with server(program, words.delay_ms) as port:
            ours = [sys.executable, __file__, "--probe", str(port), *sys.argv[1:]]
            commands = {"C": [str(program), "probe", str(port), *told], "forkspec": ours}
            if words.locust:
                commands["locust"] = [words.locust, str(LOCUST), str(port), *told]
            seen: dict[str, list[dict[str, float]]] = {name: [] for name in commands}
            for _ in range(words.rounds):
                for name, command in commands.items():
                    done = subprocess.run(command, stdout=subprocess.PIPE, timeout=_GUARD_S, check=True)
                    last = done.stdout.decode().splitlines()[-1]
                    seen[name].append(dict(zip(FIGURES, map(float, last.split()), strict=True)))
    show(seen, 1e3 * words.delay_ms, words)
    if words.json:
        Path(words.json).write_text(json.dumps(seen, indent=1), encoding="utf-8")
    return 0


def show(seen: dict[str, list[dict[str, float]]], delay_us: float, words: argparse.Namespace) -> None:
    """Medians and ranges; the ratio to the C program is the median of the rounds' ratios."""
    print(
        f"{words.clients} clients, {words.rate:g} a second, silent for {words.silence_s:g} s, true "
        f"delay {words.delay_ms:g} ms, {words.rounds} rounds, load {os.getloadavg()[0]:.1f}"
    )
    print(
        f"{'':<10}{'answered':>9}{'error of the median wait, us':>35}{'late p99, us':>14}"
        f"{'CPU a client, us':>30}{'KiB':>8}"
    )
    for name, runs in seen.items():
        errors = [each["wait"] - delay_us for each in runs]
        cpu = [each["cpu"] for each in runs]
        of_error, of_cpu = (
            median(mine / theirs for mine, theirs in zip(values, base, strict=True))
            for values, base in (
                (errors, [each["wait"] - delay_us for each in seen["C"]]),
                (cpu, [each["cpu"] for each in seen["C"]]),
            )
        )
        print(
            f"{name:<10}{min(each['answered'] for each in runs):>9.0f}"
            + f"{median(errors):.0f} ({min(errors):.0f} to {max(errors):.0f}) x{of_error:.2f}".rjust(35)
            + f"{median(each['late'] for each in runs):>14.0f}"
            + f"{median(cpu):.0f} ({min(cpu):.0f} to {max(cpu):.0f}) x{of_cpu:.2f}".rjust(30)
            + f"{median(each['kib'] for each in runs):>8.1f}"
        )


def _words() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--clients", type=int, default=10_000)
    parser.add_argument("--silence-s", type=float, default=2.0)
    parser.add_argument("--rate", type=float, default=2500.0)
    parser.add_argument("--delay-ms", type=float, default=20.0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--locust", metavar="PYTHON", help="an interpreter that has locust")
    parser.add_argument("--json", metavar="FILE", help="write every run's figures")
    parser.add_argument("--probe", type=int, default=0, metavar="PORT", help="one crowd of ours, here")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
