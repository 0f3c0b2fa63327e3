"""A client that leaves gives its place back: a slot in a table, a count, a descriptor, a thread."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

from harness.judge import children, left_over, survival
from harness.judge.growth import new_ones
from harness.judge.requirement import ANSWERS, LISTENS, requirement
from harness.judge.verdict import Verdict, blocked, failed, inconclusive, passed
from harness.record.client import Client
from harness.record.events import Branched, Left, Reset
from harness.record.imports import LOCK, WAITS_FOR_PLACES
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.record.snapshot import Snapshot
from harness.stage import Stage, scenario

VISITS: Final = 104  # few programs have a table of more than a hundred places
ROUNDS: Final = ("more", "still more", "the last")  # a pool is full by then
AT_ONCE: Final = 26
_SEVERAL: Final = 2
_NO_CHILD: Final = re.compile(r"(?i)no child processes|\bECHILD\b")  # strerror(3)
HALF: Final = b"hel"  # what those have said who break off
HOWS: Final = {"left": "left without a word", "broke off": "broke off in mid-line (RST)"}


@scenario(clients=AT_ONCE + VISITS * len(ROUNDS))
async def lingering_places(stage: Stage) -> None:
    """A hundred clients leave without a word, a hundred break off; then one more client asks.

    Where threads grow with them, more come: a pool that starts one for each of its first clients is full
    some day.
    """
    first = await stage.peer("first")
    await first.ask(b"the first of many\n")
    await first.leave()
    for how in HOWS:
        await stage.quiet()
        stood = [threads(stage)]
        for half in ("half", "all", *ROUNDS):
            if half in ROUNDS and not has_grown(stood, VISITS // 4):
                break
            await come_and_go(stage, how, VISITS if half in ROUNDS else VISITS // 2)
            await stage.quiet()
            stage.branch(f"{half} of those have come who {how}")
            stood.append(threads(stage))
        guest = await stage.peer(f"next to those who {how}")
        await guest.ask(b"is there a place?\n")
        await guest.leave()


def threads(stage: Stage) -> int:
    """How many threads the first process has."""
    process = stage.look().find(stage.server.root)
    return 0 if process is None else process.threads


def has_grown(stood: list[int], enough: int) -> bool:
    """Whether each of these numbers is so much higher than the one before."""
    return all(later - earlier >= enough for earlier, later in pairwise(stood))


async def come_and_go(stage: Stage, how: str, count: int) -> None:
    """Let `count` clients connect, some at a time, and leave; stop when one is not accepted."""
    at_once, came = stage.server.room_for(AT_ONCE), 0
    while came < count:
        some = min(at_once, count - came)
        if await stage.clients.passers_by(f"those who {how}", some, resets=how == "broke off") < some:
            break
        came += some


@requirement(
    "abuse/lingering-places",
    scenario=lingering_places,
    slide="beyond; Stevens, UNIX Network Programming, sections 5.11 and 5.12",
    tier="robust",
    says="However a client leaves, its place is free again: the next client is served.",
    why="A place that is taken by nobody is lost for ever: the server looks well, and one day it serves "
    "nobody any more.",
    by_hand="`ls /proc/PID/fd | wc -l`; 104 clients that leave without a word: `for i in $(seq 104); do "
    "nc -z 127.0.0.1 54321; done`; and 104 that break off: "
    "`python3 -c \"from socket import *; from struct import pack; [(s.send(b'hel'), "
    "s.setsockopt(SOL_SOCKET, SO_LINGER, pack('ii', 1, 0)), s.close()) for s in (create_connection(("
    "'127.0.0.1', 54321)) for _ in range(104))]\"`; then `echo hello | timeout 9 nc 127.0.0.1 54321`: "
    "the reply must come; and once more `ls /proc/PID/fd | wc -l`: it must be the first number",
    needs=(
        LISTENS,
        ANSWERS,
        "service/again",
        "service/closes",
        "fork/child-exits",
        "reaping/sequential",
        "reaping/burst",
        "stream/silent-goodbye",
        "abuse/reset",
    ),
)
def whoever_leaves_gives_its_place_back(seen: Recording) -> Verdict:
    if not seen.client("first").answer:
        raise Missing("not even the first one was answered")
    for how, told in HOWS.items():
        guest = seen.client(f"next to those who {how}")
        came = sum(_groups(seen, how).values())
        what = f"{came} clients came and {told}"
        if not guest.answer:
            guest.require_attempt()
            _require_that_work_is_done(seen, seen.unanswered(guest))
            ended = survival.of_workers(seen)
            return survival.failure(
                seen,
                guest,
                what,
                expected="the next client answered as the first one was",
                died=ended,
                mute=ended or _cause(seen, guest),
            )
        if lost := _lost(seen, how):
            rest = "runs without rest" if seen.last().proof == "spin" else "is waiting"
            return failed(
                f"{what}; {lost} in the first process, and the server {rest}",
                expected="no more descriptors and threads than before they came",
                cause=_why_lost(seen, how) if "descriptors" in lost else _why_threads_stay(seen, how),
            )
    left, broken = (sum(_groups(seen, how).values()) for how in HOWS)
    if min(left, broken) < VISITS:
        few = f"only {left} clients left without a word, and {broken} broke off"
        return blocked("concurrency/silent-client", otherwise=inconclusive(few))
    return passed(f"{left} clients left without a word and {broken} broke off; each next one was served")


def _require_that_work_is_done(seen: Recording, at: Snapshot) -> None:
    """Raise Missing where it slept by the clock then, and was through with all of that later.

    A second for each client who came before is slow, and no place is lost by it.
    """
    later = [look for look in seen.snapshots() if look.index > at.index and look.is_proof]
    if any(p.naps for p in at.living) and any(
        look.living and not any(p.naps for p in look.living) for look in later
    ):
        raise Missing("it still slept for those who had come before, and went on later")


def _groups(seen: Recording, how: str) -> dict[int, int]:
    """How many clients came and left together, by the index of the event."""
    kind: type[Reset | Left] = Reset if how == "broke off" else Left
    return {index: event.count or 0 for index, event in seen.all(kind, f"those who {how}")}


def _cause(seen: Recording, guest: Client) -> str:
    """The cause: where a child serves, its copy of a count is the likely mistake; "" where none fits."""
    at = seen.last() if guest.asked is None else seen.after(guest.asked)
    if left_over.is_answered_with(HALF, guest, seen.contract):
        return "line-outlives-client"
    if _wait_for_locks(seen, at, guest):
        return "lock-order"
    if at.proof == "spin" or (guest.was_sent_away() and children.is_over_unseen(seen, guest)):
        return ""  # for a client that is turned away nothing is started
    if not children.born_for(seen, seen.client("first")):
        return "places-not-returned"
    return "waits-in-vain" if _NO_CHILD.search(seen.printed) else "counts-in-child"


def _wait_for_locks(seen: Recording, at: Snapshot, guest: Client) -> bool:
    """Whether threads sleep in futex(), the next client's too, of a program that has locks alone.

    One who keeps a lock would have stopped the service at once, and other requirements would say so.
    """
    imports = frozenset(seen.imports or ())
    first = at.find(seen.root)
    asleep = first.sleeping.get("futex", 0) if first is not None else 0
    waits = at.keeps_unread(guest.port) and asleep >= _SEVERAL
    return waits and LOCK in imports and imports.isdisjoint(WAITS_FOR_PLACES)


def _lost(seen: Recording, how: str) -> str:
    """What the server has more of after each client, in words; "" where there is nothing.

    It compares three looks at rest: before the clients, after half of them, after all.
    """
    halves = [
        index
        for index, event in seen.all(Branched)
        if event.cause.endswith(f"those have come who {how}")
    ]
    start = next(iter(_groups(seen, how)), None)
    if len(halves) < 2 or start is None:  # noqa: PLR2004  (half, all)
        raise Missing("not all of them came")
    came = sum(count for index, count in _groups(seen, how).items() if index < halves[1])
    enough = max(1, came // 4)
    half, whole, *more = [seen.before(index) for index in halves]
    looks = [seen.before(start), half, whole]
    before, after_half, after_all = (_of_first(seen, at, "fds") for at in looks)
    if has_grown([before, after_half, after_all], enough):
        for at in looks:
            at.proven()
        leads = new_ones(half, whole)
        new = f" (the new ones: {leads})" if leads else ""
        return (
            f"descriptors: {before} before, {after_half} after half of them, {after_all} after all{new},"
        )
    stood = [_of_first(seen, at, "threads") for at in (*looks, *more)]
    if not has_grown(stood, enough):
        return ""
    if len(more) < len(ROUNDS):
        raise Missing("whether its threads go on to grow was not seen")
    for at in (*looks, *more):
        at.proven()
    return f"threads: {stood[0]} before, then {', '.join(map(str, stood[1:]))},"


def _why_lost(seen: Recording, how: str) -> str:
    """The cause of descriptors that are lost; "" where threads stay with them, which may be to blame."""
    if how == "broke off":
        spins = any(
            at.proof == "spin" for at in seen.snapshots() if at.index > next(iter(_groups(seen, how)))
        )
        return "spins-on-reset" if spins else "leaks-on-reset"
    start = next(iter(_groups(seen, how)), None)
    looks = (seen.before(start), seen.before(seen.client(f"next to those who {how}").connected))
    before, after = (_of_first(seen, at, "threads") for at in looks)
    return "leaks-on-goodbye" if after <= before else ""


def _why_threads_stay(seen: Recording, how: str) -> str:
    """The cause where the first process has a thread more of each client that has gone, "" of others."""
    (start, first), *_ = _groups(seen, how).items()
    halves = [i for i, event in seen.all(Branched) if event.cause.endswith(f"have come who {how}")]
    before, after = (_of_first(seen, seen.before(index), "threads") for index in (start, halves[0]))
    return "thread-stays" if after - before >= first else ""


def _of_first(seen: Recording, at: Snapshot, name: str) -> int:
    process = at.find(seen.root)
    return 0 if process is None else int(getattr(process, name))
