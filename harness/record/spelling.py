"""Bytes and wait statuses as a person reads them."""

from __future__ import annotations

import os
import signal


def spell(data: bytes, at: int = 0, most: int = 60) -> str:
    """Bytes as one quoted word. A long one is cut around byte `at`, and the cuts are marked."""
    if len(data) <= most:
        return repr(data)[1:]
    start, end = max(0, at - 24), at + 16
    before, after = "..." if start else "", "..." if end < len(data) else ""
    return f"{before}{repr(data[start:end])[1:]}{after} ({len(data)} bytes)"


def ending(status: int) -> str:
    """A raw wait status in words, by wait(2)."""
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        try:
            return f"was killed by {signal.Signals(-code).name}"
        except ValueError:
            return f"was killed by signal {-code}"
    return f"exited with status {code}"
