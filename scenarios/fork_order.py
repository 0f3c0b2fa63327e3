"""Slide 10 leaves it out: after fork() either may run first, the parent or the child (fork(2))."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from harness.judge import children, survival
from harness.judge.requirement import ANSWERS, LISTENS, requirement
from harness.judge.verdict import Verdict, blocked, failed, not_applicable, passed
from harness.record.client import Client
from harness.record.events import Branched, Crowded, Ordered
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.record.visits import Visit
from harness.stage import Stage, scenario

USUAL, PARENT_FIRST, CHILD_FIRST = "as usual", "parent first", "child first"
FEW, MORE, MANY = 2, 10, 250
BUDGET_S: Final = 3.0
# A thread that reaps may come late, on a busy machine after them all.
UNREAPED: Final = 2 * (MORE + MANY)


@scenario(clients=UNREAPED)
async def fork_order(stage: Stage) -> None:
    """A child is held until its parent waits again; then a parent in fork(), until its child ends.

    The second is done for many clients, one after the other: what is lost with each adds up. As many
    come before, and nobody is held. Who is ended by a single such child meets it at the first few: in a
    crowd it would meet it by chance.
    """
    parent = await stage.clients.who_forks(USUAL, b"as usual\n")
    if not parent:
        return
    async with stage.server.running_first("parent", parent) as order:
        if order.is_refused:
            return
        late = await stage.peer(PARENT_FIRST)
        late.send(b"the parent runs first\n")
        await stage.settle()
        await stage.server.let_children_run()
        await stage.quiet(unless=lambda: late.is_served)
        await late.leave()
    if not await is_next_answered(stage, PARENT_FIRST):
        return
    async with stage.server.running_first("child", parent) as order:
        for number in range(1, 1 + FEW):
            early = await stage.clients.dial(f"{CHILD_FIRST} {number}")
            await early.ask(f"the child runs first, {number}\n".encode())
            await early.leave()
    if not await is_next_answered(stage, f"{CHILD_FIRST} {FEW}") or order.ended < FEW:
        return
    many = max(MORE, min(MANY, int(BUDGET_S * per_second(await crowd(stage, USUAL, MORE)))))
    await crowd(stage, USUAL, many)
    if not await is_next_answered(stage, USUAL):
        return
    async with stage.server.running_first("child", parent):
        await crowd(stage, CHILD_FIRST, many)
    if await is_next_answered(stage, f"{CHILD_FIRST} {many}"):
        await stage.quiet(unless=stage.server.family_is_back)


async def crowd(stage: Stage, order: str, count: int) -> list[Visit]:
    """So many clients come, one after the other; then the server comes to rest."""
    lines = [f"{order}, {number}\n".encode() for number in range(1, 1 + count)]
    visits = await stage.clients.crowd(f"{order} {count}", lines, at_once=1)
    await stage.settle()
    return visits


def per_second(visits: Sequence[Visit]) -> float:
    """How many clients were served in a second."""
    span_ns = max(visit.ended_ns for visit in visits) - visits[0].connected_ns
    return 1e9 * len(visits) / max(1, span_ns)


async def is_next_answered(stage: Stage, order: str) -> bool:
    """Whether one more client is answered, now that no process is held any more."""
    after = await stage.peer(f"after {order}")
    await after.ask(b"nobody is held\n")
    await after.leave()
    return bool(after.reply)


@requirement(
    "moments/fork-order",
    scenario=fork_order,
    slide="10; beyond: fork(2)",
    tier="robust",
    says="Whoever runs first after fork(), the parent or the child, everybody is answered, and each "
    "child is reaped.",
    why="A child may have served, exited, and been reaped by the handler before fork() has returned to "
    "its parent; on a busy machine that happens every day.",
    by_hand="`strace -p PID -e trace=fork,clone,clone3 -e inject=fork,clone,clone3:delay_exit=20000` "
    "in one window: fork() returns to the parent 20 ms late, and the child has ended by then; `for i in "
    "$(seq 250); do echo hello | timeout 2 nc 127.0.0.1 54321; done | wc -l` in another: 250 must come; "
    "then `ps --ppid PID -o pid,stat,args`: none may be <defunct>",
    needs=(
        LISTENS,
        ANSWERS,
        "service/again",
        "service/closes",
        "fork/child-exits",
        "reaping/sequential",
    ),
)
def it_does_not_matter_who_runs_first(seen: Recording) -> Verdict:
    orders = list(seen.every(Ordered))
    if not orders:
        return _why_not(seen)
    child_first = orders[1:]
    ended = sum(event.ended for event in child_first)
    told = f"{ended} child{'ren' if ended != 1 else ''} had exited before fork() returned to the parent"
    verdict = (
        _served_late(seen, orders[0])
        or _next_one(seen, orders, told)
        or _served_early(seen, child_first)
        or _as_usual(seen)
        or _left(seen, told)
    )
    if verdict is not None:
        return verdict
    if len(child_first) == 1 or not _all_answered(seen):
        raise Missing("not everybody was answered whose child was to run first")
    return passed(
        f"{told}, and one ran only once its parent waited again: everybody was answered, and no zombie "
        "is left",
        orders=2,
        children=ended + 1,
    )


def _served_late(seen: Recording, order: Ordered) -> Verdict | None:
    """The verdict, where the client whose child ran late decides it."""
    if not order.forks:
        return not_applicable("the process that served a client was not forked when it came")
    late = seen.client(PARENT_FIRST)
    return None if late.answer else _unanswered(seen, late, "only once its parent waited again")


def _served_early(seen: Recording, orders: Sequence[Ordered]) -> Verdict | None:
    """The verdict, where the first clients whose children ran early decide it."""
    if not orders:
        raise Missing("no child ran first")
    if orders[0].ended < FEW:
        return not_applicable("a child that serves does not end while its parent is in fork()")
    for number in range(1, 1 + FEW):
        early = seen.client(f"{CHILD_FIRST} {number}")
        if not early.answer:
            return _unanswered(seen, early, "while its parent was still in fork()")
    if orders[-1].ended < orders[-1].forks:
        return not_applicable("it forks processes, too, that stay: no parent is held so long")
    return None


def _unanswered(seen: Recording, client: Client, when: str) -> Verdict:
    client.require_attempt()
    seen.before(client.left).proven()
    return failed(
        f"the client whose child ran {when} was not answered",
        expected="it answered, whoever runs first",
    )


def _next_one(seen: Recording, orders: Sequence[Ordered], told: str) -> Verdict | None:
    """The failure, where a client that came when no process was held any more was not answered."""
    nobody_held = f"after {USUAL}"
    came = [each for each in seen.clients("after ") if each.name != nobody_held]
    for event, after in zip(orders, came, strict=False):
        if not after.answer:
            after.require_attempt()
            early = event.first == "child"
            return survival.failure(
                seen,
                after,
                told if early else "a child had run only once its parent waited again",
                expected="the next client answered, whoever runs first",
                died="unknown-child-is-fatal" if early else "",
                mute="pid-entered-late" if early else "",
            )
    return None


def _left(seen: Recording, told: str) -> Verdict | None:
    """The failure, where zombies are left; BLOCKED where as many are when no process is held."""
    if seen.first(Crowded) is None:
        return None
    first, last = seen.before(seen.client(USUAL).connected), seen.last()
    begun = seen.before(next(index for index, _ in seen.all(Crowded)))
    over = seen.before(seen.client(f"after {USUAL}").connected)
    usual = len(over.zombies) - len(begun.zombies)
    left = len(last.zombies) - len(first.zombies) - usual
    if left <= 1:
        return None
    if last.proven().proof == "until":
        raise Missing("a clock was still to strike, by which the server may reap them")
    if left <= 1 + usual:
        return blocked("reaping/long-run")
    return failed(
        f"{told}, of whom {left} are zombies; of as many before whom nobody held there are "
        f"{max(usual, 0)}",
        expected="each child reaped, whoever runs first",
        zombies=left,
    )


def _as_usual(seen: Recording) -> Verdict | None:
    """BLOCKED, where hundreds of clients came, nobody was held, and the next one was not answered."""
    if seen.first(Crowded) is None:
        return None
    after = seen.client(f"after {USUAL}")
    if after.answer:
        return None
    after.require_attempt()
    seen.unanswered(after)
    return blocked("reaping/long-run")


def _why_not(seen: Recording) -> Verdict:
    """Why no process was held; raises Missing where that is not known."""
    branch = seen.first(Branched)
    if branch is None:
        raise Missing("nobody was held")
    if branch.refused:
        return not_applicable(f"who runs first cannot be decided here: {branch.cause}")
    return not_applicable(children.none_seen(seen, seen.client(USUAL)))


def _all_answered(seen: Recording) -> bool:
    crowds = [seen.crowd(event.name) for event in seen.every(Crowded)]
    return all(visit.answer for each in crowds for visit in each.visits)
