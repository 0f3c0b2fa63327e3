"""What can happen in a run: one kind of event for each fact that is worth a judgement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What an event can be."""

    BUILD_FAILED = "build-failed"
    BUILT = "built"
    STARTED = "started"
    LISTENS = "listens"
    DIED = "died"
    PRINTED = "printed"
    PROVED = "proved"
    CONNECTED = "connected"
    HANGS = "hangs"
    REFUSED = "refused"
    ACCEPTED = "accepted"
    NOT_ACCEPTED = "not-accepted"
    SENT = "sent"
    SAID = "said"
    RECEIVED = "received"
    READS = "reads"
    FLOODED = "flooded"
    FIN = "fin"
    RST = "rst"
    HALF_CLOSED = "half-closed"
    RESET = "reset"
    LEFT = "left"
    PROMPTED = "prompted"
    TYPED = "typed"
    SHOWN = "shown"
    BORN = "born"
    EXITED = "exited"
    REAPED = "reaped"
    FROZEN = "frozen"
    THAWED = "thawed"
    SIGNALLED = "signalled"
    LIMITED = "limited"
    LIFTED = "lifted"
    INJECTED = "injected"
    IDLED = "idled"
    CROWDED = "crowded"
    STOOD = "stood"
    SANITIZED = "sanitized"
    WITNESS = "witness"
    ENDED = "ended"
    BRANCHED = "branched"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class Event:
    """One fact. `at_ns` is monotonic, zero at the recording's start."""

    at_ns: int
    actor: str
    kind: Kind
    data: bytes = b""
    detail: Mapping[str, Any] = field(default_factory=dict)
