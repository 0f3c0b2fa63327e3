"""Causes: hypotheses about the program behind the evidence, in the second person.

Each is shown only where its fault in `servers/faults/` reproduces exactly this evidence; a test
runs that fault and looks for that cause. One file for each group of requirements.
"""

from typing import Final

from . import (
    abuse,
    client,
    concurrency,
    contract,
    crash,
    fork,
    lifecycle,
    moments,
    reaping,
    service,
    stream,
)
from .cause import Cause

__all__ = ["CAUSES", "Cause"]

CAUSES: Final[dict[str, Cause]] = {
    name: cause
    for group in (
        contract,
        crash,
        service,
        concurrency,
        fork,
        reaping,
        stream,
        abuse,
        lifecycle,
        moments,
        client,
    )
    for name, cause in group.CAUSES.items()
}
