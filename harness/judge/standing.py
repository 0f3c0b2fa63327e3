"""Where in its source the server stood when what was waited for did not come, or what it overran."""

from __future__ import annotations

from typing import Final

from harness.record.events import Sanitized, Standing, Stood
from harness.record.recording import Recording

_WAITS_FOR_CLIENTS: Final = ("accept", "poll", "ppoll", "select", "pselect6", "epoll", "futex")


def stood(seen: Recording) -> str:
    """In words, with function, file and line; "" where none of that is known, or it only waited.

    What a sanitizer has told goes first, then of several processes the one that runs without rest.
    """
    if (overrun := seen.final(Sanitized)) is not None:
        return f"{overrun.what}, in {overrun.where}, by a second run with AddressSanitizer"
    event = seen.first(Stood)
    if event is None:
        return ""
    told = [
        each for each in event.standing if each.frames and not each.call.startswith(_WAITS_FOR_CLIENTS)
    ]
    return _told(min(told, key=lambda each: bool(each.call))) if told else ""


def _told(standing: Standing) -> str:
    doing = f"in {standing.call}(), called" if standing.call else "running"
    frame = standing.frames[0].replace("<module>()", "the main program").replace(", ", " at ")
    return f"process {standing.pid} {doing} in {frame}"
