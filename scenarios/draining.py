"""Beyond the lecture: SIGTERM comes while a client is in the middle of its line."""

from __future__ import annotations

import os
import signal

from harness.judge import mid_line
from harness.judge.requirement import ANSWERS, LISTENS, requirement
from harness.judge.verdict import Verdict, blocked, failed, not_applicable, passed
from harness.record.events import Branched, Died, Signalled
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.record.spelling import spell
from harness.stage import Stage, scenario

FIRST, REST = b"he", b"llo\n"
NOT_HEEDED = "it does not catch SIGTERM, and so promises no orderly end"
BY_THE_SIGNAL = 128 + signal.SIGTERM  # the status of who ends as if by it, where it is not by it


@scenario(clients=1)
async def draining(stage: Stage) -> None:
    """SIGTERM comes to the server while a client has sent half its line; then comes the rest of it."""
    if not stage.look().heeds(signal.SIGTERM):
        stage.branch(NOT_HEEDED)
        return
    talking = await stage.peer("talking")
    talking.send(FIRST)
    await stage.settle()
    await stage.server.signal(stage.server.root, signal.SIGTERM)
    talking.send(REST)
    await stage.quiet(unless=lambda: talking.is_served)
    talking.hang_up()
    await stage.quiet()


@requirement(
    "lifecycle/drain",
    scenario=draining,
    slide="beyond; signal(7)",
    tier="advisory",
    says="A server that catches SIGTERM lets a client in the middle of a conversation finish.",
    why="A server is ended at every update; who is being served then should not notice.",
    by_hand="`(printf he; sleep 5; echo llo; sleep 1) | nc 127.0.0.1 54321` in one window; at once "
    "`kill PID` in another: the whole reply must come in the first",
    needs=(LISTENS, ANSWERS, "service/again"),
)
def sigterm_lets_a_client_finish(seen: Recording) -> Verdict:
    if any(event.cause == NOT_HEEDED for event in seen.every(Branched)):
        return not_applicable(NOT_HEEDED)
    sent = seen.place_of(Signalled)
    if sent is None:
        raise Missing("no SIGTERM was sent")
    talking = seen.client("talking")
    last = seen.after(talking.left)
    if last.find(seen.root) is not None:
        last.proven()
        return blocked("lifecycle/terminate")
    if mid_line.is_finished(seen, talking):
        return passed(f"SIGTERM came after {spell(FIRST)}, and the line was answered; then it ended")
    died = seen.final(Died)
    if died is None:
        raise Missing("it was not seen how the server ended")
    if _is_by_the_signal(died.status):
        return not_applicable(
            "its handler for SIGTERM ends it by this signal, so that no client is promised an answer"
        )
    if (early := mid_line.answered_already(talking, sent)) is not None:
        return early
    return failed(
        f"SIGTERM came when a client had sent {spell(FIRST)}, and the rest of the line was not answered",
        expected="the line answered, and then the end",
        cause="cuts-on-sigterm",
    )


def _is_by_the_signal(status: int) -> bool:
    """Whether a raw wait status is that of a death by SIGTERM, or of an exit that says so."""
    by_signal = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGTERM
    return by_signal or (os.WIFEXITED(status) and os.WEXITSTATUS(status) == BY_THE_SIGNAL)
