"""A client that has gone before its reply is written: EPIPE, and with it SIGPIPE."""

from __future__ import annotations

import signal
from collections.abc import Sequence

from harness.judge import survival
from harness.judge.requirement import ANSWERS, LISTENS, requirement
from harness.judge.verdict import Verdict, failed, not_applicable, passed
from harness.record.events import Branched, Frozen, Thawed
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.record.snapshot import Process, Snapshot
from harness.stage import Stage, scenario

TIMES = 3
DEFERS = (
    "the kernel keeps a connection from the server until that has brought something (TCP_DEFER_ACCEPT)"
)
EARLY = "gone early "
STOPPED = "to be stopped and let go on has ended the server, before anybody wrote"


@scenario(clients=2)
async def broken_pipe(stage: Stage) -> None:
    """A client asks, closes and resets while its process is stopped; the process goes on, and writes.

    Who answers and closes at once holds no connection: it is stopped before the client comes.
    """
    for number in range(1, TIMES + 1):
        gone = await stage.peer(f"gone {number}")
        holder = stage.look().process_serving(gone)
        if holder is None and stage.contract.unasked and stage.look().has_taken(gone):
            await _come_and_go(stage)
            break
        if holder is None:
            stage.branch(DEFERS if stage.look().is_deferred(gone) else "nobody held the connection")
            break
        await stage.server.freeze(holder.pid)
        if number == 1:  # we break its epoll_wait() off (signal(7))
            await stage.server.signal(holder.pid, signal.SIGCONT, unless=lambda: True)
            still = stage.look().process_serving(gone)
            if still is None or still.pid != holder.pid:
                stage.branch(STOPPED)
                break
            await stage.server.freeze(holder.pid)
        gone.send(b"hello\n")
        gone.half_close()
        gone.reset()  # an RST alone ends the read; a line, a FIN and then an RST end the write
        await stage.server.thaw(holder.pid)
    polite = await stage.peer("next")
    await polite.ask(b"still there?\n")
    await polite.leave()
    await stage.quiet()


async def _come_and_go(stage: Stage) -> None:
    """Clients come, close and reset while every process that accepts is stopped."""
    for pid in _acceptors(stage):  # we break its epoll_wait() off (signal(7))
        await stage.server.freeze(pid)
        await stage.server.signal(pid, signal.SIGCONT, unless=lambda: True)
        if pid not in _acceptors(stage):
            stage.branch(STOPPED)
            return
    for number in range(1, TIMES + 1):
        acceptors = _acceptors(stage)
        for pid in acceptors:
            await stage.server.freeze(pid)
        early = await stage.clients.dial(f"{EARLY}{number}")
        early.half_close()
        early.reset()
        for pid in acceptors:
            await stage.server.thaw(pid)


def _acceptors(stage: Stage) -> list[int]:
    """The living processes that hold the listening socket."""
    return [process.pid for process in stage.look().snapshot.living if process.listens]


@requirement(
    "abuse/broken-pipe",
    scenario=broken_pipe,
    slide="beyond; Stevens, UNIX Network Programming, section 5.13",
    tier="robust",
    says="Writing to a client that has gone must neither end the server nor go on for ever.",
    why="The second write to a connection that was reset raises SIGPIPE, which ends the whole process "
    "unless it is ignored; where it is, write() fails with EPIPE, however often it is tried.",
    by_hand='`kill -STOP PID; python3 -c "from socket import *; from struct import pack; s = '
    "create_connection(('127.0.0.1', 54321)); s.send(b'hello\\n'); s.shutdown(SHUT_WR); "
    "s.setsockopt(SOL_SOCKET, SO_LINGER, pack('ii', 1, 0)); s.close()\"; kill -CONT PID; sleep 1; "
    "echo hello | nc 127.0.0.1 54321`: the reply must come; then `top`: no process of the server may "
    "be at the top",
    needs=(LISTENS, ANSWERS, "service/again"),
)
def writing_to_one_who_has_gone_kills_nobody_else(seen: Recording) -> Verdict:
    polite = seen.client("next")
    if any(event.cause == STOPPED for event in seen.every(Branched)):
        raise Missing(STOPPED)
    if any(event.cause == DEFERS for event in seen.every(Branched)):
        return not_applicable(DEFERS)
    if seen.first(Thawed) is None:
        raise Missing("no process was seen to hold the connection of the client that was to leave")
    if not polite.answer:
        polite.require_attempt()
        return survival.failure(
            seen,
            polite,
            "the server wrote to clients that had gone",
            expected="the next client answered",
            mute="retries-broken-pipe" if _still_running(seen, seen.unanswered(polite)) else "",
        )
    gone = seen.clients(EARLY) or seen.clients("gone ")
    running = [p for p in _still_running(seen, seen.last()) if not p.listens or p.threads > 1]
    if running:  # who lets the next one in by its only thread does not write meanwhile
        return failed(
            f"{len(gone)} clients had gone before their reply, and {_running(running)} the processor "
            "since then, all the time",
            expected="whoever writes to a client that has gone gives it up",
            cause="retries-broken-pipe",
            running=len(running),
        )
    if len(gone) < TIMES:
        raise Missing("not all of them could be stopped in time")
    return passed(f"{len(gone)} clients had gone before their reply; the next one was answered")


def _still_running(seen: Recording, at: Snapshot) -> list[Process]:
    """The processes that slept while they held such a client's connection, and do not any more."""
    if at.proof != "spin":
        return []
    held = {
        process.key
        for index, _ in seen.all(Frozen)
        for process in seen.before(index).living
        if process.serves and _sleeps(process)
    }
    return [each for each in at.living if each.key in held and not _sleeps(each)]


def _sleeps(process: Process) -> bool:
    return not process.is_awake


def _running(running: Sequence[Process]) -> str:
    one = "the process that served one of them has"
    return f"{one if len(running) == 1 else f'{len(running)} processes that served them have'} used"
