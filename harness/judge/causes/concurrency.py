"""Causes behind what concurrency/* can show."""

from __future__ import annotations

from typing import Final

from .cause import Cause

CAUSES: Final[dict[str, Cause]] = {
    "iterative": Cause(
        "you serve one client at a time: the next waits until the one before has been answered",
        "fork() after accept(), so that each connection gets a task of its own (slides 9-13)",
        "tcpserver.cpp",
    ),
    "waits-in-parent": Cause(
        "your parent sleeps in wait() until this client's child exits",
        "do not wait in the accept loop; let a SIGCHLD handler reap (slides 17-19)",
        "waits-in-parent.c",
    ),
    "one-worker": Cause(
        "you have one worker, and a silent client keeps it busy",
        "a worker for each connection (slide 9)",
        "pool-of-1.c",
    ),
    "limited-workers": Cause(
        "you serve a fixed number of clients at a time; the silent ones hold all the places",
        "the number of your workers: a task for each connection has no such limit (slide 9)",
        "pool-of-4.c",
    ),
}
