"""What a diagram's figure and its words share: the lanes that are shown, and moments on the axis."""

from typing import Final

from harness.diagram import Lane, SpaceTime

MOST, FEW = 14, 5  # lanes of clients, and of processes
_LONGEST_NAME: Final = 22
_SECOND_NS: Final = 2_000_000_000  # from here on the axis is in seconds


class Clock:
    """Moments of a diagram as numbers on its axis, in milliseconds or, where it is long, in seconds."""

    def __init__(self, seen: SpaceTime) -> None:
        """Zero is where the diagram begins."""
        self._zero_ns = seen.start_ns
        self.unit = "s" if seen.end_ns - seen.start_ns >= _SECOND_NS else "ms"
        self._scale = 1e9 if self.unit == "s" else 1e6
        self._digits = 5 if self.unit == "s" else 3
        self.end = self.at(seen.end_ns)

    def is_before(self, moment_ns: int) -> bool:
        """Whether a moment lies before the axis begins."""
        return moment_ns < self._zero_ns

    def at(self, moment_ns: int) -> float:
        """A moment; none lies before the axis begins."""
        return self.span(max(0, moment_ns - self._zero_ns))

    def span(self, length_ns: int) -> float:
        """A length."""
        return round(length_ns / self._scale, self._digits)

    def told(self, moment_ns: int) -> str:
        """A moment in words."""
        return f"{(moment_ns - self._zero_ns) / self._scale:.{self._digits - 2}f} {self.unit}"


def shown(seen: SpaceTime, most: int) -> tuple[list[Lane], dict[str, int]]:
    """The lanes that are drawn, clients first; and after which lane how many are left out."""
    lanes: list[Lane] = []
    cuts: dict[str, int] = {}
    for of in (seen.clients, seen.processes):
        kept, more = seen.only(most, of)
        if more:
            cuts[kept[most - most // 3 - 1].name] = more
        lanes += kept
    return lanes, cuts


def short(name: str) -> str:
    """A lane's name as it stands beside its lane."""
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 3]}..."
