"""Slide 8: several windows at the same time, and nobody types in them."""

from __future__ import annotations

from harness.judge.order import overtakes
from harness.judge.requirement import ANSWERS, LISTENS, requirement
from harness.judge.verdict import Verdict
from harness.record.recording import Recording
from harness.stage import Stage, scenario

SILENT = 6


@scenario(clients=SILENT + 1)
async def silent_few(stage: Stage) -> None:
    """Six clients connect and say nothing; a seventh connects and asks."""
    silent = [await stage.peer(f"silent {number}") for number in range(1, SILENT + 1)]
    quick = await stage.peer("quick")
    await quick.ask(b"hello from the seventh\n")
    await stage.clients.release(silent, b"late\n")
    await stage.part([quick, *silent])


@requirement(
    "concurrency/silent-few",
    scenario=silent_few,
    slide="8, 14",
    tier="lecture",
    says="Six silent clients must not delay another.",
    why="A fixed number of workers only moves the problem: the next silent client stops everybody.",
    by_hand="`for i in $(seq 6); do sleep 9 | timeout 9 nc 127.0.0.1 54321 & done; sleep 1; echo "
    "hello | nc 127.0.0.1 54321`: the reply must come at once, not after 9 s",
    needs=(LISTENS, ANSWERS, "concurrency/silent-client"),
)
def a_quick_client_overtakes_six_silent_ones(seen: Recording) -> Verdict:
    return overtakes(seen, seen.client("quick"), seen.clients("silent "))
