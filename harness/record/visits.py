"""A crowd as it was seen: many clients' lives in one event, in the clock of the recording."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from msgspec import Struct

_MILLION: Final = 1e6
LEAST_MS: Final = 0.001  # of what is drawn
BEFORE: Final = "before the scenario"  # the crowd that comes first where one is played late


class Visit(Struct, array_like=True, forbid_unknown_fields=True):
    """One client's life, in monotonic nanoseconds; 0 for what did not happen.

    `intended_ns` is when the schedule wanted it to speak: latency counts from there, and
    `sent_ns - intended_ns` is our own lateness. Of what is too long to be a reply only the beginning is
    kept; `more` bytes came after it. `refusal` is what came instead of an answer, as `Recording.crowd`
    tells it.
    """

    line: bytes
    intended_ns: int = 0
    connected_ns: int = 0
    sent_ns: int = 0
    answered_ns: int = 0
    ended_ns: int = 0
    answer: bytes = b""
    error: str = ""
    more: int = 0
    refusal: bytes = b""

    @property
    def was_sent_away(self) -> bool:
        """Whether its connection was closed in order, and nothing that came was its answer."""
        return bool(self.ended_ns) and not self.answer and not self.error

    @property
    def latency_ns(self) -> int | None:
        """From the intended moment to the first byte of the answer; None without one."""
        return self.answered_ns - self.intended_ns if self.answered_ns else None


@dataclass(frozen=True, slots=True)
class Crowd:
    """One crowd: its name, its place among the recording's events, and its visits."""

    name: str
    index: int
    visits: tuple[Visit, ...]


def waits_ns(visits: Sequence[Visit], *, to_the_end: bool) -> list[int | None]:
    """How long each waited, to the reply's first byte or to the end; None: never answered.

    To the end is right where the server greets: the first byte is the greeting's.
    """
    came = [visit.ended_ns if to_the_end else visit.answered_ns for visit in visits]
    return [
        at - visit.intended_ns if at and visit.answered_ns else None
        for visit, at in zip(visits, came, strict=True)
    ]


def percentile_ms(spans_ns: Sequence[float], share: float) -> float:
    """The nearest-rank percentile of some durations, in milliseconds; of at least one."""
    ordered = sorted(spans_ns)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] / _MILLION


def binned(spans_ns: Sequence[float], *, a_decade: int) -> list[tuple[float, float, int]]:
    """(from, to, how many) in milliseconds: `a_decade` bins a decade, with the empty ones between.

    What has no end is in no bin; what is shorter than a microsecond counts as one.
    """
    counts: dict[int, int] = {}
    for span in spans_ns:
        if math.isfinite(span):
            number = math.floor(math.log10(max(span / _MILLION, LEAST_MS)) * a_decade)
            counts[number] = counts.get(number, 0) + 1
    return [
        (10 ** (number / a_decade), 10 ** ((number + 1) / a_decade), counts.get(number, 0))
        for number in (range(min(counts), max(counts) + 1) if counts else ())
    ]
