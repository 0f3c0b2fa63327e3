"""Causes behind what service/* can show."""

from __future__ import annotations

from typing import Final

from .cause import Cause

CAUSES: Final[dict[str, Cause]] = {
    "nul-padding": Cause(
        "you write the whole buffer back, not only the bytes you have read",
        "the last argument of write(): what read() returned",
        "nul-padding.c",
    ),
    "last-byte": Cause(
        "your loop over the line stops one byte early",
        "the bound of the loop that capitalises",
        "last-byte-not-capitalised.c",
    ),
    "forgets-close": Cause(
        "whoever serves this client never closes its connection",
        "close(conn) after the reply, on every path",
        "thread-forgets-close.c",
    ),
    "parent-closes-listener": Cause(
        "after the first client nobody holds the listening socket: your parent closes it too",
        "which descriptor the parent closes after fork(): conn, not sock",
        "parent-closes-listener.c",
    ),
}
