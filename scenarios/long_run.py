"""Slides 15 and 16, with patience: what each client leaves behind adds up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import Final

from harness.call_kinds import POLLS
from harness.judge import branches, children, uncaught, wording
from harness.judge.growth import Growth, Milestone, leaks, processes, telling, to_prove
from harness.judge.order import overtakes
from harness.judge.requirement import ANSWERS, LISTENS, requirement
from harness.judge.verdict import Outcome, Verdict, blocked, failed, not_applicable, passed
from harness.record.client import Client
from harness.record.events import Branched, Crowded, Died
from harness.record.imports import ENDS_THREADS
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.record.snapshot import Process, Snapshot
from harness.record.spelling import ending
from harness.record.visits import Crowd, Visit
from harness.stage import Stage, scenario

FIRST: Final = 64
MILESTONES: Final = (100, 300, 500)
AT_ONCE: Final = 16
_OF_A_POOL: Final = 3  # processes that serve nobody: Python's pools have a manager or two
MUCH: Final = 80
MANY: Final = 256  # a pool that starts a thread for each of its first clients seldom has more
HAS_GROWN: Final = f"there are {MUCH} processes more, or {MANY} threads: no more come"
BUDGET_S: Final = 3.0
MOST_S: Final = 15.0
FEWEST: Final = 45
GUARD_S: Final = 20.0
MORE_S: Final = 25.0
A_WHILE_S: Final = 10.0  # for which a run-time may keep a thread for the next client
UP_TO: Final = "up to "
ONE_BY_ONE: Final = "one by one"
BESIDE: Final = "beside a silent one"
FULL: Final = 110  # more than an array of a hundred has room for
FEW: Final = (60, 80)
PAGE_KB: Final = 4

_NO_LISTENER: Final = frozenset({"EBADF", "ENOTSOCK"})  # accept(2)


@scenario(clients=AT_ONCE + MANY)
async def long_run(stage: Stage) -> None:
    """Five hundred clients, sixteen at a time; after 64, 100, 300 and 500 the server comes to rest.

    Where memory grows, more clients come: a cache stops growing then, a leak does not. Then some more
    come one by one; their number is the seed's, and nobody can count on it. At last one client says
    nothing, and another asks; where no child serves it, many more come and go meanwhile, and one asks.
    """
    start = stage.look().snapshot
    first = await stage.peer("first")
    await first.ask(b"the first of many\n")
    await first.leave()
    if not first.reply or (first.end is None and stage.contract.closes):
        stage.branch("the first client was not served to the end: no crowd comes")
        return
    has_grown, came, to_come = Grown(stage), 1, [FIRST, *MILESTONES]
    seen: list[Milestone] = []
    while to_come:
        until = to_come.pop(0)
        visits = await crowd(stage, came, until)
        await stage.quiet(unless=partial(is_as_before, stage, has_grown) if to_come else None)
        came = until
        if not all(visit.answer for visit in visits):
            stage.branch("somebody was not answered: no more come")
            break
        if has_grown():
            stage.branch(HAS_GROWN)
            break
        if until == FIRST:
            to_come = as_time_allows(visits, telling(start))
        seen.append(Milestone(until, stage.look().snapshot))
        if len(seen) == 1 + len(MILESTONES):
            to_come = as_growth_asks(visits, came, to_prove(start, seen))
    else:
        few = stage.random.randint(*FEW)
        lines = [f"alone {number}\n".encode() for number in range(few)]
        visits = await stage.clients.crowd(ONE_BY_ONE, lines, at_once=1, guard_s=GUARD_S)
        await stage.quiet()
        if has_more_threads(seen[-len(MILESTONES) :]):
            await stage.rest.outlast_a_clock(A_WHILE_S)
    last = await stage.peer("last")
    await last.ask(b"the last of many\n")
    await last.leave()
    if not last.reply:
        stage.branch("the last client was not answered: no silent one comes")
        return
    alone = len(stage.look().snapshot.processes)
    silent = await stage.peer("silent")
    quick = await stage.peer("quick")
    await quick.ask(b"hello from the quick one\n")
    others = [quick]
    if quick.reply and len(stage.look().snapshot.processes) == alone:
        lines = [b"beside it, %d\n" % n for n in range(min(FULL, int(BUDGET_S * per_second(visits))))]
        await stage.clients.crowd(BESIDE, lines, at_once=1, guard_s=GUARD_S)
        others.append(after := await stage.peer("after"))
        await after.ask(b"hello from the one after them\n")
    await stage.clients.release([silent], b"late\n")
    await stage.part([*others, silent])


async def crowd(stage: Stage, came: int, until: int) -> list[Visit]:
    """Bring the number of clients up to `until`, never more at a time than the accept queue holds."""
    lines = [f"client {number}\n".encode() for number in range(came + 1, until + 1)]
    at_once = stage.server.room_for(AT_ONCE)
    return await stage.clients.crowd(f"{UP_TO}{until}", lines, at_once=at_once, guard_s=GUARD_S)


def has_more_threads(seen: Sequence[Milestone]) -> bool:
    """Whether there were more threads after each part of the clients: a clock may end them."""
    had = [sum(process.threads for process in each.at.living) for each in seen]
    return all(before < after for before, after in pairwise(had))


class Grown:
    """Tells whether the family has grown so much since this was made that no more clients shall come."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        look = stage.look()
        self._processes = len(look.snapshot.processes) + MUCH
        self._tasks = look.tasks + MANY

    def __call__(self) -> bool:
        """Whether it has."""
        look = self._stage.look()
        return len(look.snapshot.processes) > self._processes or look.tasks > self._tasks


def is_as_before(stage: Stage, has_grown: Grown) -> bool:
    """True when no process lives that was not there at the start, and the family has not grown much."""
    return stage.server.is_alone() and not has_grown()


def as_growth_asks(visits: Sequence[Visit], came: int, in_all: int) -> list[int]:
    """Further milestones until memory that grows is proven to leak; none where that takes too long."""
    more = min(in_all - came, int(MORE_S * per_second(visits)))
    if more < len(MILESTONES) * FEWEST and more < in_all - came:
        return []
    return [came + more * part // len(MILESTONES) for part in range(1, 1 + len(MILESTONES)) if more > 0]


def per_second(visits: Sequence[Visit]) -> float:
    """How many clients were served in a second."""
    span_ns = max(visit.ended_ns for visit in visits) - min(visit.connected_ns for visit in visits)
    return 1e9 * len(visits) / max(1, span_ns)


def as_time_allows(visits: Sequence[Visit], tells: int) -> list[int]:
    """The further milestones; they are nearer to each other where each client takes long.

    Between them come so many clients that a small leak shows (`tells`), unless that takes too long.
    """
    per_s = per_second(visits)
    all_of_them = MILESTONES[-1] - FIRST
    enough = 1 + tells * all_of_them // (MILESTONES[-1] - MILESTONES[0])
    some = max(FEWEST, min(all_of_them, int(BUDGET_S * per_s)), min(enough, int(MOST_S * per_s)))
    return [FIRST + (milestone - FIRST) * some // all_of_them for milestone in MILESTONES]


@requirement(
    "fork/family-size",
    scenario=long_run,
    slide="10, 16",
    tier="robust",
    says="After many clients no more processes run than before (zombies do not run: see reaping).",
    why="A process that stays keeps its memory and its place in the process table, and one day fork() "
    "fails.",
    by_hand="`ps --ppid PID | wc -l; for i in $(seq 64); do echo hello | nc 127.0.0.1 54321; done; "
    "sleep 1; ps --ppid PID | wc -l`: both numbers must be the same",
    needs=(LISTENS, ANSWERS, "service/again", "service/closes", "fork/child-exits"),
)
def the_family_returns_to_its_first_size(seen: Recording) -> Verdict:
    first = seen.client("first")
    if first.connected is None:
        raise Missing("the first client was not connected")
    if not children.is_born(seen, first):
        return _beside(seen, first)
    many, last = seen.crowd(f"{UP_TO}{FIRST}"), seen.last()
    start, after = seen.before(first.connected), seen.after(many.index)
    if not all(visit.answer or visit.ended_ns for visit in many.visits):
        raise Missing("not all of the first clients were answered")
    root = seen.root
    for what, size in (("processes", len), ("threads in the first process", partial(_threads, root))):
        sizes = [size(at.living) for at in (start, after, last)]
        if sizes[0] < sizes[1] < sizes[2] and not _is_a_pool(seen, first, sizes[2] - sizes[0]):
            after.proven()
            last.proven()
            return failed(
                f"{what} at the start: {sizes[0]}; after {FIRST} clients had come and gone: {sizes[1]}; "
                f"at the end: {sizes[2]}",
                expected="as many as at the start",
                cause="leaks-processes" if size is len else "",
                grown=sizes[1] - sizes[0],
            )
    lives = len(after.living)
    return passed(
        f"{FIRST} clients came and went: {lives} process{'es' if lives > 1 else ''}, as before"
    )


def _is_a_pool(seen: Recording, first: Client, grown: int) -> bool:
    """Whether the process of the first client serves on, and no more were born than clients at once."""
    born = {process.key for process in children.born_for(seen, first)}
    stays = not born.isdisjoint(process.key for process in seen.last().living)
    return stays and grown <= AT_ONCE + _OF_A_POOL


def _beside(seen: Recording, first: Client) -> Verdict:
    """Judge a server that starts no process for the first client: other processes may still be left.

    A process that listens may be a worker of a pool that fills late: it is not counted.
    """
    crowds = [seen.crowd(event.name) for event in seen.every(Crowded)]
    many = [each for each in crowds if each.name.startswith(UP_TO)]
    milestones = [Milestone(_up_to(each), seen.after(each.index)) for each in many]
    start = seen.before(first.connected)
    grows = processes(start, milestones, has_grown=_has_grown(seen))
    if grows is None:
        return not_applicable(children.none_born(seen))
    old = {process.key for process in start.living}
    are_workers = any(p.listens for p in milestones[-1].at.living if p.key not in old)
    swapped = bool(branches.followers(seen, first))
    if are_workers and not swapped:
        return not_applicable(children.none_born(seen))
    for milestone in milestones:
        milestone.at.proven()
    return failed(
        f"processes that were not there at the start, and stay: {grows}",
        expected="no more processes after all these clients than at the start",
        cause="swaps-branches" if swapped else "leaks-processes",
        grown=grows.stood[-1],
    )


def _has_grown(seen: Recording) -> bool:
    """Whether the family had grown so much that no more clients came."""
    return any(event.cause == HAS_GROWN for event in seen.every(Branched))


def _threads(root: int, living: Sequence[Process]) -> int:
    return sum(process.threads for process in living if process.pid == root)


@requirement(
    "reaping/long-run",
    scenario=long_run,
    slide="beyond; close(2), wait(2), proc(5)",
    tier="robust",
    says="When hundreds of clients have been served, no zombie, descriptor, thread or "
    "memory of theirs is left.",
    why="A server is to run for months: what is lost with each client, however little, ends it one day.",
    by_hand="`for i in $(seq 500); do echo hello | timeout 9 nc 127.0.0.1 54321; done | wc -l`: it "
    "must say 500, for 500 replies; before and after it `ls /proc/PID/fd | wc -l; ls /proc/PID/task | "
    "wc -l; ps --ppid PID | wc -l; grep RssAnon /proc/PID/status`: the first three numbers must be the "
    "same, and so must the fourth once you have done it twice: the first clients may cost some memory",
    needs=(
        LISTENS,
        ANSWERS,
        "service/again",
        "service/closes",
        "reaping/sequential",
        "reaping/burst",
        "fork/family-size",
    ),
)
def many_clients_leave_no_trace(seen: Recording) -> Verdict:
    crowds = [seen.crowd(event.name) for event in seen.every(Crowded)]
    alone = [each for each in crowds if each.name == ONE_BY_ONE]
    crowds = [each for each in crowds if each.name.startswith(UP_TO)]
    if not crowds:
        raise Missing("no crowd came")
    whole = [each for each in crowds if _were_served(seen, each)]
    milestones = [Milestone(_up_to(each), seen.after(each.index)) for each in whole]
    few = [Milestone(len(each.visits), seen.after(each.index)) for each in alone]
    start = seen.before(seen.client("first").connected)
    came_last = seen.client("last").connected
    later = None if came_last is None else seen.before(came_last)
    grows = leaks(start, milestones, next(iter(few), None), has_grown=_has_grown(seen), later=later)
    if grows:
        milestones[-1].at.proven()
        return failed(
            "; ".join(map(str, grows)),
            expected="no more of it after all these clients than before them",
            cause=_cause(seen, grows[0]),
            grows=[growth.name for growth in grows],
        )
    last = seen.client("last")
    if not last.answer:
        visits = [visit for each in crowds + alone for visit in each.visits]
        cause = _of_threads(seen) if _keeps_stacks(seen, milestones) else ""
        return _no_answer(seen, last, visits, cause)
    others = [visit for each in crowds if each not in whole for visit in each.visits]
    if any(visit.ended_ns and not visit.answer for visit in others):
        return blocked("concurrency/silent-crowd")
    if len(whole) < len(crowds):
        raise Missing("not everybody in the crowd was answered")
    if len(milestones) < len(MILESTONES):
        raise Missing(f"only {_up_to(crowds[-1])} clients came{_why_no_more(seen)}")
    between = milestones[-1].clients - milestones[min(1, len(milestones) - len(MILESTONES))].clients
    if between < telling(start):
        raise Missing(f"only {milestones[-1].clients} clients came: too few to tell a small leak")
    if leaks(start, milestones, next(iter(few), None), proven=False):
        raise Missing(
            f"memory grew with {milestones[-1].clients} clients, and more did not come: whether that "
            "goes on was not seen"
        )
    return passed(f"{milestones[-1].clients} clients came and went, and nothing grows with their number")


def _were_served(seen: Recording, crowd: Crowd) -> bool:
    """Whether all clients got an answer, right or wrong: concurrency/cross-talk judges wrong ones."""
    replies = {reply for visit in crowd.visits for reply in seen.contract.replies(visit.line)}
    return all(visit.answer or visit.refusal in replies for visit in crowd.visits)


def _why_no_more(seen: Recording) -> str:
    branch = seen.final(Branched)
    return f": {branch.cause.partition(': ')[0]}" if branch is not None else ""


def _up_to(crowd: Crowd) -> int:
    return int(crowd.name.removeprefix(UP_TO))


def _cause(seen: Recording, grows: Growth) -> str:
    """The known fault that leaves this."""
    first = seen.client("first")
    return {
        "zombies": _of_zombies(seen, first),
        "descriptors": "leaks-descriptors",
        "memory": _of_memory(seen, first),
        "threads": "thread-stays" if round(grows.per_client) == 1 else "",
    }.get(grows.name, "")


def _of_zombies(seen: Recording, first: Client) -> str:
    """Whose zombies stay: children's, or helpers'; "" where workers that stood ready have ended."""
    ready = {process.key for process in seen.before(first.connected).living}
    if any(zombie.key in ready for zombie in seen.last().zombies):
        return ""
    return "leaks-zombies-slowly" if children.is_born(seen, first) else "helper-never-reaped"


def _of_memory(seen: Recording, first: Client) -> str:
    if _by_threads(seen, first):
        return _of_threads(seen)
    return "leaks-memory" if children.is_born(seen, first) else "leaks-in-loop"


def _of_threads(seen: Recording) -> str:
    """Threads' stacks stay where nothing joins or detaches them; else it is what they keep."""
    calls = seen.imports
    return "leaks-in-thread" if calls is None or ENDS_THREADS.intersection(calls) else "joins-no-thread"


def _by_threads(seen: Recording, first: Client) -> bool:
    start, during = seen.before(first.connected), seen.after(first.connected)
    return max(p.threads for p in during.living) > max(p.threads for p in start.living)


def _keeps_stacks(seen: Recording, milestones: Sequence[Milestone]) -> bool:
    """Whether the first process has a page more for each client, and no more threads than before."""
    root = seen.root
    stood = [(each.clients, p) for each in milestones if (p := each.at.find(root)) is not None]
    return (
        len(stood) >= len(MILESTONES)
        and _by_threads(seen, seen.client("first"))
        and all(
            later.threads == earlier.threads and later.kb - earlier.kb >= PAGE_KB * (more - few)
            for (few, earlier), (more, later) in pairwise(stood)
        )
    )


def _is_full(seen: Recording, at: Snapshot, last: Client, visits: Sequence[Visit]) -> bool:
    """Whether a loop has served many and then no more, and does not read from the last one."""
    are_answered = [bool(visit.answer) for visit in visits]
    is_cut = are_answered == sorted(are_answered, reverse=True) and any(are_answered)
    is_closed = last.ended is not None and last.asked is not None and last.ended < last.asked
    root = at.find(seen.root)
    is_loop = root is not None and root.threads == len(at.living) == 1 and root.call in POLLS
    return is_cut and is_loop and (is_closed or at.unread(last.port) > 0)


def _of_its_number(seen: Recording, at: Snapshot) -> str:
    """Whether a compiled program calls accept() with another number than that of its listening socket.

    The socket is there, and accept() says that it is none: something has written over the variable.
    """
    root = at.find(seen.root)
    listens = root is not None and root.listens and seen.imports is not None
    is_wrong = not _NO_LISTENER.isdisjoint(wording.errors_named(seen))
    return "listener-overwritten" if listens and is_wrong else ""


def _no_answer(seen: Recording, last: Client, visits: Sequence[Visit], cause: str) -> Verdict:
    """The failure: no client is answered any more; the number that were is the limit."""
    last.require_attempt()
    at = seen.unanswered(last)
    answered = sum(bool(visit.answer) for visit in visits)
    if seen.is_alive(at):
        now = f"{wording.where_it_stood(seen, at)}{wording.printed_too(seen)}"
        cause = uncaught.of_acceptor(seen, at) or cause or _of_its_number(seen, at)
        cause = cause or ("places-used-up" if _is_full(seen, at, last, visits) else "")
    else:
        died = seen.final(Died)
        now = f"the server {ending(died.status) if died else 'is gone'}{wording.said(seen)}"
        is_over = died is not None and died.status == 0 and not wording.said(seen)
        last_seen = next((each for each in reversed(seen.snapshots()) if seen.is_alive(each)), at)
        cause = cause or ("ends-after-so-many" if is_over else _of_its_number(seen, last_seen))
    return failed(
        f"of {len(visits) + 2} clients {1 + answered} were answered; the last one "
        f"{wording.no_answer(last)}: {now}",
        expected="the last client served as the first was",
        answered=1 + answered,
        cause="one-accept-per-edge" if at.overlooks_the_queue else cause,
    )


@requirement(
    "concurrency/silent-later",
    scenario=long_run,
    slide="6-9, 14",
    tier="robust",
    says="A silent client must not delay the next one, however many have come before.",
    why="A server runs for days: as it serves its first clients it must serve all who come later.",
    by_hand="`for i in $(seq 560); do echo hello | timeout 9 nc 127.0.0.1 54321; done | wc -l`: it must "
    "say 560; then `nc 127.0.0.1 54321` in one window, typing nothing; "
    "`echo hello | nc 127.0.0.1 54321` in another: the reply must come at once",
    needs=(
        LISTENS,
        ANSWERS,
        "service/again",
        "service/closes",
        "fork/child-exits",
        "concurrency/silent-client",
    ),
)
def a_quick_client_overtakes_a_silent_one_late(seen: Recording) -> Verdict:
    last = seen.client("last")
    if (last.connected is not None or last.was_refused) and not last.answer:
        return blocked("reaping/long-run")
    quick, silent = seen.client("quick"), seen.client("silent")
    early = overtakes(seen, quick, [silent], one_at_a_time="concurrent-at-first")
    after = next(iter(seen.clients("after")), None)
    if early.outcome is not Outcome.PASS or after is None or children.is_born(seen, silent):
        return early
    came = sum(bool(visit.answer) for visit in seen.crowd(BESIDE).visits)
    late = overtakes(seen, after, [silent], beside=f", and {came} others were served beside it")
    if not late.evidence.facts.get("released"):
        return early
    return replace(late, evidence=replace(late.evidence, cause="waits-when-full"))
