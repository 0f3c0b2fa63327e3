"""Slides 18 and 19: many children exit, and the signal that tells of them does not queue."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from functools import partial

from harness.judge import children
from harness.judge.recording import Event, Kind, Missing, Recording, Snapshot
from harness.judge.requirement import ANSWERS, LISTENS, requirement
from harness.judge.verdict import Verdict, failed, not_applicable, passed
from harness.stage import Peer, Stage, scenario

SIZES = (10, 50)
SIGCHLD = 1 << (signal.SIGCHLD - 1)


@scenario(clients=max(SIZES))
async def burst(stage: Stage) -> None:
    """Ten clients, then fifty: their children exit while the parent is stopped, then it goes on."""
    for size in SIZES:
        clients = await stage.peers(size, f"of {size}, client")
        child = stage.child_serving(clients[0]) if clients else None
        if child is None:
            stage.branch("no process was born for a client: none will exit")
            return
        parent = stage.parent_of(child)
        await stage.freeze(parent)
        for client in clients:
            client.send(f"{client.name}\n".encode())
        await stage.quiet(unless=partial(all_served, clients))
        await stage.part(clients)
        await stage.thaw(parent)
        one_more = await stage.peer(f"after {size}")
        await one_more.ask(b"one more\n")
        await one_more.leave()
        await stage.quiet()


def all_served(clients: Sequence[Peer]) -> bool:
    """True once every one has its answer and its end."""
    return all(client.is_served for client in clients)


@requirement(
    "reaping/burst",
    scenario=burst,
    slide="18, 19",
    tier="robust",
    says="Every child that exits is reaped, also when many exit at once.",
    why="Signals of one kind do not queue: while SIGCHLD is pending, further exits are not counted "
    "(signal(7)).",
    by_hand="start 50 clients (nc 127.0.0.1 54321); kill -STOP the server; type a line in each; "
    "kill -CONT the server; ps --ppid PID",
    needs=(LISTENS, ANSWERS, "reaping/sequential"),
)
def test_every_child_of_a_burst_is_reaped(seen: Recording) -> Verdict:
    """Killed by: wait() once per SIGCHLD, a single waitpid(WNOHANG)."""
    thaws = list(seen.all(Kind.THAWED))
    if not thaws:
        if any(True for _ in seen.all(Kind.BRANCHED)):
            return not_applicable(children.NONE_BORN)
        raise Missing("no burst took place")
    worst: Verdict | None = None
    reaped = 0
    if len(seen.before(thaws[0][0]).living) > SIZES[0]:
        return not_applicable(children.NONE_EXITS)
    for index, thaw in thaws:
        frozen, after = seen.before(index), seen.after(index)
        before = len(_before(seen, index).zombies)
        exited = len(frozen.zombies) - before
        left = len(after.zombies) - before
        later = _after_one_more(seen, index)
        reaped += exited
        if left > 1 and len(later.zombies) - before > 1:
            later.proven()
            worst = _failure(frozen, after.proven(), thaw, exited, left)
    if worst is not None:
        return worst
    return passed(
        f"{reaped} children had exited behind the stopped parent; none stayed a zombie"
        if reaped
        else "the kernel or init reaps: no zombie even while the parent was stopped",
        by_kernel=not reaped,
    )


def _before(seen: Recording, thaw: int) -> Snapshot:
    frozen = max(index for index, _ in seen.all(Kind.FROZEN) if index < thaw)
    return seen.before(frozen)


def _after_one_more(seen: Recording, thaw: int) -> Snapshot:
    left = [index for index, event in seen.all(Kind.LEFT) if index > thaw and "after" in event.actor]
    return seen.after(left[0] if left else None)


def _failure(frozen: Snapshot, after: Snapshot, thaw: Event, exited: int, left: int) -> Verdict:
    parent = frozen.find(thaw.detail["pid"])
    pending = parent is not None and bool(parent.pending & SIGCHLD)
    told = "one SIGCHLD was pending for all of them" if pending else "no SIGCHLD was pending"
    rests = after.find(thaw.detail["pid"])
    where = f"rests in {rests.call}()" if rests is not None and rests.call else "goes on"
    return failed(
        f"{left} of {exited} children are zombies: {told}, and the server {where}",
        expected="no zombie left once the server is idle again",
        cause="once-per-signal" if pending and left == exited - 1 else "",
        zombies=left,
        children=exited,
    )
