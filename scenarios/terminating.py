"""Beyond the lecture: the server is asked to end, while somebody is connected."""

from __future__ import annotations

import signal
from collections.abc import Sequence

from harness.judge import views
from harness.judge.requirement import ANSWERS, LISTENS, requirement
from harness.judge.verdict import Verdict, failed, passed
from harness.record.recording import Kind, Missing, Process, Recording
from harness.stage import Stage, scenario

EXPECTED = "no process of it left, and the port free, once the last client has gone"


@scenario(clients=1)
async def terminating(stage: Stage) -> None:
    """A silent client is connected when SIGTERM comes; then it asks whoever still hears it, and goes."""
    silent = await stage.peer("silent")
    await stage.signal(stage.root, signal.SIGTERM)
    await silent.ask(b"late\n")
    silent.hang_up()
    await stage.quiet()


@requirement(
    "lifecycle/terminate",
    scenario=terminating,
    slide="beyond; signal(7)",
    tier="advisory",
    says="SIGTERM ends it, frees the port and takes the children along.",
    why="It is how a machine that shuts down, or a supervisor, ends a server: who stays is killed, or "
    "holds the port against the next one.",
    by_hand="`nc 127.0.0.1 54321` in one window, typing nothing; `kill PID; ps -e; ss -tlnp`",
    needs=(LISTENS, ANSWERS, "service/again"),
)
def sigterm_ends_it(seen: Recording) -> Verdict:
    signalled = next((index for index, _ in seen.all(Kind.SIGNALLED)), None)
    if signalled is None:
        raise Missing("no SIGTERM was sent")
    root, first = views.server(seen), seen.after(signalled)
    last = seen.after(views.left(seen, seen.client("silent")))
    if any(process.pid == root for process in last.living):
        last.proven()
        return failed(
            f"SIGTERM was sent, and the server is still there, {views.listener_state(seen, last)}",
            expected=EXPECTED,
            cause="ignores-sigterm",
        )
    if holders := [process for process in first.living if process.listens]:
        first.proven()
        stay = {process.key for process in last.living}
        orphans = all(process.pid != root and process.key in stay for process in holders)
        return failed(
            f"SIGTERM was sent, and the port is still held, by {_whom(holders, root)}",
            expected=EXPECTED,
            cause="orphans-keep-listener" if orphans else "",
            holders=len(holders),
        )
    if last.living:
        last.proven()
        return failed(
            f"SIGTERM ended the server and the client has gone; left behind: {_whom(last.living, root)}",
            expected=EXPECTED,
            left=len(last.living),
        )
    return passed("SIGTERM ended it; the port is free, and no process is left")


def _whom(processes: Sequence[Process], root: int) -> str:
    if any(process.pid == root for process in processes):
        return "the server itself"
    return "a process it had started" if len(processes) == 1 else f"{len(processes)} of its processes"
