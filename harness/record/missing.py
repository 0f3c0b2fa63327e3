"""What is missing from a recording is nobody's fault, and so nobody's failure."""

from __future__ import annotations


class Missing(Exception):
    """The recording lacks what a judgement needs: INCONCLUSIVE, never FAIL."""
