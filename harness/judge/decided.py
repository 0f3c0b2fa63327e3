"""Keeps what was concluded from a recording while it lives: a pure function is called once."""

import weakref
from collections.abc import Callable
from functools import partial
from typing import Final, TypeVar, cast

from harness.record.recording import Recording

_Found = TypeVar("_Found")
_Known = tuple[weakref.ref[Recording], dict[object, object]]
_KNOWN: Final[dict[int, _Known]] = {}  # by id(): to compare or hash recordings is to read all events


def once(key: object, recording: Recording, conclude: Callable[[Recording], _Found]) -> _Found:
    """The conclusion from this recording, drawn once for each key, which no other may use."""
    at = id(recording)
    known = _KNOWN.get(at)
    if known is None or known[0]() is not recording:
        known = _KNOWN[at] = weakref.ref(recording, partial(_forget, _KNOWN, at)), {}
    if key not in known[1]:
        known[1][key] = conclude(recording)
    return cast("_Found", known[1][key])


def _forget(known: dict[int, _Known], at: int, _: weakref.ref[Recording]) -> None:
    known.pop(at, None)
