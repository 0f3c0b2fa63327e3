"""Observes a server whose contract is not written down: one scenario, and no requirement."""

from __future__ import annotations

from contextlib import closing, nullcontext

import harness
from harness.cell.cells import CellKind, Cells
from harness.judge.learned import SCENARIO
from harness.record.dialogue import Dialogue
from harness.record.events import Listens
from harness.record.recording import Recording
from harness.record.role import Role
from harness.stage import Scenario
from harness.subject.subject import Subject

from . import catalogue
from .machine_lock import Exclusivity, machine_lock, the_port
from .outset import started
from .play import RunConfig, play
from .session import run


def observe(subject: Subject, cell: CellKind | None = None, script: Dialogue | None = None) -> Recording:
    """How a server treats clients that do not know its contract, or that say a `script`."""
    if subject.is_client and subject.is_role_told:
        raise harness.HarnessError(
            f"{subject.target or subject.name} is a client: only servers are learnt"
        )
    with closing(Cells(cell)) as cells:
        return run(_observe(cells, subject, script))


async def _observe(cells: Cells, subject: Subject, script: Dialogue | None) -> Recording:
    scenario: Scenario = catalogue.load().scenarios[SCENARIO]

    async def once(of: Subject) -> Recording:
        async with machine_lock(Exclusivity.SHARED):
            recording = await play(cells, of, scenario, RunConfig(script=script))
        if recording.is_finished or recording.first(Listens) is None:
            return recording
        async with machine_lock(Exclusivity.SHARED):
            return await play(cells, of, scenario, RunConfig(script=script))

    shares_port = (await cells.grant()).kind == "plain"
    with the_port(subject.port) if shares_port else nullcontext():
        return (await started(subject.in_role(Role.SERVER), once))[1]
