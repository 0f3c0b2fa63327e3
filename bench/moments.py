"""Who finds a fault that only one bad moment shows: the requirements that stood before, or a new one?

    python bench/moments.py [--runs 20] [--old-runs 20] [SERVER ...]

Each server is checked so many times by the requirement that kills it (servers/manifest.toml) alone,
and so many times by all but this one. Printed is in how many of these runs something failed.
"""

from __future__ import annotations

import argparse
from collections import Counter

from harness.engine import catalogue, targets
from harness.engine.session import Options, Session
from harness.judge.verdict import Outcome
from harness.subject import manifest

FAULTS = (
    "wake-up-lost.c",
    "handler-changes-errno.c",
    "handler-uses-strtok.c",
    "flag-cleared-late.c",
    "handler-logs.c",
    "handler-tells-the-time.c",
    "handler-allocates.c",
    "handler-formats.c",
    "handler-draws.c",
    "handler-names-address.c",
    "handler-splits.c",
    "epoll-eintr-is-fatal.c",
    "time-limit-eintr.c",
    "reaper-interrupted.c",
    "newborn-outlives-sigterm.c",
    "sigterm-before-accept.c",
    "sigterm-logs.c",
    "unlisted-child-stays.py",
    "deaf-before-accept.py",
    "locks-in-two-orders.c",
    "looks-before-it-waits.c",
    "place-taken-twice.c",
    "closes-twice.c",
    "global-line.py",
    "naps-after-create.cpp",
)


def failures(server: str, ids: tuple[str, ...], runs: int) -> tuple[int, Counter[str]]:
    """In how many runs something failed, and how often each requirement did."""
    subject = targets.prepare(server)
    found, by_id = 0, Counter[str]()
    for seed in range(runs):
        with Session(Options(only=ids, seed=seed)) as session:
            verdicts = session.examine(subject).verdicts
        failed = [each for each in ids if verdicts[each].outcome is Outcome.FAIL]
        found += bool(failed)
        by_id.update(failed)
    return found, by_id


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--old-runs", type=int, default=20)
    parser.add_argument("servers", nargs="*", default=FAULTS)
    wanted = parser.parse_args()
    every = [each.id for each in catalogue.load().requirements]
    for server in wanted.servers:
        new = manifest.references()[server].kills
        away = ("client/", "pair/")
        old = tuple(each for each in every if each != new and not each.startswith(away))
        new_found, _ = failures(server, (new,), wanted.runs)
        old_found, by_id = failures(server, old, wanted.old_runs)
        told = ", ".join(f"{name} {count}" for name, count in by_id.most_common()) or "nothing"
        print(
            f"{server}: {new} fails in {new_found} of {wanted.runs}; "
            f"something older in {old_found} of {wanted.old_runs} ({told})",
            flush=True,
        )


if __name__ == "__main__":
    main()
