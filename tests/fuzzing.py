"""How hard the parsers are tried: a few examples in each run, and as many as are asked for.

`FORKSPEC_FUZZ=20000 pytest tests/pure -k fuzz` takes minutes for each of them. Without it the
examples are always the same: a commit is green or red for good.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from hypothesis import HealthCheck, settings

from harness import HarnessError

_ASKED: Final = os.environ.get("FORKSPEC_FUZZ")

hard: Final = settings(
    deadline=None,
    max_examples=int(_ASKED or "30"),
    derandomize=_ASKED is None,
    suppress_health_check=[HealthCheck.too_slow],
)


@contextmanager
def refused_in_words(*errors: type[Exception]) -> Iterator[None]:
    """A block that ends well, or by an error of the room's own, which says what is wrong."""
    try:
        yield
    except Exception as told:
        if not isinstance(told, (HarnessError, *errors)):
            raise
        words = str(told)
        if len(words.split()) < 2 or "Traceback" in words:
            raise AssertionError(f"no sentence: {words!r}") from told
