"""Clients break off in the middle of things: RST instead of FIN (RFC 9293, 3.5.2)."""

from __future__ import annotations

from harness.judge import left_over, survival
from harness.judge.requirement import ANSWERS, LISTENS, requirement
from harness.judge.verdict import Verdict, failed, passed
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.record.spelling import spell
from harness.stage import Stage, scenario

MUCH = 3 << 20
HALF = b"hel"
LINE = b"one line of a long story " * (MUCH // 25) + b"\n"
DIED = {  # where the call that meets the reset is one of reading, and where it is one of writing
    "before a word": "reset-is-fatal",
    "in mid-line": "reset-is-fatal",
    "in mid-reply": "write-error-is-fatal",
}
MOMENTS = tuple(DIED)


@scenario(clients=2)
async def resets(stage: Stage) -> None:
    """Clients reset before a word, in mid-line, in mid-reply; after each of them another client asks."""
    for moment in MOMENTS:
        rude = await stage.peer(f"reset {moment}", reads=moment != "in mid-reply")
        if moment != "before a word":
            rude.send(LINE if moment == "in mid-reply" else HALF)
            await stage.settle()
        rude.reset()
        await stage.quiet(unless=stage.server.is_alone)
        polite = await stage.peer(f"next to one {moment}")
        await polite.ask(b"still there?\n")
        await polite.leave()


@requirement(
    "abuse/reset",
    scenario=resets,
    slide="beyond; Stevens, UNIX Network Programming, section 5.11",
    tier="robust",
    says="A client that resets its connection ends at most this one connection.",
    why="A client that crashes, or is stopped at the wrong moment, is every day's business.",
    by_hand='`python3 -c "from socket import *; from struct import pack; s = create_connection(('
    "'127.0.0.1', 54321)); s.setsockopt(SOL_SOCKET, SO_LINGER, pack('ii', 1, 0))\"; echo hello | nc "
    "127.0.0.1 54321`: the reply must come; once more with s.send(b'hel') before s.setsockopt",
    needs=(LISTENS, ANSWERS, "service/again"),
)
def a_reset_kills_at_most_its_own_connection(seen: Recording) -> Verdict:
    for moment in MOMENTS:
        polite = seen.client(f"next to one {moment}")
        if polite.answer:
            continue
        polite.require_attempt()
        if left_over.is_answered_with(HALF, polite, seen.contract):
            return failed(
                f"a client broke off in mid-line, after {spell(HALF)}; the next one was answered "
                f"{polite.came_in_words()}",
                expected="to each its own line",
                cause="line-outlives-client",
            )
        ended = survival.of_workers(seen)
        return survival.failure(
            seen,
            polite,
            f"a client reset its connection {moment}",
            expected="the next client answered",
            died=ended or DIED[moment],
            mute=ended,
        )
    if len(seen.clients("reset ")) < len(MOMENTS):
        raise Missing("not all of them came")
    return passed(f"{len(MOMENTS)} clients broke off ({', '.join(MOMENTS)}); each next one was answered")
