"""Start a subject in a cell and find its listener: by ownership, never by banner or connecting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from harness.cell.cells import Cell
from harness.cell.limits import DEFAULTS

from .build import Subject

_PROCESSES: Final = 128


@dataclass(frozen=True, slots=True)
class Launched:
    """How a launch ended.

    `report` is the proof of rest after it; `listener` its socket, or None; `root` the first pid;
    `exit` the raw wait status when it has ended already; `limit` how many processes it may have.
    """

    listener: Mapping[str, Any] | None
    root: int | None
    exit: int | None
    limit: int
    report: dict[str, Any]


async def launch(cell: Cell, subject: Subject, clients: int, deadline_ns: int) -> Launched:
    """Start the server and wait until it rests, burns, or has gone.

    Allows it 128 processes and two for each client: a sound fork server must never meet our limit.
    """
    limit = _PROCESSES + 2 * clients
    report = await cell.order(
        "launch",
        argv=list(subject.argv),
        env=subject.environment,
        in_folder=subject.in_folder,
        limits={**DEFAULTS, "processes": limit},
        deadline_ns=deadline_ns,
    )
    return Launched(report["listener"], report.pop("root"), report.pop("exit"), limit, report)
