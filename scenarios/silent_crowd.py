"""Slide 8, with more windows than fit on a desktop, and nobody types in them."""

from __future__ import annotations

from harness.judge.order import Hold, answered_during
from harness.judge.requirement import ANSWERS, LISTENS, requirement
from harness.judge.unreaped import SIGCHLD
from harness.judge.verdict import Outcome, Verdict
from harness.record.events import Branched
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.record.snapshot import Process
from harness.stage import Stage, scenario

SILENT = 32


def _of_a_limit(stood: Process | None) -> str:
    """Why no more are let in: the parent waits for children whom no handler of its would reap."""
    caught = None if stood is None else stood.caught
    waits = stood is not None and stood.is_in_wait and caught is not None and not caught & SIGCHLD
    return "waits-when-full" if waits else "limited-places"


@scenario(clients=SILENT + 1)
async def silent_crowd(stage: Stage) -> None:
    """Thirty-two clients connect and say nothing; one more connects and asks."""
    silent = await stage.peers(SILENT, "silent")
    quick = await stage.peer("quick")
    await quick.ask(b"hello from the last\n")
    await stage.clients.release(silent, b"late\n")
    await stage.part([quick, *silent])


@requirement(
    "concurrency/silent-crowd",
    scenario=silent_crowd,
    slide="8, 14",
    tier="robust",
    says="Thirty-two silent clients must not delay another.",
    why="A bigger pool, a longer table: the limit is met a little later, and by more people at once.",
    by_hand="`for i in $(seq 32); do sleep 9 | timeout 9 nc 127.0.0.1 54321 & done; sleep 1; echo "
    "hello | nc 127.0.0.1 54321`: the reply must come at once, not after 9 s",
    needs=(LISTENS, ANSWERS, "concurrency/silent-few"),
)
def a_quick_client_overtakes_thirty_two_silent_ones(seen: Recording) -> Verdict:
    silent, quick = seen.clients("silent "), seen.client("quick")
    limits = [event.limit for event in seen.every(Branched) if event.limit is not None]
    words = [client.asked for client in silent if client.asked is not None]
    hold = Hold(
        until=min(words) if words else None,
        holding=f"{limits[0]} silent clients were let in, and not one more"
        if limits
        else f"{SILENT} silent clients connected",
        meanwhile=f"while {SILENT} silent clients had said nothing",
        release="the silent ones had spoken",
        expected=f"a place for the next, whoever says nothing: here for {SILENT} and one more",
    )
    read = "reply-at-next-event" if seen.was_read(quick) else ""
    verdict = answered_during(seen, quick, hold, lambda stood: _of_a_limit(stood) if limits else read)
    if limits and verdict.outcome is Outcome.PASS:
        raise Missing(f"only {limits[0]} of {SILENT} silent clients could be let in")
    asked, cause = quick.asked, verdict.evidence.cause
    is_dropped = asked is not None and seen.after(asked).keeps_unread(quick.port)
    if verdict.outcome is Outcome.FAIL and not (cause or quick.answer) and is_dropped:
        return verdict.by_cause("drops-beyond-16")
    return verdict
