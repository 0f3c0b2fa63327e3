"""Brings a crowd to a server: one at an address, or one of ours in a cell. It judges nothing."""

import asyncio
import gc
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from typing import Final

import harness
from harness.cell.cells import CellKind, Cells
from harness.cell.look_protocol import FamilyCount
from harness.record.contract import Contract
from harness.record.events import Crowded, Listens
from harness.record.recording import Recording
from harness.record.role import Role
from harness.results.crowd_result import Count, CrowdResult, Schedule
from harness.stage import Scenario, Stage
from harness.stage.crowd import Tally, crowd
from harness.stage.sources import make_room, spread
from harness.subject.subject import Subject

from . import catalogue
from .machine_lock import Exclusivity, machine_lock, the_port
from .outset import FIRST, started
from .play import RunConfig, play

LONGEST_S: Final = 180.0
_TRIAL_S: Final = 5.0
_BESIDE: Final = 64  # descriptors of a server beside those of its clients


async def at_address(
    host: str, port: int, plan: Schedule, contract: Contract, tally: Tally
) -> CrowdResult:
    """A crowd at whatever listens there.

    Raises:
        HarnessError: nobody does, or this process may not have descriptors enough; the user's.
    """
    make_room(plan.clients)
    name = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    try:
        with socket.create_connection((host, port), _TRIAL_S) as trial:
            family, address = trial.family, trial.getpeername()[:2]
    except OSError as error:
        raise harness.HarnessError(f"{name}: {error.strerror or error}: no server to come to") from error
    fds = [socket.socket(family, socket.SOCK_STREAM).detach() for _ in range(plan.clients)]
    spread(fds, address[0])
    async with machine_lock(Exclusivity.ALONE_IF_EMPTY):
        with undisturbed():
            visits = await asyncio.to_thread(
                crowd,
                fds,
                address,
                list(map(contract.line, plan.lines)),
                delay_s=plan.silence_s,
                at_once=plan.clients,
                arrivals_s=plan.arrivals_s,
                contract=contract,
                guard_s=plan.longest_s,
                stall_s=plan.patience_s,
                tally=tally,
            )
    return CrowdResult(name, plan, contract, visits, tally.late_ns)


async def of_subject(
    subject: Subject, plan: Schedule, contract: Contract, tally: Tally, kind: CellKind | None
) -> CrowdResult | Recording:
    """A crowd at a server of ours; the recording where none could come, since it does not listen.

    Raises:
        HarnessError: no cell, the port taken, or too few descriptors; the user's or the machine's.
    """
    make_room(plan.clients)
    limits = {"descriptors": plan.clients + _BESIDE, **subject.limits}
    subject = replace(subject.in_role(Role.SERVER), limits=limits)
    counts: list[FamilyCount] = []
    scenario = Scenario("crowd", partial(_come, plan, tally, counts), plan.clients)
    with closing(Cells(kind)) as cells:
        grant = await cells.grant()

        async def once(scenario: Scenario, of: Subject) -> Recording:
            async with machine_lock(Exclusivity.ALONE_IF_EMPTY):
                with undisturbed():
                    return await play(cells, of, scenario, RunConfig(contract=contract))

        with the_port(subject.port) if grant.kind == "plain" else nullcontext():
            first = catalogue.load().scenarios[FIRST[Role.SERVER]]
            subject, recording = await started(subject, partial(once, first))
            if recording.first(Listens) is None:
                return recording
            recording = await once(scenario, subject)
    crowded = recording.first(Crowded)
    if crowded is None:
        return recording
    since_ns = crowded.visits[0].connected_ns
    family = [
        Count(_seconds(each.at_ns - since_ns), each.processes, each.zombies, each.descriptors)
        for each in counts
    ]
    return CrowdResult(subject.name, plan, contract, crowded.visits, tally.late_ns, grant.kind, family)


def _seconds(since_ns: int) -> float:
    return round(max(0, since_ns) / 1e9, 3)


async def _come(plan: Schedule, tally: Tally, counts: list[FamilyCount], stage: Stage) -> None:
    """The scenario: all of the crowd, while the family is counted."""
    async with stage.server.usage.counted(counts):
        await stage.clients.crowd(
            "crowd",
            plan.lines,
            at_once=plan.clients,
            delay_s=plan.silence_s,
            arrivals_s=plan.arrivals_s,
            guard_s=plan.longest_s,
            stall_s=plan.patience_s,
            tally=tally,
        )


@contextmanager
def undisturbed() -> Iterator[None]:
    """Collect no garbage within the block: with all that is imported that takes tens of milliseconds."""
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()
