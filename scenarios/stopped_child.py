"""Slide 18 leaves it out: SIGCHLD also tells of a child that has only been stopped."""

from __future__ import annotations

from harness.judge import children, crew, interrupted
from harness.judge.order import Hold, answered_during
from harness.judge.requirement import ANSWERS, LISTENS, requirement
from harness.judge.verdict import Verdict, not_applicable
from harness.record.events import Branched, Frozen, Thawed
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.stage import Stage, scenario

GOES_ON = (
    "the child could not be stopped: another process traces it, and keeps SIGSTOP from it (ptrace(2))"
)


@scenario(clients=2)
async def stopped_child(stage: Stage) -> None:
    """A silent client's child is stopped; another client asks; then the child goes on."""
    silent = await stage.peer("silent")
    child = stage.look().child_serving(silent)
    if child is None:
        stage.branch("no process was born for a client: none can be stopped")
        return
    await stage.server.freeze(child.pid, told=True)
    await stage.settle()
    quick = await stage.peer("quick")
    await quick.ask(b"is anybody there?\n")
    await stage.server.thaw(
        child.pid
    )  # the release; a parent that waits for the child's exit needs a word as well
    await silent.ask(b"late\n")
    await stage.part([quick, silent])


@requirement(
    "reaping/stopped-child",
    scenario=stopped_child,
    slide="18, 19; beyond: sigaction(2), SA_NOCLDSTOP",
    tier="advisory",
    says="A child that is paused (SIGSTOP) must not block the server.",
    why="SIGCHLD comes for a stopped child too, and it leaves nothing to wait for.",
    by_hand="`nc 127.0.0.1 54321` in one window, typing nothing; `kill -STOP CHILD; echo hello | "
    "timeout 5 nc 127.0.0.1 54321; kill -CONT CHILD` in another: the reply must come",
    needs=(LISTENS, ANSWERS, "reaping/survives-signal", "reaping/never-blocks"),
)
def a_stopped_child_does_not_block_the_server(seen: Recording) -> Verdict:
    frozen = seen.first(Frozen)
    if frozen is None:
        if seen.first(Branched) is not None:
            return not_applicable(children.none_seen(seen, seen.client("silent")))
        raise Missing("no child was stopped")
    if crew.of(seen):
        return not_applicable(children.A_CREW)
    if not frozen.stopped:
        return not_applicable(GOES_ON)
    hold = Hold(
        until=seen.place_of(Thawed),
        holding="a child that serves another client was stopped (SIGSTOP)",
        meanwhile="while another client's child was stopped",
        release="the stopped child had gone on",
        expected="the quick client answered while the child is stopped",
    )
    quick = seen.client("quick")
    return answered_during(seen, quick, hold, lambda root: interrupted.in_its_handler(seen, quick, root))
