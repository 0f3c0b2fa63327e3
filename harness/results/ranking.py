"""Whether a rubric ranks: who earns more at a lower level, and which faults cost nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

_MOST_NAMED: Final = 5
_SAME: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Ranked:
    """A server with its level and its points. `is_fault`: it has one defect, seeded."""

    name: str
    level: int
    earned: float
    is_fault: bool = False


def doubts(servers: Sequence[Ranked]) -> Iterator[str]:
    """What may be unfair about the points, a sentence each; nothing where they rank.

    First of the servers without a seeded defect, then of faults: those that earn as much as the best of
    these, and how many earn more than the least of these at a higher level.
    """
    sound = [each for each in servers if not each.is_fault]
    faults = [each for each in servers if each.is_fault]
    for higher in sound:
        for lower in sound:
            if lower.level < higher.level and lower.earned > higher.earned + _SAME:
                yield f"a lower level earns more: {_told(lower)}, and {_told(higher)}"
    best = max((each.earned for each in sound), default=0.0)
    if free := [each.name for each in faults if sound and each.earned >= best - _SAME]:
        yield f"{_many(free)} no less than the best: {_named(free)}"
    for level in sorted({each.level for each in sound}):
        higher = min((e for e in sound if e.level == level), key=lambda e: (e.earned, e.name))
        above = [f for f in faults if f.level < higher.level and f.earned > higher.earned + _SAME]
        if above:
            most = max(above, key=lambda each: each.earned)
            yield f"{_many(above)} more than {_told(higher)}, at a lower level: first {_told(most)}"


def _told(server: Ranked) -> str:
    return f"{server.name} (level {server.level}) {round(server.earned, 2):g}"


def _many(faults: Sequence[object]) -> str:
    return "1 fault earns" if len(faults) == 1 else f"{len(faults)} faults earn"


def _named(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
