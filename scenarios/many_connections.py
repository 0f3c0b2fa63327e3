"""More connections than select(2) can watch: FD_SETSIZE is 1 024, and a process may have more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from harness.judge import reply, survival, uncaught, wording
from harness.judge.requirement import ANSWERS, LISTENS, requirement
from harness.judge.verdict import Verdict, failed, not_applicable, passed
from harness.record.client import Client
from harness.record.events import Branched
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.stage import Peer, Stage, scenario

OPEN: Final = 1004  # with these and its own descriptors the first clients still come below the limit
CROWD: Final = 32
AT_ONCE: Final = 16
OF_ITS_OWN: Final = "each client is served by a process of its own: none holds many connections"
SHARED: Final = "its clients are shared among so many processes that none holds many connections"
MOST_PROCESSES: Final = CROWD // 2


@scenario(clients=CROWD, inherits=OPEN)
async def many_connections(stage: Stage) -> None:
    """The server starts with 1 000 open descriptors; thirty clients ask and leave; one more asks."""
    if stage.look().living > MOST_PROCESSES:
        stage.branch(SHARED)
        return
    first = await stage.peer("first")
    if stage.look().child_serving(first) is not None:
        stage.branch(OF_ITS_OWN)
        return
    await first.ask(b"the first of many\n")
    await first.leave()
    at_once = stage.server.room_for(AT_ONCE)
    crowd: list[Peer] = []
    while len(crowd) < CROWD and all(client.is_connected for client in crowd):
        number = len(crowd) + 1
        crowd += [
            await stage.clients.dial(f"one of many {n:02}") for n in range(number, number + at_once)
        ]
        await stage.settle()
    for client in crowd:
        client.send(f"{client.name} asks\n".encode())
    await stage.quiet(unless=lambda: all(c.is_served or c.end is not None for c in crowd))
    await stage.part(crowd)
    after = await stage.peer("next")
    await after.ask(b"still there?\n")
    await after.leave()


@requirement(
    "abuse/many-connections",
    scenario=many_connections,
    slide="beyond; select(2)",
    tier="advisory",
    says="More than 1,024 open descriptors do not harm the server.",
    why="FD_SET() of a descriptor from 1,024 on writes beyond the set, into whatever lies there. Most "
    "shells allow 1,024 descriptors; where more are allowed, this waits for the busiest day.",
    by_hand="`ulimit -n 4096` in both windows, and start it in one; in the other `python3 -c "
    "\"import socket; s = [socket.create_connection(('127.0.0.1', 54321)) for _ in "
    "range(1100)]; [c.send(b'a\\n') for c in s]\"`; then `echo hello | nc 127.0.0.1 54321`: "
    "the reply must come",
    needs=(
        LISTENS,
        ANSWERS,
        "service/again",
        "concurrency/silent-client",
        "concurrency/cross-talk",
        "concurrency/shared-buffer",
    ),
)
def it_outlives_more_than_select_can_watch(seen: Recording) -> Verdict:
    for event in seen.every(Branched):
        if (why := event.cause) in {OF_ITS_OWN, SHARED}:
            return passed(why)
    crowd = [c for c in seen.clients("one of many ") if c.connected is not None]
    if not crowd:
        raise Missing("nobody could connect")
    for client in crowd:
        if client.came and client.ended is not None and reply.difference(seen, client):
            return failed(
                f"{client.name!r} of {len(crowd)} got {client.came_in_words()}",
                expected="its own line, or no answer",
                cause=_mixed_by(seen, client, crowd),
            )
    most = max((p.fds for at in seen.snapshots() for p in at.living), default=0)
    if most <= OPEN:
        return not_applicable(f"it had {most} descriptors at most: none are inherited here")
    guest = seen.client("next")
    if not guest.answer:
        guest.require_attempt()
        return survival.failure(
            seen,
            guest,
            f"forkspec started your server with {OPEN:,} descriptors open; {len(crowd)} clients "
            "came and went",
            expected="the next client answered, when these have gone",
            died=_why_it_ended(seen),
            mute="beyond-fd-setsize",
        )
    answered = sum(1 for client in crowd if client.answer)
    return passed(
        f"{answered} of {len(crowd)} were answered with {most} descriptors open; so was the next"
    )


def _why_it_ended(seen: Recording) -> str:
    """The cause of its end: another error than select()'s, if it names one."""
    another = "" if "select" in wording.said(seen) else uncaught.of_server(seen)
    return another or "beyond-fd-setsize"


def _mixed_by(seen: Recording, client: Client, crowd: Sequence[Client]) -> str:
    """The cause of another client's reply: threads that share a buffer, else an fd_set too small."""
    is_anothers = any(seen.contract.is_reply(other.sent, client.came) for other in crowd)
    has_threads = any(p.threads > len(crowd) for at in seen.snapshots() for p in at.living)
    return "shared-reply-buffer" if is_anothers and has_threads else "beyond-fd-setsize"
