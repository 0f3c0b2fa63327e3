"""Plays one scenario with one subject in one cell, and returns the recording."""

import re
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

import harness
from harness.cell.cell import Cell, CellError, CellGone
from harness.cell.cells import Cells
from harness.cell.limits import Limits
from harness.cell.look_protocol import Stand
from harness.cell.message import Program
from harness.cell.subject_protocol import AwaitFreePort, LaunchReport, Output, ReadOutput
from harness.record.contract import Contract
from harness.record.dialogue import Dialogue
from harness.record.events import Branched, BuildFailed, Built, Finished, Stood
from harness.record.journal import Journal
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.stage import CouldNotTell, Scenario, Stage
from harness.stage.deadline import GUARD_S, after_ns
from harness.stage.reported import note_event, note_output, standing_of
from harness.stage.rest import AfterProof
from harness.stage.server import Start
from harness.subject.at_home import program_of
from harness.subject.launch import launch
from harness.subject.subject import Subject

from .bound import Bound
from .outset import FIRST
from .play_client import rehearse
from .subject_notes import note_hand_in, note_start, with_lines

_LONGEST_S: Final = 240.0
_MOST_WARNINGS: Final = 1 << 16
_GUESTS_PROCESSES: Final = 64
_TIME_WAIT_S: Final = 70.0
_BWRAPS_OWN: Final = re.compile(
    r"^bwrap: (?!execvp)|^bwrap: .*: "
    r"(Cannot allocate memory|Resource temporarily unavailable|Too many open files)( in system)?$",
    re.MULTILINE,
)


class PortTaken(harness.HarnessError):
    """Another program holds the port, and the plain cell has no other; the user can end that program."""


@dataclass(frozen=True, slots=True)
class RunConfig:
    """What all runs of one examination share: seed, contract, the client for consoles, its number.

    `spins`: the subject was seen to spin in another run, and `never_rests` if at its start; `at_rest`:
    so many threads it had after another start, at which only a clock woke them (0: not known). `bound`
    limits all runs together, `longest_s` each of them. Without `needs_proof` a run goes on where nothing
    was proven. `unsettled`: nobody chose a contract, so the lecture's is used. `moments` and `script`:
    as the stage has them. `surprise` is the number of scenarios that are played once more, late in the
    server's life.
    """

    seed: int = 0
    run: int = 0
    contract: Contract = field(default_factory=Contract)
    client: Sequence[str] = ()
    guard_s: float = GUARD_S
    needs_proof: bool = True
    after_proof: AfterProof | None = None
    spins: bool = False
    at_rest: int = 0
    never_rests: bool = False
    unsettled: bool = False
    bound: Bound | None = None
    longest_s: float = _LONGEST_S
    moments: int | None = None
    surprise: int = 0
    script: Dialogue | None = None


async def play(cells: Cells, subject: Subject, scenario: Scenario, setting: RunConfig) -> Recording:
    """Play a scenario and return its recording. An error of ours leaves a recording that breaks off.

    Raises:
        PortTaken: only in the plain cell, which shares the port with the whole machine.
    """
    journal = Journal(time.monotonic_ns)
    if scenario.name in FIRST.values():
        note_hand_in(journal, subject)
    grant = await cells.grant()
    if subject.is_client:  # our server knows no dialogue
        setting = replace(
            setting, contract=replace(setting.contract, dialogue=None, ready="", ready_in="")
        )
    if subject.failure:
        journal.note(BuildFailed, "server", subject.failure.encode())
        journal.note(Finished, "stage")
    elif setting.bound is not None and not setting.bound.left_s:
        _note_bound(journal, setting.bound)
    else:
        if subject.warnings and scenario.name in FIRST.values():
            journal.note(Built, "server", subject.warnings.encode()[:_MOST_WARNINGS])
        bound = setting.bound or Bound(2 * setting.longest_s)
        has_all = bound.run_s >= setting.longest_s
        try:
            async with (
                bound.at_work(setting.longest_s),
                cells.cell(partial(note_event, journal), subject.shown) as cell,
            ):
                await _perform(cell, subject, scenario, setting, journal)
        except TimeoutError:
            _note_time_out(journal, bound, setting.longest_s, has_all=has_all)
        except (CouldNotTell, CellError, Missing) as reason:
            lost = isinstance(reason, CellGone)
            journal.note(Branched, "stage", cause=f"broken off: {reason}", lost=lost)
        except harness.HarnessError:
            raise
        except Exception as error:  # noqa: BLE001  (ours: this run could not tell, the others can)
            cause = f"broken off: forkspec's own scenario broke: {error!r}"
            journal.note(Branched, "stage", cause=cause, traceback=traceback.format_exc())
    return Recording(
        scenario=scenario.name,
        subject=subject.name,
        cell=grant.kind,
        seed=setting.seed,
        events=tuple(with_lines(subject, journal.events)),
        contract=setting.contract,
        forkspec=harness.__version__,
        refusals=tuple(refusal.text for refusal in grant.refusals),
        target=subject.target,
        run=setting.run,
    )


def _note_time_out(journal: Journal, bound: Bound, longest_s: float, *, has_all: bool) -> None:
    """Write down which time was over: this run's own, if it `has_all` of it, or that of all runs."""
    if has_all and bound.left_s:
        cause = f"broken off: the scenario was not over after {longest_s:g} s"
        journal.note(Branched, "stage", cause=cause)
        return
    if bound.left_s:
        bound.lose_patience()
    _note_bound(journal, bound)


def _note_bound(journal: Journal, bound: Bound) -> None:
    journal.note(Branched, "stage", cause=f"broken off: {bound.says}", bound=True)


async def _perform(
    cell: Cell, subject: Subject, scenario: Scenario, setting: RunConfig, journal: Journal
) -> None:
    if cell.kind == "plain":
        await _wait_for_port(cell, subject.port, reuses=subject.is_client)
    if subject.is_client:
        if await rehearse(
            cell, subject, scenario, journal, contract=setting.contract, guard_s=setting.guard_s
        ):
            journal.note(Finished, "stage")
        return
    launched = await _launched(cell, subject, scenario, setting)
    if launched.listener is not None and not launched.ready and launched.report.proof != "quiet":
        raise CouldNotTell(f"it did not say {setting.contract.ready!r} within its time to start")
    note_start(journal, subject, scenario, launched)
    finished = True
    if launched.listener is not None and launched.root is not None:
        finished = await _act(cell, subject, scenario, setting, journal, launched)
    printed = await cell.ask(ReadOutput())
    if launched.root is None and _BWRAPS_OWN.search(printed.head):
        raise CellError(printed.head.strip())
    if launched.listener is None and launched.root is not None and not launched.runaway:
        # After its output and end are read: the question is a signal, and ends a pause().
        journal.note(Stood, "keeper", tuple(map(standing_of, await cell.ask(Stand()))))
    note_output(journal, printed)
    if finished:
        journal.note(Finished, "stage")


async def _launched(
    cell: Cell, subject: Subject, scenario: Scenario, setting: RunConfig, output: Output = "pty"
) -> LaunchReport:
    """Start the server, the first time or anew.

    What it prints into a pipe may come late, so there the harness does not wait for its line.
    """
    contract = setting.contract
    return await launch(
        cell,
        subject,
        scenario.clients,
        after_ns(setting.guard_s),
        output,
        spins=setting.spins,
        inherits=scenario.inherits,
        ready=contract.ready if output == "pty" or contract.ready_in else "",
        ready_in=contract.ready_in,
        at_rest=setting.at_rest,
        never_rests=setting.never_rests,
    )


def _student_client(client: Subject | None) -> Program | None:
    """The student's own client, which the people on a server's stage use."""
    if client is None:
        return None
    limits = Limits.of(client.limits, processes=_GUESTS_PROCESSES)
    return program_of(client, limits)


async def _wait_for_port(cell: Cell, port: int, *, reuses: bool) -> None:
    """Wait until old connections have left the port; raises PortTaken where a program listens."""
    if not await cell.ask(AwaitFreePort(port, reuses, after_ns(_TIME_WAIT_S))):
        raise PortTaken(
            f"port {port} is taken by another program, and this cell has no ports of its own: end "
            f"that program (ss -tlnp 'sport = :{port}'), or see 'forkspec doctor'"
        )


async def _act(
    cell: Cell,
    subject: Subject,
    scenario: Scenario,
    setting: RunConfig,
    journal: Journal,
    launched: LaunchReport,
) -> bool:
    """Run the scenario; False when the guard ran out before its end."""

    async def again(output: Output) -> Start:
        anew = await _launched(cell, subject, scenario, setting, output)
        note_start(journal, subject, scenario, anew)
        return Start(anew.root or 0, anew.report)

    stage = Stage(
        cell,
        journal,
        Start(launched.root or 0, launched.report),
        told=subject.port,
        seed=setting.seed,
        contract=setting.contract,
        client=setting.client,
        student_client=_student_client(subject.client_beside),
        launch=again,
        guard_s=setting.guard_s,
        after_proof=setting.after_proof,
        needs_proof=setting.needs_proof,
        moments=setting.moments,
        script=setting.script,
    )
    return await scenario.perform(stage)
