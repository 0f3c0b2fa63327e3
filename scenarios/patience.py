"""Beyond the slides: a silent client holds a place until the server ends its connection."""

from __future__ import annotations

from typing import Final

from harness.judge.requirement import ANSWERS, LISTENS, requirement
from harness.judge.verdict import Verdict, failed, passed
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.stage import Stage, scenario

UNLIMITED: Final = "the assignment sets no limit for a client's silence"
A_WHILE_S: Final = 10.0  # that a person takes to type a line
SLACK_S: Final = 0.5  # of a timer and a busy machine


@scenario(clients=2)
async def patience(stage: Stage) -> None:
    """Where silence has a limit, a client is silent until its connection is ended; then another asks.

    Where the assignment sets none, the server's own clocks have ten seconds to end the connection;
    then the client says a line.
    """
    silent = await stage.peer("silent")
    if stage.contract.idle_timeout_s:
        await stage.clients.outlast(silent, stage.contract.idle_timeout_s[1] + SLACK_S)
    else:
        stage.branch(UNLIMITED)
        await stage.clients.outlast_clocks(silent, A_WHILE_S)
        if silent.end is None:
            await silent.ask(b"I had to think\n")
    following = await stage.peer("next")
    await following.ask(b"is there a place again?\n")
    await stage.part([silent, following])


@requirement(
    "contract/idle-timeout",
    scenario=patience,
    slide="beyond; the assignment",
    tier="lecture",
    says="A client that says nothing is disconnected after the time that the assignment sets.",
    why="Whoever connects and says nothing holds a process, a thread or a descriptor for as long as the "
    "server lets them.",
    by_hand="in bash: `time (exec 3<>/dev/tcp/127.0.0.1/54321; cat <&3)`: it must end by itself, and "
    "time says after how long",
    needs=(LISTENS, ANSWERS, "service/again"),
    unless=lambda contract: "" if contract.idle_timeout_s else UNLIMITED,
)
def a_silent_client_is_thrown_out_in_time(seen: Recording) -> Verdict:
    least, most = seen.contract.idle_timeout_s or (0, 0)
    silent, expected = seen.client("silent"), f"disconnected after {least:g} to {most:g} s of silence"
    if silent.connected is None:
        raise Missing("the silent client was not connected")
    if silent.ended is not None and (silent.asked is None or silent.ended < silent.asked):
        silent_s = seen.seconds_between(silent.connected, silent.ended)
        if silent_s < least:  # we may have seen the end too late, never too early
            return failed(f"a silent client was disconnected after {silent_s:.1f} s", expected=expected)
        return passed(f"a silent client was disconnected after {silent_s:.1f} s")
    let_in = seen.after(silent.connected)
    looks = [each for each in seen.snapshots() if seen.seconds_between(let_in.index, each.index) > most]
    held = [each for each in looks if each.holds(silent.port)]
    if not held:
        raise Missing("nobody looked at the silent client after that time")
    silent_s = seen.seconds_between(let_in.index, held[0].index)
    return failed(
        f"a client had been silent for {silent_s:.1f} s, and its connection was still open",
        expected=expected,
        cause="never-throws-out",
    )
