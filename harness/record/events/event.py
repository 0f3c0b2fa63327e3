"""What all kinds of events share."""

import re
from typing import Final

from msgspec import Struct

_WORD: Final = re.compile(r"(?<!^)(?=[A-Z])")


def _kind(name: str) -> str:
    return _WORD.sub("-", name).lower()


class Event(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag=_kind):
    """One fact. `at_ns` is monotonic, zero at the recording's start."""

    at_ns: int
    actor: str


class WithBytes(Event, frozen=True):
    """An event of which the bytes matter."""

    data: bytes = b""


class OfProcess(Event, frozen=True):
    """An event in the life of a process; its actor is "process 123"."""

    @property
    def pid(self) -> int:
        """The pid of the process whose life it is."""
        return int(self.actor.rpartition(" ")[2])


def word(kind: type[Event]) -> str:
    """What a kind is called in a stored recording: "half-closed"."""
    return str(kind.__struct_config__.tag)
