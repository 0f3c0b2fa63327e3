"""Causes behind what contract/* can show."""

from __future__ import annotations

from typing import Final

from .cause import Cause

CAUSES: Final[dict[str, Cause]] = {
    "does-not-compile": Cause(
        "the compiler stops at this error; later ones often follow from it",
        "the line that the message names",
        "does-not-compile.c",
    ),
    "slide-10-slip": Cause(
        "slide 10 prints socket(AF_INET, SOCK_DGRAM, IPPROTO_TCP): there is no such socket; it is "
        "the slide's slip, not your idea",
        "your call of socket(): SOCK_STREAM",
        "slide10-checked.c",
        from_slide=True,
    ),
    "slide-10-runaway": Cause(
        "slide 10 prints SOCK_DGRAM with IPPROTO_TCP: socket() returns -1, accept() too, and the "
        "loop forks for each -1; it is the slide's slip, not your idea",
        "your call of socket(): SOCK_STREAM; and check every result for -1",
        "slide10-unchecked.c",
        from_slide=True,
    ),
}
