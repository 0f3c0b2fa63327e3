"""Causes: hypotheses about the program behind the evidence, in the second person.

Each is shown only where its fault in `servers/faults/` reproduces exactly this evidence; a test
runs that fault and looks for that cause. One file for each group of requirements; where a group has
many, one for each way to fail.
"""

from typing import Final

from . import (
    abuse_clients,
    abuse_errors,
    abuse_idleness,
    client,
    concurrency,
    contract,
    crash,
    fork,
    lifecycle,
    long_run,
    moments,
    not_built,
    reaping,
    service_close,
    service_entry,
    service_no_reply,
    service_over,
    service_wrong_reply,
    stream,
)
from .cause import Cause

__all__ = ["CAUSES", "Cause"]

CAUSES: Final[dict[str, Cause]] = {
    name: cause
    for group in (
        not_built,
        contract,
        crash,
        service_entry,
        service_no_reply,
        service_wrong_reply,
        service_close,
        service_over,
        concurrency,
        fork,
        reaping,
        long_run,
        stream,
        abuse_clients,
        abuse_errors,
        abuse_idleness,
        lifecycle,
        moments,
        client,
    )
    for name, cause in group.CAUSES.items()
}
