"""Keeps the verdicts on a recording while the recording lives: a pure function is called once."""

import weakref
from collections.abc import Callable
from functools import partial
from typing import Final

from harness.record.recording import Recording

from .verdict import Verdict

_Known = tuple[weakref.ref[Recording], dict[object, Verdict]]
_KNOWN: Final[dict[int, _Known]] = {}  # by id(): to compare or hash recordings is to read all events


def once(key: object, recording: Recording, decide: Callable[[Recording], Verdict]) -> Verdict:
    """What `decide` says of this recording. It is asked once for each key."""
    at = id(recording)
    known = _KNOWN.get(at)
    if known is None or known[0]() is not recording:
        known = _KNOWN[at] = weakref.ref(recording, partial(_forget, _KNOWN, at)), {}
    verdict = known[1].get(key)
    if verdict is None:
        verdict = known[1][key] = decide(recording)
    return verdict


def _forget(known: dict[int, _Known], at: int, _: weakref.ref[Recording]) -> None:
    known.pop(at, None)
