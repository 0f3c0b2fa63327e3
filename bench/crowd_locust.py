"""The client of bench/crowd.c as a user of locust; prints what the C program prints.

Usage: python bench/crowd_locust.py PORT CLIENTS SILENCE_MS RATE

locust has no schedule that is fixed beforehand, and lets users come once a second, so many together: a
client's moment is that of its own connect, and its silence.
"""

# mypy: ignore-errors
# (locust is no dependency of ours)

from __future__ import annotations

import gevent.monkey

gevent.monkey.patch_all()

import resource  # noqa: E402
import socket  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402

import gevent  # noqa: E402
from locust import User, task  # noqa: E402
from locust.env import Environment  # noqa: E402

PORT, CLIENTS, SILENCE_S, RATE = (
    int(sys.argv[1]),
    int(sys.argv[2]),
    float(sys.argv[3]) / 1e3,
    float(sys.argv[4]),
)
waits: list[tuple[float, float, float]] = []


class Client(User):
    """One client: it comes, is silent, asks, reads to the end, and does not come again."""

    @task
    def visit(self) -> None:
        """Its whole life."""
        intended_s = time.monotonic() + SILENCE_S
        with socket.create_connection(("127.0.0.1", PORT)) as sock:
            gevent.sleep(max(0.0, intended_s - time.monotonic()))
            sent_s = time.monotonic()
            sock.sendall(b"client %d of the crowd\n" % len(waits))
            answered_s = None
            while sock.recv(16384):
                answered_s = answered_s or time.monotonic()
        if answered_s:
            waits.append((answered_s - intended_s, answered_s - sent_s, sent_s - intended_s))
            span_ms = 1e3 * (answered_s - intended_s)
            self.environment.events.request.fire(
                request_type="tcp",
                name="visit",
                response_time=span_ms,
                response_length=1,
                exception=None,
            )
        gevent.sleep(3600)  # one that stopped would be replaced


def main() -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    environment = Environment(user_classes=[Client])
    runner = environment.create_local_runner()
    before = resource.getrusage(resource.RUSAGE_SELF)
    runner.start(CLIENTS, spawn_rate=RATE)
    end_s = time.monotonic() + CLIENTS / RATE + SILENCE_S + 20
    while len(waits) < CLIENTS and time.monotonic() < end_s:
        gevent.sleep(0.1)
    after = resource.getrusage(resource.RUSAGE_SELF)
    runner.quit()
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    def at_us(place: int, share: float) -> float:
        ordered = sorted(each[place] for each in waits)
        return 1e6 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    kib = (after.ru_maxrss - before.ru_maxrss) / CLIENTS
    figures = at_us(0, 0.5), at_us(1, 0.5), at_us(2, 0.99), 1e6 * cpu_s / CLIENTS, kib
    print(" ".join(f"{each:.2f}" for each in figures), len(waits))


if __name__ == "__main__":
    main()
