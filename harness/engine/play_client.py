"""Plays one scenario with a client on trial: the client runs on a terminal, against a server of ours."""

from harness.cell.cell import Cell
from harness.cell.subject_protocol import ReadOutput
from harness.observe.family_state import FamilyReport
from harness.record.client_run import CLIENT
from harness.record.contract import Contract
from harness.record.events import Died, Started
from harness.record.journal import Journal
from harness.stage import ClientStage, Scenario
from harness.stage.deadline import after_ns
from harness.subject.launch import launch
from harness.subject.subject import Subject

from .subject_notes import imports


async def rehearse(
    cell: Cell,
    subject: Subject,
    scenario: Scenario,
    journal: Journal,
    *,
    contract: Contract,
    guard_s: float,
) -> bool:
    """Run the scenario; False when the guard ran out before its end, `guard_s` for each wait."""

    async def start(terminal: int) -> FamilyReport:
        journal.note(
            Started,
            CLIENT,
            arguments=tuple(subject.arguments),
            typed=subject.typed or None,
            build=subject.build,
            imports=imports(subject),
        )
        launched = await launch(
            cell, subject, 0, after_ns(guard_s), terminal=terminal, aims_at=subject.port
        )
        return launched.report

    stage = ClientStage(cell, journal, start, port=subject.port, contract=contract, guard_s=guard_s)
    if not await scenario.perform(stage):
        return False
    end = (await cell.ask(ReadOutput())).exit
    if end is not None:
        journal.note(Died, CLIENT, status=end)
    return True
