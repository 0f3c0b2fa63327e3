"""Slides 13-19 leave it out: SIGCHLD may come between any two instructions (signal(7))."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from harness.judge import at_point, children
from harness.judge.requirement import ANSWERS, LISTENS, requirement
from harness.judge.verdict import Verdict, not_applicable, passed
from harness.record.events import AtPoint, Branched, Connected, Followed
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.stage import Stage, scenario
from harness.stage.points import spread

if TYPE_CHECKING:
    from harness.stage.peer import Peer
    from harness.stage.points import Look, Point, When

    Found = tuple[When, Point]

USUAL = "as usual"
MOST: Final = 24
IN_ALL: Final = 72  # where there are points within functions, of which MOST beside system calls
FEW: Final = 3  # of a server that wakes by the clock: each rest takes its time
WHENS: Final[tuple[When, ...]] = ("comes", "ends")
LINE = b"at any moment\n"


@scenario(clients=5)
async def any_moment(stage: Stage) -> None:
    """A child ends just when its parent is about to make a system call, or just back from one.

    At each point one child ends. The points are found by following the parent while a client comes, and
    while a child ends; nobody else ends then. Where the handler calls what no handler may call, there
    are points within such functions of the loop, too.
    """
    parent = await stage.clients.who_forks(USUAL, LINE)
    if not parent:
        return
    stays = await stage.peer("stays 0")
    usual_zombies = len(stage.look().snapshot.zombies)
    found: list[Found] = []
    called: list[str] = []
    for when in WHENS:
        trial = Trial(stage, parent, stays, when)
        if not await trial.goes_well(None, usual_zombies, look="handler" if when == "ends" else "calls"):
            return
        found += [(when, point) for point in trial.points]
        stays, called = trial.newcomer, trial.called
    is_quick = stage.look().snapshot.proof == "quiet"
    within: list[Point] = []
    if called and is_quick:
        trial = Trial(stage, parent, stays, "comes")
        if not await trial.goes_well(None, usual_zombies, look="loop"):
            return
        within, stays = trial.points, trial.newcomer
    most = stage.moments or (IN_ALL if within else MOST if is_quick else FEW)
    goals = list(drawn(stage, found, max(1, most * MOST // IN_ALL) if within else most))
    goals += [("comes", point) for point in spread(within, most - len(goals))]
    for when, point in goals:
        trial = Trial(stage, parent, stays, when)
        if not await trial.goes_well(point, usual_zombies, of=len(goals)):
            return
        stays = trial.newcomer
    await stays.ask(LINE)
    await stays.leave()
    await stage.quiet(unless=stage.server.family_is_back)


def drawn(stage: Stage, found: Sequence[Found], most: int) -> Sequence[Found]:
    """As many of the points, in their order; drawn by chance where there are more."""
    return [found[n] for n in sorted(stage.random.sample(range(len(found)), min(most, len(found))))]


class Trial:
    """A client comes, or a child ends; the parent is held at the goal until another child has ended.

    Then a newcomer comes, whose child ends in the next trial.
    """

    def __init__(self, stage: Stage, parent: int, stays: Peer, when: When) -> None:
        """`stays` is the client whose child ends at the goal."""
        self.points: list[Point] = []
        self.called: list[str] = []
        self.newcomer = stays
        self._stage = stage
        self._parent = parent
        self._stays = stays
        self._when = when

    async def goes_well(
        self, goal: Point | None, usual_zombies: int, of: int = 0, look: Look = "calls"
    ) -> bool:
        """Play it; True where the newcomer has a child, and no more zombies are left than as usual."""
        stage, number = self._stage, int(self._stays.name.split()[-1])
        name = f"{self._when} {number}"
        other = await stage.peer(name) if self._when == "ends" else None
        async with stage.server.points.walk(self._parent, self._when, goal, of=of, look=look) as walk:
            if walk.is_refused:
                return False
            if other is None:
                other = await stage.clients.dial(name)
                await stage.settle()
            else:
                await stage.clients.end_child(other, LINE)
            await stage.server.points.let_children_run()
            if goal is not None:
                await stage.settle()
                await stage.clients.end_child(self._stays, LINE)
        await stage.settle()
        self.points, self.called = walk.points, walk.called
        if goal is None:
            await stage.clients.end_child(self._stays, LINE)
        self.newcomer = await stage.peer(f"stays {number + 1}")
        is_well = await self._is_well(usual_zombies)
        if self._when == "comes":
            await other.ask(LINE)
            await other.leave()
            is_well = is_well and bool(other.reply)
        return is_well

    async def _is_well(self, usual_zombies: int) -> bool:
        look, newcomer = self._stage.look, self.newcomer
        if look().child_serving(newcomer) is None:
            await newcomer.ask(LINE)
            await newcomer.leave()
            return False

        def is_clean() -> bool:
            return len(look().snapshot.zombies) <= usual_zombies

        if not is_clean():
            await self._stage.quiet(unless=is_clean)
        return is_clean()


@requirement(
    "moments/signal-any-time",
    scenario=any_moment,
    slide="15-19; beyond: signal(7), signal-safety(7)",
    tier="robust",
    says="Wherever SIGCHLD comes, beside any system call of the parent or within a function that it "
    "calls, everybody is answered, and each child is reaped.",
    why="A child may end at any moment; what goes wrong at one in a thousand nobody sees in a test, and "
    "everybody some night.",
    by_hand="`nc 127.0.0.1 54321` in one window; `gdb -p PID -batch -ex 'catch syscall getpeername' "
    "-ex continue -ex 'shell sleep 5' -ex detach` in another, with the call that the report names; "
    "`echo hello | timeout 9 nc 127.0.0.1 54321` in a third: the parent is held when it makes that "
    "call; type a line in the first: a child ends; the third must be answered once gdb has left. Where "
    "the report names a function and an instruction, instead of this gdb: `gdb -p PID -batch -ex "
    "'tbreak *malloc' -ex continue -ex 'stepi 28' -ex 'shell sleep 5' -ex detach`",
    needs=(
        LISTENS,
        ANSWERS,
        "service/again",
        "service/closes",
        "fork/child-exits",
        "reaping/sequential",
        "reaping/survives-signal",
    ),
)
def it_does_not_matter_when_the_signal_comes(seen: Recording) -> Verdict:
    followed = list(seen.every(Followed))
    if len(followed) < len(WHENS):
        return _why_not(seen, followed)
    tried = list(seen.every(AtPoint))
    points = sum(event.points + event.within for event in followed)
    if not tried:
        return _why_not(seen, followed)
    if (wrong := at_point.what_went_wrong(seen, tried[-1], trials_before=len(followed))) is not None:
        last = tried[-1]
        wrong = wrong.with_facts(call_at=last.call, side=last.side, within=last.function, step=last.step)
        return at_point.as_drawn(wrong, last, points, seen.seed)
    if not seen.client(f"stays {len(followed) + len(tried)}").answer:
        raise Missing("the last one was not answered whose child was to end at no point")
    reached = sum(event.reached for event in tried)
    if not reached:
        return not_applicable("it came a second time to none of the points at which it had been held")
    left_out = f" ({points - len(tried)} were not tried)" if len(tried) < points else ""
    return passed(
        f"a child ended at {reached} of {points} points beside the system calls of its parent"
        f"{_and_within(followed)}{left_out}: everybody was answered, and no zombie is left",
        points=points,
        tried=len(tried),
        reached=reached,
        **({"static": True} if any(event.is_static for event in followed) else {}),
    )


def _and_within(followed: list[Followed]) -> str:
    called = dict.fromkeys(name for event in followed for name in event.called)
    if any(event.is_static for event in followed):
        return " (what functions it calls cannot be told: the C library is part of it)"
    if not called:
        return ""
    return f", and within functions like those that its handler calls ({', '.join(called)})"


def _why_not(seen: Recording, followed: list[Followed]) -> Verdict:
    """Why no process was held; raises Missing where that is not known."""
    branch = seen.first(Branched)
    if branch is not None and branch.refused:
        return not_applicable(f"its calls cannot be followed here: {branch.cause}")
    if branch is not None and not followed and seen.first(Connected) is not None:
        return not_applicable(children.none_seen(seen, seen.client(USUAL)))
    if not followed:
        raise Missing("nobody was followed")
    if seen.is_finished:
        return not_applicable(
            "a client is unanswered, or a zombie left, also where no child ends at a point"
        )
    raise Missing("nobody was held")
