"""Matches a pattern within a bound: a regular expression may try so many ways that it never ends.

Source: the module re looks for signals while it matches (Modules/_sre, MAYBE_CHECK_SIGNALS);
setitimer(2), ITIMER_VIRTUAL: it counts this process's own CPU time, so a slow machine changes nothing.
"""

import re
import signal
import threading
from collections.abc import Callable
from typing import Final

from .missing import Missing

MOST_CPU_S: Final = 1.0
_REMEMBERED: Final = 32
Match = Callable[[bytes], re.Match[bytes] | None]
_gave_up: dict[tuple[bytes, str, bytes], None] = {}  # each costs its time once
_is_at_work = False


class Unmatchable(Missing):
    """Nothing can be compared with this pattern: the assignment's fault, and no server's."""


class TooManyWays(Unmatchable):
    """The pattern has too many ways to match to try them all."""

    def __init__(self, pattern: bytes) -> None:
        super().__init__(
            f"the assignment's pattern {pattern.decode(errors='replace')} can match one text in "
            f"too many ways: to compare took more than {MOST_CPU_S:g} s; write it for one way only"
        )


class _TimeIsUp(Exception):
    pass


def compiled(pattern: bytes) -> re.Pattern[bytes]:
    """A pattern as a regular expression; raises Unmatchable where this line makes it none."""
    try:
        return re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        told = pattern.decode(errors="replace")
        raise Unmatchable(
            f"the assignment's pattern {told} is no regular expression: {error}"
        ) from error


def bounded(match: Match, text: bytes) -> re.Match[bytes] | None:
    """What `match` finds in a text; raises TooManyWays where that takes the main thread too long."""
    global _is_at_work  # noqa: PLW0603  (the timer is one of the process, too)
    if threading.current_thread() is not threading.main_thread():
        return match(text)
    pattern: bytes = match.__self__.pattern  # type: ignore[attr-defined]
    asked = pattern, match.__name__, text
    if asked not in _gave_up:
        signal.signal(signal.SIGVTALRM, _stop)
        try:
            _is_at_work = True
            signal.setitimer(signal.ITIMER_VIRTUAL, MOST_CPU_S)
            try:
                return match(text)
            finally:
                _is_at_work = False
                signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        except _TimeIsUp:
            if len(_gave_up) == _REMEMBERED:
                _gave_up.pop(next(iter(_gave_up)))
            _gave_up[asked] = None
    raise TooManyWays(pattern)


def _stop(*_: object) -> None:
    if _is_at_work:
        raise _TimeIsUp
