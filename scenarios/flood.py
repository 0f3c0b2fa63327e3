"""Two hundred clients at the same moment: far more than wait in the accept queue of slide 10."""

from __future__ import annotations

from signal import SIGCHLD

from harness.call_kinds import READS
from harness.judge import uncaught, wording
from harness.judge.requirement import ANSWERS, LISTENS, requirement
from harness.judge.verdict import Verdict, failed, passed
from harness.record.events import Died
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.record.snapshot import Snapshot
from harness.record.spelling import ending
from harness.record.visits import Crowd
from harness.stage import Stage, scenario

CLIENTS = 200
SILENCE_S = 0.1  # so that all clients that the queue can take are connected before the first one asks
GUARD_S = 2.5  # a client whose SYN is dropped sends it again after 1 s, and after 2 or 3 s
SHALLOW = 1  # a backlog no deeper holds two clients at most
RETRY_NS = 190_000_000  # a dropped segment is sent again after 200 ms at the earliest (TCP_RTO_MIN)


@scenario(clients=CLIENTS)
async def flood(stage: Stage) -> None:
    """Two hundred clients connect at once, and ask a moment later; then comes one more."""
    lines = [f"number {number} of the flood\n".encode() for number in range(1, CLIENTS + 1)]
    visits = await stage.clients.crowd(
        "flood", lines, at_once=CLIENTS, delay_s=SILENCE_S, guard_s=GUARD_S
    )
    await stage.quiet(unless=lambda: all(visit.ended_ns for visit in visits))
    following = await stage.peer("next")
    await following.ask(b"next, please\n")
    await following.leave()


@requirement(
    "abuse/flood-of-connections",
    scenario=flood,
    slide="beyond; listen(2), accept(2)",
    tier="robust",
    says="When 200 clients connect at once, all that are let in are served, and so is the next one.",
    why="Whom the accept queue cannot hold tries again a second later (tcp(7), tcp_syn_retries); whom "
    "the server has let in it must serve, or send away.",
    by_hand="`for i in $(seq 200); do (sleep 1; echo hello) | timeout 9 nc 127.0.0.1 54321 & done; "
    "wait; echo hello | timeout 9 nc 127.0.0.1 54321`: 201 replies must come; `ss -tn "
    "'sport = :54321'` shows who is left",
    needs=(
        LISTENS,
        ANSWERS,
        "service/again",
        "service/closes",
        "fork/child-exits",
        "concurrency/cross-talk",
    ),
)
def a_flood_of_connections_is_absorbed(seen: Recording) -> Verdict:
    flooded, expected = seen.crowd("flood"), "every client let in is served, and so is the next"
    answered = sum(bool(visit.answer) for visit in flooded.visits)
    refused = sum(bool(visit.ended_ns) for visit in flooded.visits) - answered
    waiting = CLIENTS - answered - refused
    at = seen.after(flooded.index)
    if not seen.is_alive(at):
        died = seen.first(Died)
        how = ending(died.status) if died else "ended"
        return failed(
            f"with {CLIENTS} clients at once the server {how}{wording.said(seen)}",
            expected=expected,
            cause=uncaught.of_server(seen) or _of_an_interrupt(seen, flooded),
        )
    forgotten = [c for c in at.connections.values() if c.accepted and c.unread > 1]
    if forgotten and waiting:
        at.proven()
        return failed(
            f"of {CLIENTS} clients at once {answered} were answered; {len(forgotten)} were let in and "
            "asked, and their lines were never read; the server is idle",
            expected=expected,
            cause=uncaught.of_acceptor(seen, at)
            or ("drops-beyond-16" if answered and _readers(at) < len(forgotten) else ""),
            forgotten=len(forgotten),
        )
    following = seen.client("next")
    if not following.answer:
        following.require_attempt()
        at = seen.unanswered(following)
        return failed(
            f"after {CLIENTS} clients at once the next one got no answer: "
            f"{wording.where_all_stood(seen, at)}, {wording.whereabouts(at, following, wording.NEXT)}",
            expected=expected,
            cause="one-accept-per-edge" if at.overlooks_the_queue else uncaught.of_acceptor(seen, at),
        )
    told = f"of {CLIENTS} clients at once {answered} were answered"
    told += f", {refused} turned away" if refused else ""
    if at.listener is None:
        raise Missing("nobody saw the accept queue")
    if at.listener.backlog <= SHALLOW:
        return _drops(told, flooded, waiting, at.listener.backlog)
    if waiting:
        told += f"; {waiting} had not come in after {GUARD_S} s: {_depth(at.listener.backlog)}"
    return passed(f"{told}; the next one was answered", answered=answered, waiting=waiting)


def _of_an_interrupt(seen: Recording, flooded: Crowd) -> str:
    """Whether a server that handles SIGCHLD names at its end the error of an interrupted call."""
    start = seen.before(flooded.index).find(seen.root)
    handles = start is not None and start.handles(SIGCHLD)
    return "eintr-is-fatal" if handles and "EINTR" in wording.errors_named(seen) else ""


def _readers(at: Snapshot) -> int:
    """How many threads sleep in read(): where each client has one, it waits at another's connection."""
    return sum(each.threads_in(READS) for each in at.living)


def _drops(told: str, flooded: Crowd, waiting: int, backlog: int) -> Verdict:
    """The failure where the queue is too short: the kernel drops clients, and chance says which."""
    again = sum((visit.latency_ns or 0) >= RETRY_NS for visit in flooded.visits)
    if not waiting and not again:
        raise Missing(f"all came in this time, though {_depth(backlog)}")
    told += f", {again} of them only when they tried again" if again else ""
    told += f"; {waiting} had not come in after {GUARD_S} s" if waiting else ""
    return failed(
        f"{told}: {_depth(backlog)}",
        expected="room for those who come at the same moment",
        cause="small-backlog",
    )


def _depth(backlog: int) -> str:
    return f"the accept queue has {backlog + 1} places" if backlog else "the accept queue has one place"
