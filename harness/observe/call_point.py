"""Where a process is held beside a system call."""

from typing import Literal

import msgspec

Side = Literal["before", "after"]


class Point(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A point between two instructions: beside which call, and where in the program that is made.

    `result` is that of the call, or of the one before: an error's number, negative; 0; or 1 for more.
    """

    side: Side
    call: str
    result: int
    frames: tuple[int, ...] = ()

    def is_like(self, other: "Point") -> bool:
        """Whether nothing is known in which two points differ."""
        return (self.side, self.call, self.result, self.frames[:1]) == (
            other.side, other.call, other.result, other.frames[:1],
        )  # fmt: skip
