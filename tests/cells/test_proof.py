"""The first trial: after every proof of rest, 600 ms untouched; any event then is a false proof."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

import pytest

from harness.cell.cells import Cells
from harness.engine import catalogue, targets, trial
from harness.engine.play import RunConfig
from harness.engine.session import Options, Session
from harness.judge.requirement import Tier
from harness.judge.verdict import Outcome
from harness.observe.family_state import FamilyReport
from harness.record.events import word
from harness.stage.rest import Rest
from harness.subject.tools import NoTool

NAPS: Final = Path(__file__).parent / "naps"
LINGERING: Final = "abuse/lingering-places"
UNTOUCHED_S = 0.6
ENOUGH = 40  # proofs of each server
PARTS = 3  # each with a server of each kind
PROOFS = {"quiet", "turns", "until"}
ALL: tuple[str, ...] = ()
SOME = ("concurrency/silent-client", "concurrency/last-first", "reaping/never-blocks")
SERVERS = {
    **{f"tcpserver{n}{suffix}": ALL for suffix in (".cpp", ".py") for n in ("", 2, 3, 4)},
    "select.c": ALL,
    "threads.c": ALL,
    "FillsPool.java": SOME,
    # A clock wakes these servers: a proof by turns takes a second or two.
    "forking_tcpserver.py": SOME,
    "read-timeout.c": SOME,
    "reaps-from-timer.c": SOME,
    "takes-turns.c": SOME,
}
# The scenarios behind these: no restart, no injected error, no crowd that speaks in its own time.
LECTURE = [r.id for r in catalogue.load().requirements if r.tier is Tier.LECTURE]
LECTURE.append("reaping/burst")


class Doubt:
    """Counts the proofs of one server, and collects those that were followed by an event."""

    def __init__(self) -> None:
        self.proofs = 0
        self.false: list[str] = []

    async def after(self, rest: Rest, report: FamilyReport) -> None:
        """Touch nothing for a while; then nothing may have happened."""
        if report.proof not in PROOFS:
            return
        self.proofs += 1
        noted = len(rest.journal.events)
        await asyncio.sleep(UNTOUCHED_S)
        since = [f"{event.actor}: {word(type(event))}" for event in rest.journal.events[noted:]]
        if since:
            self.false.append(f"after {report.proof}: {', '.join(since)}")
        now = await rest.census()
        for what, of in (("family", _family), ("connections", _connections)):
            if of(now) != of(report):
                self.false.append(f"after {report.proof}: {what} {of(report)} became {of(now)}")


def _family(report: FamilyReport) -> list[tuple[int, bool, int, bool]]:
    return [(p.pid, p.is_zombie, p.fds, p.state == "T") for p in report.family]


def _connections(report: FamilyReport) -> dict[int, tuple[bool, int]]:
    return {
        port: (connection.accepted, connection.unread)
        for port, connection in report.connections.items()
        if connection.state in {"ESTABLISHED", "CLOSE_WAIT"}
    }


async def watch(cells: Cells, name: str, doubt: Doubt, client: tuple[str, ...]) -> None:
    """Play a server's scenarios, in other orders again and again, until it has given enough proofs."""
    try:
        subject, only = targets.prepare(name), SERVERS[name] or LECTURE
    except NoTool:
        return
    proofs, seed = -1, 0
    while proofs < doubt.proofs < ENOUGH:  # a round without a proof is the last
        proofs, seed = doubt.proofs, seed + 1
        setting = RunConfig(seed=seed, client=client, after_proof=doubt.after)
        await trial.observe(cells, subject, setting, only=only, retry=False)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.xdist_group("proof")
@pytest.mark.one_in_turn("proofs of rest")
@pytest.mark.parametrize("part", range(PARTS))
def test_nothing_happens_after_a_proof_of_rest(part: int) -> None:
    client = trial.reference_client()
    doubts = {name: Doubt() for name in list(SERVERS)[part::PARTS]}

    async def everything(cells: Cells) -> None:
        async with asyncio.TaskGroup() as group:
            for name, doubt in doubts.items():
                group.create_task(watch(cells, name, doubt, client))

    with Cells() as cells:
        if asyncio.run(cells.grant()).kind == "plain":
            pytest.skip("needs a network namespace for each server")
        asyncio.run(everything(cells))
    assert {name: doubt.false for name, doubt in doubts.items() if doubt.false} == {}
    assert {name: doubt.proofs for name, doubt in doubts.items() if 0 < doubt.proofs < ENOUGH} == {}
    assert sum(doubt.proofs for doubt in doubts.values()) > ENOUGH * len(doubts) / 2


@pytest.mark.one_in_turn("proofs of rest")
@pytest.mark.parametrize("name", ["tidies-in-naps.c", "tidies-in-naps.py", "tidies-by-halves.c"])
def test_who_naps_while_input_waits_is_not_at_rest(name: str) -> None:
    """The next clients wait for 9 s: the server sleeps many times, and a clock wakes it each time."""
    subject = targets.prepare(str(NAPS / name))
    with Session(Options(only=(LINGERING,), seed=3)) as session:
        assert session.examine(subject).verdicts[LINGERING].outcome is Outcome.PASS
