"""Beyond the lecture: SIGTERM, too, may come between any two instructions (signal(7))."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from harness.judge import at_point, at_the_end, children
from harness.judge.requirement import ANSWERS, LISTENS, requirement
from harness.judge.verdict import Verdict, blocked, not_applicable, passed
from harness.record.events import AtPoint, Branched, Connected, Followed
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.stage import Stage, scenario

if TYPE_CHECKING:
    from harness.stage.points import Point, When

    Found = tuple[When, Point]
    Left = tuple[bool, bool]

USUAL: Final = "as usual"
MOST: Final = 16  # at each the server is started anew
FEW: Final = 3  # of a server that wakes by the clock: each rest takes its time
WHENS: Final[tuple[When, ...]] = ("comes", "ends")
LINE: Final = b"at the end\n"
BY_DEFAULT: Final = "SIGTERM has its default action there"
NOT_THE_FIRST: Final = "not its first process forks, which gets SIGTERM"
NOT_AGAIN: Final = "it does not start again at once on its port"
NOT_AGAIN_HERE: Final = f"{NOT_AGAIN}, which is the machine's here"


@scenario(clients=3)
async def ended_any_time(stage: Stage) -> None:
    """SIGTERM comes just when the server is about to make a system call, or is just back from fork().

    The points are found by following it while a client comes, and while a child ends. At rest it comes
    first; then at each point, at a server that was started anew. One client is connected all the while.
    """
    parent = await stage.clients.who_forks(USUAL, LINE)
    if not parent:
        return
    if parent != stage.server.root:
        stage.branch(NOT_THE_FIRST)
        return
    if not stage.look().heeds(signal.SIGTERM):
        stage.branch(BY_DEFAULT)
        return
    stays = await stage.peer("stays 0")
    found: list[Found] = []
    for when in WHENS:
        points = await walked(stage, when)
        if points is None:
            return
        found += [(when, point) for point in points]
    first = telling([point for _, point in found])
    most = stage.moments or min(len(first), MOST if stage.look().snapshot.proof == "quiet" else FEW)
    await stage.server.signal(stage.server.root, signal.SIGTERM, unless=lambda: not any(left(stage)))
    usual_left = left(stage)
    stays.hang_up()
    await stage.settle()
    goals = drawn(stage, found, first, most)
    for number, (when, point) in enumerate(goals, 1):
        if not await stage.server.restart():
            stage.branch(NOT_AGAIN_HERE if stage.ports_are_shared else NOT_AGAIN)
            return
        if not await ends_well(stage, number, when, point, usual_left, of=len(goals)):
            return


async def walked(stage: Stage, when: When) -> Sequence[Point] | None:
    """The points that the server passes while a client comes, or a child ends; None where refused."""
    other = await stage.peer(f"{when} 0") if when == "ends" else None
    async with stage.server.points.walk(stage.server.root, when) as walk:
        if walk.is_refused:
            return None
        if other is None:
            other = await stage.clients.dial(f"{when} 0")
            await stage.settle()
            await stage.server.points.let_children_run()
        else:
            await stage.clients.end_child(other, LINE)
    await stage.settle()
    await other.ask(LINE)
    await other.leave()
    return walk.points


def telling(points: Sequence[Point]) -> Sequence[int]:
    """Which are to be tried: the server may just have looked at a flag, or has a child since this call.

    What else is behind a call is nearly the same as what is before the next one. A call at one place in
    the program counts once, whatever the one before it has returned.
    """
    found: dict[object, int] = {}
    for number, point in enumerate(points):
        if point.side == "before" or (point.call in at_the_end.FORKS and point.result > 0):
            found.setdefault((point.side, point.call, point.frames[:1]), number)
    return list(found.values())


def drawn(stage: Stage, found: Sequence[Found], first: Sequence[int], most: int) -> Sequence[Found]:
    """As many of the points, in their order: the `first` ones, and the others where there is room.

    They are drawn by chance where there are more.
    """
    others = [n for n in range(len(found)) if n not in first]
    chosen = stage.random.sample(first, min(most, len(first)))
    chosen += stage.random.sample(others, min(most - len(chosen), len(others)))
    return [found[n] for n in sorted(chosen)]


async def ends_well(stage: Stage, number: int, when: When, goal: Point, usual: Left, *, of: int) -> bool:
    """SIGTERM comes at the goal, then the clients leave; True where no more is left than as usual."""
    stays = await stage.peer(f"stays {number}")
    other = await stage.peer(f"{when} {number}") if when == "ends" else None
    async with stage.server.points.walk(stage.server.root, when, goal, of=of) as walk:
        if walk.is_refused:
            return False
        if other is None:
            other = await stage.clients.dial(f"{when} {number}")
            await stage.settle()
        else:
            await stage.clients.end_child(other, LINE)
        await stage.server.signal(stage.server.root, signal.SIGTERM, unless=lambda: True)

    def is_well() -> bool:
        return all(before or not now for before, now in zip(usual, left(stage), strict=True))

    await stage.quiet(unless=is_well)
    went_well = is_well()
    for each in (other, stays):
        each.hang_up()
    await stage.quiet(unless=lambda: not any(left(stage)))
    return went_well and not any(left(stage))


def left(stage: Stage) -> Left:
    """Whether the first process lives, and whether another one does."""
    pids = [process.pid for process in stage.look().snapshot.living]
    return stage.server.root in pids, any(pid != stage.server.root for pid in pids)


@requirement(
    "moments/terminate",
    scenario=ended_any_time,
    slide="beyond; signal(7), signal-safety(7)",
    tier="advisory",
    says="Wherever SIGTERM comes, beside any system call of the server, it ends, and takes its children "
    "along as it does at rest.",
    why="Whoever ends a server does not know what it is doing; what stays behind one time in a thousand "
    "is killed after a minute, or serves on with the old program.",
    by_hand="`gdb -p PID -batch -ex 'catch syscall socket' -ex continue -ex 'shell sleep 5' -ex detach` "
    "in one window, with the call that the report names; `nc 127.0.0.1 54321` in another, typing "
    "nothing: the server is held when it makes that call; `kill PID` in a third; once gdb has left, "
    "`ps -p PID`: it must have ended, and `ps -e` must show no more of it than after the same without "
    "gdb",
    needs=(LISTENS, ANSWERS, "service/again", "lifecycle/terminate"),
)
def it_does_not_matter_when_it_is_ended(seen: Recording) -> Verdict:
    branch = seen.first(Branched)
    if branch is not None and branch.cause == BY_DEFAULT:
        return passed("SIGTERM has its default action there, and ends it whatever it is doing")
    tried = list(seen.every(AtPoint))
    if not tried:
        return _why_not(seen, branch)
    points = sum(event.points for event in seen.every(Followed))
    if (wrong := at_the_end.what_went_wrong(seen)) is not None:
        return at_point.as_drawn(wrong, tried[-1], points, seen.seed)
    reached = sum(event.reached for event in tried)
    if (verdict := _broken_off(branch, tried)) is not None:
        return verdict
    left_out = f" ({points - len(tried)} were not tried)" if len(tried) < points else ""
    return passed(
        f"SIGTERM came at {reached} of {points} points beside its system calls{left_out}: it ended each "
        "time, and nothing of it is left",
        points=points,
        tried=len(tried),
        reached=reached,
    )


def _broken_off(branch: Branched | None, tried: Sequence[AtPoint]) -> Verdict | None:
    """Why nothing can be told although it was ended at some points; None where it can."""
    if branch is not None and branch.cause == NOT_AGAIN:
        return blocked("lifecycle/restart")
    if branch is not None:
        return not_applicable(branch.cause)
    if len(tried) < tried[-1].of:
        raise Missing("it did not get SIGTERM at each of the points that were drawn")
    if not any(event.reached for event in tried):
        return not_applicable("it came a second time to none of the points at which it had been held")
    return None


def _why_not(seen: Recording, branch: Branched | None) -> Verdict:
    """Why it was ended at no point; raises Missing where that is not known."""
    if branch is not None and branch.refused:
        return not_applicable(f"its calls cannot be followed here: {branch.cause}")
    if branch is not None and branch.cause == NOT_THE_FIRST:
        return not_applicable(NOT_THE_FIRST)
    if branch is not None and seen.first(Connected) is not None:
        return not_applicable(children.none_seen(seen, seen.client(USUAL)))
    if seen.is_finished and len(list(seen.all(Followed))) == len(WHENS):
        return not_applicable("it was held at none of its system calls")
    raise Missing("it was not followed")
