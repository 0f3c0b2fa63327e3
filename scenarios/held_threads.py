"""Beyond the lecture: between any two system calls of a thread all the others may run (pthreads(7))."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from harness.call_kinds import POLLS, READS
from harness.judge import at_point, held_thread
from harness.judge.requirement import ANSWERS, LISTENS, requirement
from harness.judge.verdict import Verdict, not_applicable, passed
from harness.record.events import AtPoint, Branched, Followed
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.record.snapshot import Process
from harness.stage import Stage, scenario

if TYPE_CHECKING:
    from harness.stage.peer import Peer
    from harness.stage.points import Point, When

    Found = tuple[When, Point]

MOST: Final = 32
FEW: Final = 3
BUDGET_S: Final = 60.0  # by the clock: beside thirty other scenarios a trial may take a second
WHENS: Final[tuple[When, ...]] = ("comes", "asks")
NO_THREADS: Final = "no two clients are served by threads of one process"


@scenario(clients=4)
async def held_threads(stage: Stage) -> None:
    """A thread is held at a system call; a client comes meanwhile, and another one asks and is served.

    The points are found by following all threads while a client comes, and while it asks.
    """
    pid = await whose_threads_serve(stage)
    if not pid:
        stage.branch(NO_THREADS)
        return
    found: list[Found] = []
    begun_s = time.monotonic()
    for number, when in enumerate(WHENS):
        points = await goes_well(stage, pid, number, when)
        if points is None:
            return
        found += [(when, point) for point in points]
    took_s = (time.monotonic() - begun_s) / len(WHENS)
    goals = drawn(stage, found, stage.moments or max(FEW, min(MOST, int(BUDGET_S / took_s))))
    for number, (when, point) in enumerate(goals, len(WHENS)):
        if await goes_well(stage, pid, number, when, point, of=len(goals)) is None:
            return
    await stage.quiet(unless=stage.server.family_is_back)


async def whose_threads_serve(stage: Stage) -> int:
    """The pid of the process of which two threads wait for what two clients say; 0 where none does."""
    before = stage.look().snapshot.processes
    pair = [await stage.peer(f"as usual {number}") for number in (1, 2)]
    if not all(map(stage.look().has_taken, pair)):
        await stage.quiet()  # who never sleeps may not have started a thread yet
    look = stage.look()
    first, second = (look.process_serving(client) for client in pair)
    await stage.clients.release(pair, b"as usual\n")
    if first is None or second is None or first.pid != second.pid:
        return 0
    idle = next((each for each in before if each.pid == first.pid), None)
    return first.pid if idle is not None and listening(first) - listening(idle) > 1 else 0


def listening(process: Process) -> int:
    """How many of its threads wait for what a client says."""
    return process.threads_in(READS | POLLS)


def drawn(stage: Stage, found: Sequence[Found], most: int) -> Sequence[Found]:
    """As many of the points, in their order; drawn by chance where there are more."""
    return [found[n] for n in sorted(stage.random.sample(range(len(found)), min(most, len(found))))]


async def goes_well(
    stage: Stage, pid: int, number: int, when: When, goal: Point | None = None, *, of: int = 0
) -> Sequence[Point] | None:
    """A client comes, or asks, and the first thread at the goal is held until others were served.

    Returns the points that were passed; None where somebody is not answered, or nobody may be held.
    """
    beside = await stage.peer(f"beside {number}")
    held = await stage.peer(f"asks {number}") if when == "asks" else None
    newcomers: list[Peer] = []
    async with stage.server.points.walk(pid, when, goal, of=of, of_threads=True) as walk:
        if walk.is_refused:
            return None
        if held is None:
            held = await stage.clients.dial(f"comes {number}")
        else:
            says(held)
        await stage.settle()
        if goal is not None and await stage.server.points.is_held():
            newcomers = await others(stage, number, beside)
    if not newcomers:
        newcomers = await others(stage, number, beside)
    if when == "comes":
        says(held)
    await stage.quiet(unless=lambda: held.is_served and beside.is_served)
    if held.is_served and beside.is_served:
        for newcomer in newcomers:
            says(newcomer)
        await stage.quiet(unless=lambda: all(each.is_served for each in newcomers))
    is_well = all(each.is_served for each in (held, beside, *newcomers))
    await stage.part([held, beside, *newcomers])
    return walk.points if is_well else None


async def others(stage: Stage, number: int, beside: Peer) -> list[Peer]:
    """A newcomer connects, and says nothing yet; then the other one asks and leaves.

    Who waits in accept() has the number of the next connection already: where one that the held thread
    has closed is used again, a second newcomer gets it.
    """
    newcomer = await stage.clients.dial(f"newcomer {number}")
    await stage.settle()
    says(beside)
    await stage.settle()
    if not (beside.is_served and stage.look().has_taken(newcomer)):
        return [newcomer]
    beside.hang_up()
    latecomer = await stage.clients.dial(f"latecomer {number}")
    await stage.settle()
    return [newcomer, latecomer]


def says(client: Peer) -> None:
    """It says its line, in which its own name stands."""
    client.send(f"{client.name} speaks\n".encode())


@requirement(
    "moments/threads",
    scenario=held_threads,
    slide="beyond; pthreads(7), pthread_mutex_lock(3p)",
    tier="robust",
    says="Whichever thread is late, beside any of its system calls, every client gets the answer to its "
    "own line.",
    why="Between any two instructions of a thread all others may run; what goes wrong at one in a "
    "thousand nobody sees in a test, and everybody some night.",
    by_hand="`strace -f -p PID -e trace=setsockopt -e inject=setsockopt:delay_enter=5000000` in one "
    "window, with the call that the report names: each thread waits 5 s where it makes that call; `nc "
    "127.0.0.1 54321` in a second, and 2 s later in a third; when 10 s are over, type a line in the "
    "second, and another within 5 s in the third: each must get its own line back",
    needs=(
        LISTENS,
        ANSWERS,
        "service/again",
        "service/closes",
        "concurrency/silent-client",
    ),
)
def it_does_not_matter_which_thread_is_late(seen: Recording) -> Verdict:
    followed = list(seen.every(Followed))
    tried = list(seen.every(AtPoint))
    if len(followed) < len(WHENS) or not tried:
        return _why_not(seen, followed)
    points = sum(event.points for event in followed)
    last = tried[-1]
    if (
        wrong := held_thread.what_went_wrong(seen, last, number=len(WHENS) + len(tried) - 1)
    ) is not None:
        return at_point.as_drawn(wrong, last, points, seen.seed)
    if len(tried) < last.of:
        raise Missing("no thread was held at some of the points that were drawn")
    reached = sum(event.reached for event in tried)
    if not reached:
        return not_applicable("no thread came a second time to a point at which one had been held")
    left_out = f" ({points - len(tried)} were not tried)" if len(tried) < points else ""
    return passed(
        f"a thread was held at {reached} of {points} points beside its system calls{left_out}, and "
        "others went on: each client got the answer to its own line",
        points=points,
        tried=len(tried),
        reached=reached,
    )


def _why_not(seen: Recording, followed: list[Followed]) -> Verdict:
    """Why no thread was held; raises Missing where that is not known."""
    branch = seen.first(Branched)
    if branch is not None and branch.refused:
        return not_applicable(f"its threads cannot be followed here: {branch.cause}")
    if branch is not None:
        return not_applicable(branch.cause)
    if seen.is_finished and followed:
        return not_applicable("a client is unanswered also where no thread is held")
    raise Missing("no thread was held")
