"""One hypothesis about the program behind the evidence."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

_IN_C_OR_PYTHON: Final = re.compile(r"\{([^{}|]*)\|([^{}|]*)\}")


@dataclass(frozen=True, slots=True)
class Cause:
    """Why (`because`) and what to try (`look_at`), with the fault that was seen to do this.

    `by_hand` is the recipe that shows this fault, where the requirement's own does not. In `because` and
    `look_at` a piece `{...|...}` is told of a program in C and, its second half, of one in Python.
    """

    because: str
    look_at: str
    fault: str
    from_slide: bool = False
    by_hand: str = ""

    def told_of(self, subject: str) -> Cause:
        """The same as it is told of this file: a report on C holds nothing for Python alone."""
        half = r"\2" if subject.endswith(".py") else r"\1"
        because, look_at = (_IN_C_OR_PYTHON.sub(half, text) for text in (self.because, self.look_at))
        return replace(self, because=because, look_at=look_at)
