"""Causes behind what stream/* can show."""

from __future__ import annotations

from typing import Final

from .cause import Cause

CAUSES: Final[dict[str, Cause]] = {
    "spins-on-goodbye": Cause(
        "read() returns 0 when the client has gone, and you read again",
        "treat read() == 0 as the end: close and exit",
        "spins-on-goodbye.c",
    ),
    "child-waits-for-ever": Cause(
        "your child goes on waiting although read() has returned 0",
        "treat read() == 0 as the end: close and exit",
        "child-waits-for-ever.c",
    ),
    "zombie-on-goodbye": Cause(
        "you reap the children that served, and not those whose client left",
        "reap every child, whatever it exited with",
        "zombie-on-goodbye.c",
    ),
}
