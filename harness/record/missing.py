"""A gap in a recording is nobody's fault, and so nobody's failure."""


class Missing(Exception):
    """The recording lacks what a judgement needs: INCONCLUSIVE, never FAIL."""
