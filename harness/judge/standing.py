"""Where in its source the server stood when what was waited for did not come, or what it overran."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from harness.record.recording import Kind, Recording

_WAITS_FOR_CLIENTS: Final = ("accept", "poll", "ppoll", "select", "pselect6", "epoll", "futex")


def stood(seen: Recording) -> str:
    """In words, with function, file and line; "" where none of that is known, or it only waited.

    What a sanitizer has told goes first, then of several processes the one that runs without rest.
    """
    if (overrun := seen.final(Kind.SANITIZED)) is not None:
        return "{what}, in {where}, by a second run with AddressSanitizer".format(**overrun.detail)
    event = seen.first(Kind.STOOD)
    if event is None:
        return ""
    told = [
        each
        for each in event.detail["standing"]
        if each["frames"] and not each["call"].startswith(_WAITS_FOR_CLIENTS)
    ]
    return _told(min(told, key=lambda each: bool(each["call"]))) if told else ""


def _told(standing: Mapping[str, Any]) -> str:
    doing = f"in {standing['call']}(), called" if standing["call"] else "running"
    frame = standing["frames"][0].replace("<module>()", "the main program").replace(", ", " at ")
    return f"process {standing['pid']} {doing} in {frame}"
