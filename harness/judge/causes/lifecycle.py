"""Causes behind what lifecycle/* can show."""

from __future__ import annotations

from typing import Final

from .cause import Cause

CAUSES: Final[dict[str, Cause]] = {
    "no-reuseaddr": Cause(
        "the kernel remembers a connection for a minute after its end, and refuses the port for that "
        "long to a socket without SO_REUSEADDR (tcp(7))",
        "setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, ...) between socket() and bind() (socket(7))",
        "no-reuseaddr.c",
    ),
    "ignores-sigterm": Cause(
        "your program ignores SIGTERM, or catches it and goes on",
        "leave SIGTERM alone, or let its handler end the program (signal(7))",
        "ignores-sigterm.c",
    ),
    "orphans-keep-listener": Cause(
        "SIGTERM ends your first process alone: the others live on, and hold the listening socket",
        "a handler that ends them too: in it signal(SIGTERM, SIG_IGN), so that it spares itself, then "
        "kill(0, SIGTERM), which reaches the whole process group; or prctl(PR_SET_PDEATHSIG) in each of "
        "them",
        "orphans-keep-listener.c",
    ),
    "ignores-sigint": Cause(
        "your program ignores SIGINT, or its handler sets a flag and accept() goes on: signal() has it "
        "restarted (SA_RESTART)",
        "leave SIGINT alone; or install the handler by sigaction() without SA_RESTART, and look at the "
        "flag when accept() fails with EINTR (signal(7))",
        "ignores-sigint.c",
    ),
}
