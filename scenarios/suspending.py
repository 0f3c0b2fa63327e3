"""The slides leave it out: a call that sleeps may fail with EINTR though no handler runs (signal(7))."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Final

from harness.call_kinds import READS
from harness.judge import survival, wording
from harness.judge.requirement import ANSWERS, LISTENS, requirement
from harness.judge.verdict import Verdict, blocked, failed, passed
from harness.record.events import Frozen
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.stage import Stage, scenario

USUAL: Final = ("as usual 1", "as usual 2")  # a handler may be there for the first child alone
SILENT: Final = ("silent 1", "silent 2")
AFTER: Final = tuple(f"after {number}" for number in (1, 2, 3))
EXPECTED: Final = "one connection lost at most, and everybody answered who comes later"
FAILS: Final = frozenset(
    {"epoll_wait", "epoll_pwait", "epoll_pwait2", "rt_sigtimedwait", "semop", "semtimedop"}
)
WHAT: Final = (
    "the server was stopped and went on (SIGSTOP, SIGCONT), at rest, and once more while two clients "
    "were connected"
)


@scenario(clients=3)
async def suspending(stage: Stage) -> None:
    """The server is stopped and goes on, at rest and with two silent clients; they ask; others come."""
    for name in USUAL:
        usual = await stage.peer(name)
        await usual.ask(b"as usual\n")
        await usual.leave()
    await stage.server.pause()
    silent = [await stage.peer(name) for name in SILENT]
    await stage.server.pause()
    for each in silent:
        await each.ask(b"it has gone on\n")
        await each.leave()
    for name in AFTER:
        after = await stage.peer(name)
        await after.ask(b"is anybody there?\n")
        await after.leave()
        if not after.reply:
            return
    await stage.quiet(unless=stage.server.family_is_back)


@requirement(
    "lifecycle/suspend",
    scenario=suspending,
    slide="beyond; signal(7)",
    tier="robust",
    says="When the server has been stopped and goes on, as by Ctrl-Z and fg, at most one connection is "
    "lost.",
    why="epoll_wait(), sigwaitinfo(), semop(), and what has a time limit (SO_RCVTIMEO) then fail with "
    "EINTR, although no handler runs; so they do when a debugger comes.",
    by_hand="`nc 127.0.0.1 54321` in one window, and once more in a second one; `kill -STOP PID; "
    "sleep 1; kill -CONT PID` in a third; type a line in each of the first two: at least one must be "
    "answered; then `echo hello | nc 127.0.0.1 54321`: this one, too",
    needs=(LISTENS, ANSWERS, "service/again"),
)
def a_sleep_that_is_broken_off_ends_at_most_one_connection(seen: Recording) -> Verdict:
    paused = list(seen.every(Frozen))
    if not paused or not all(event.stopped for event in paused):
        raise Missing("it was not stopped")
    silent = [seen.client(name) for name in SILENT]
    if (
        silent[0].connected is not None
        and max(index for index, _ in seen.all(Frozen)) < silent[0].connected
    ):
        return blocked("concurrency/silent-client")  # two clients have ended it
    for name in AFTER:
        after = seen.client(name)
        if not after.answer:
            after.require_attempt()
            return survival.failure(seen, after, WHAT, expected=EXPECTED, died=_why_died(seen))
    lost = [client for client in silent if not client.answer]
    if len(lost) == len(SILENT):
        for client in lost:
            client.require_attempt()
            seen.before(client.left).proven()
        return failed(
            f"{WHAT}; neither of them was answered then",
            expected=EXPECTED,
            cause="interrupted-read-ends-clients" if _slept_in(seen, READS) else "",
        )
    if (verdict := _left(seen)) is not None:
        return verdict
    return passed(
        f"{WHAT}, and all but {len(lost)} were answered" if lost else f"{WHAT}: all were answered"
    )


def _left(seen: Recording) -> Verdict | None:
    """The failure, where clients that come later leave zombies, and the first ones left none."""
    usual, last = seen.before(seen.client(SILENT[0]).connected), seen.last()
    left = len(last.zombies)
    if usual.zombies or left <= 1:  # one may wait for the next client
        return None
    last.proven()
    return failed(
        f"{WHAT}; of the {len(SILENT + AFTER)} that were served then {left} left a zombie",
        expected="each child reaped, as before",
        cause="interrupted-reaper-ends" if _slept_in(seen, {"rt_sigtimedwait"}) else "",
        zombies=left,
    )


def _why_died(seen: Recording) -> str:
    named = "EINTR" in wording.errors_named(seen)
    return "interrupted-sleep-is-fatal" if named or _slept_in(seen, FAILS) else ""


def _slept_in(seen: Recording, calls: AbstractSet[str]) -> bool:
    """Whether a thread of the server slept in one of these calls when it was stopped."""
    at_rest = [seen.before(index) for index, _ in seen.all(Frozen)]
    return any(calls & {each.call, *each.calls} for at in at_rest for each in at.living)
