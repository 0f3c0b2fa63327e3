"""Where a process is held beside a system call, or within a function of its library."""

from collections.abc import Sequence
from typing import Literal

import msgspec
from msgspec.structs import replace as changed

Side = Literal["before", "after", "within"]
Look = Literal["calls", "handler", "loop"]
_MOST_OF_ONE = 512


class Within(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One instruction of a function that the program calls; number `step` of `steps`, from 0.

    The last is that behind the call. `entry` and `caller` are addresses: where it begins, and where it
    returns to. `locked` are the first and the last step that may take a lock or give it back. `frames`
    tells where in the program the call stands; `via` is the function that was called there, where that
    one has called this one.
    """

    function: str
    via: str
    entry: int
    caller: int
    step: int
    steps: int
    locked: tuple[int, ...] = ()
    frames: tuple[int, ...] = ()


class Point(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A point between two instructions: beside which call, and where in the program that is made.

    `result` is that of the call, or of the one before: an error's number, negative; 0; or 1 for more.
    One `within` a function comes after that call.
    """

    side: Side
    call: str
    result: int
    frames: tuple[int, ...] = ()
    within: Within | None = None

    def is_beside(self, other: "Point") -> bool:
        """Whether both are on the same side of the same call, with the same result."""
        return (self.side, self.call, self.result) == (other.side, other.call, other.result)

    def is_like(self, other: "Point") -> bool:
        """Whether nothing is known in which two points differ."""
        if self.within is not None and other.within is not None:
            mine, yours = self.within, other.within
            return (mine.entry, mine.caller, mine.step) == (yours.entry, yours.caller, yours.step)
        return self.is_beside(other) and self.frames[:1] == other.frames[:1]


def instructions(points: Sequence[Point]) -> int:
    """How many instructions there are at which a process could be held within these functions."""
    return sum(point.within.steps + 1 for point in points if point.within is not None)


def spread(points: Sequence[Point], most: int) -> list[Point]:
    """At most `most` points, spread over the instructions of each function.

    Half of them lie where a lock may be held, if there is such a place; the first instruction and the
    one behind the call are always among them.
    """
    found = []
    each = min(_MOST_OF_ONE, max(2, most // max(1, len(points))))
    for point in points:
        if (within := point.within) is not None:
            steps = set(_evenly(0, within.steps, each))
            if within.locked and each < within.steps:
                steps = {*_evenly(0, within.steps, max(2, each // 2))}
                steps |= {*_evenly(within.locked[0], within.locked[-1], each - len(steps))}
            found += [changed(point, within=changed(within, step=step)) for step in sorted(steps)]
    return found[:most]


def _evenly(first: int, last: int, most: int) -> list[int]:
    """At most `most` numbers from first to last, at equal distances."""
    if most < 2 or first == last:  # noqa: PLR2004  (two have a distance)
        return [first][:most]
    count = min(most, last - first + 1)
    return [first + (last - first) * n // (count - 1) for n in range(count)]
