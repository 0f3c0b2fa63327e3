"""Slides 6-9 and 14: a client that is slow to type delays nobody else."""

from __future__ import annotations

from harness.judge.order import overtakes
from harness.judge.requirement import requirement
from harness.judge.verdict import Verdict
from harness.record.recording import Recording
from harness.stage import Stage, scenario


@scenario(clients=2)
async def silent_client(stage: Stage) -> None:
    """One client connects and says nothing, not even its name; another connects and asks."""
    silent = await stage.peer("silent", begins=False)
    quick = await stage.peer("quick")
    await quick.ask(b"hello from the quick one\n")
    await stage.clients.release([silent], b"late\n")  # a blocked client must be answered now
    await stage.part([quick, silent])


@requirement(
    "concurrency/silent-client",
    scenario=silent_client,
    slide="6-9, 14",
    tier="lecture",
    says="A silent client must not delay the next one.",
    why="Somebody who thinks before typing would stop everybody else.",
    by_hand="`nc 127.0.0.1 54321` in one window, typing nothing; `echo hello | nc 127.0.0.1 54321` "
    "in another: the reply must come at once",
)
def a_quick_client_overtakes_a_silent_one(seen: Recording) -> Verdict:
    return overtakes(seen, seen.client("quick"), [seen.client("silent")])
