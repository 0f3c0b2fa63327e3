"""Slides 6-9 and 14, once more: two silent clients delay nobody else either."""

from __future__ import annotations

from harness.judge.order import overtakes
from harness.judge.requirement import ANSWERS, LISTENS, requirement
from harness.judge.verdict import Verdict
from harness.record.recording import Recording
from harness.stage import Stage, scenario


@scenario(clients=3)
async def two_silent(stage: Stage) -> None:
    """Two clients connect and say nothing; a third connects and asks."""
    silent = [await stage.peer("silent 1"), await stage.peer("silent 2")]
    quick = await stage.peer("quick")
    await quick.ask(b"hello from the third\n")
    await stage.clients.release(silent, b"late\n")
    await stage.part([quick, *silent])


@requirement(
    "concurrency/two-silent",
    scenario=two_silent,
    slide="6-9, 14",
    tier="robust",
    says="Two silent clients must not delay another.",
    why="A server with a spare worker passes one silent client, and not two.",
    by_hand="`nc 127.0.0.1 54321` in two windows, typing nothing; `echo hello | nc 127.0.0.1 54321` in "
    "a third",
    needs=(LISTENS, ANSWERS, "concurrency/silent-client"),
)
def a_quick_client_overtakes_two_silent_ones(seen: Recording) -> Verdict:
    """The third is answered before one of the silent ones speaks."""
    return overtakes(seen, seen.client("quick"), list(seen.clients("silent ")))
