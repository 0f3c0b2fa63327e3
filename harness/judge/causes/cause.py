"""One hypothesis about the program behind the evidence."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cause:
    """Why (`because`) and what to try (`look_at`), with the fault that was seen to do this."""

    because: str
    look_at: str
    fault: str
    from_slide: bool = False
