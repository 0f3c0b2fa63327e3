"""Slide 18 leaves it out: any process may send SIGCHLD, and then no child has exited."""

from __future__ import annotations

import signal

from harness.judge import children, crew, interrupted
from harness.judge.order import Hold, answered_during
from harness.judge.requirement import ANSWERS, LISTENS, requirement
from harness.judge.verdict import Verdict, not_applicable
from harness.record.events import Branched, Signalled
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.stage import Stage, scenario


@scenario(clients=2)
async def stray_signal(stage: Stage) -> None:
    """The parent gets a SIGCHLD while a silent client's child lives; another client asks."""
    silent = await stage.peer("silent")
    child = stage.look().child_serving(silent)
    if child is None:
        stage.branch("no process was born for a client: no child lives that could be waited for")
        return
    await stage.server.signal(stage.look().parent_of(child), signal.SIGCHLD, unless=lambda: True)
    quick = await stage.peer("quick")
    await quick.ask(b"is anybody there?\n")
    await silent.ask(b"late\n")  # the release
    await stage.part([quick, silent])


@requirement(
    "reaping/stray-signal",
    scenario=stray_signal,
    slide="18, 19; beyond: kill(2)",
    tier="advisory",
    says="A SIGCHLD that comes when no child has exited must not block the server.",
    why="Signals can be sent by anybody of the same user, and one may also be left over from a child "
    "that has been reaped already.",
    by_hand="`nc 127.0.0.1 54321` in one window, typing nothing; `kill -CHLD PID; echo hello | "
    "timeout 9 nc 127.0.0.1 54321` in another: the reply must come",
    needs=(LISTENS, ANSWERS, "reaping/survives-signal", "reaping/never-blocks"),
)
def a_stray_signal_does_not_block_the_server(seen: Recording) -> Verdict:
    if seen.first(Signalled) is None:
        if seen.first(Branched) is not None:
            return not_applicable(children.none_seen(seen, seen.client("silent")))
        raise Missing("no signal was sent")
    if crew.of(seen):
        return not_applicable(children.A_CREW)
    hold = Hold(
        until=seen.client("silent").asked,
        holding="a client was connected and silent, and the server was sent a SIGCHLD",
        meanwhile="after a SIGCHLD, while another client's child lived",
        release="that child had exited",
        expected="the quick client answered while the child that serves the silent client lives",
    )
    quick = seen.client("quick")
    return answered_during(seen, quick, hold, lambda root: interrupted.in_its_handler(seen, quick, root))
