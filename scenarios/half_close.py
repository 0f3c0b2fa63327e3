"""Slide 10, `if ( rx > 0 )`: the input may end in mid-line; read() then returns 0."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from harness.call_kinds import ACCEPTS
from harness.judge import branches, wording
from harness.judge.requirement import ANSWERS, LISTENS, requirement
from harness.judge.verdict import Outcome, Verdict, failed, passed
from harness.record.events import Flooded, HalfClosed
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.record.snapshot import Process
from harness.record.spelling import called, spell
from harness.stage import Stage, scenario

AT_ONCE: Final = "one who says all at once"
WHOLE: Final = b"hello, and goodbye\n"


@scenario(clients=1)
async def half_close(stage: Stage) -> None:
    """One client sends half a line and says that no more will come, but goes on reading.

    Another one sends a whole line, and the end of its input arrives together with it.
    """
    client = await stage.peer("client")
    client.send(b"hello")
    await stage.settle()
    client.half_close()
    await stage.quiet(unless=lambda: client.end is not None)
    await client.leave()
    if stage.contract.dialogue is None:
        await stage.quiet()
        hasty = await stage.peer(AT_ONCE)
        hasty.ask_last(WHOLE)
        await stage.quiet(unless=lambda: hasty.end is not None)
        await hasty.leave()


@requirement(
    "stream/half-close",
    scenario=half_close,
    slide="10; beyond: shutdown(2)",
    tier="robust",
    says="When the input ends, a whole line before it is answered; half a line is answered, or the "
    "connection closed.",
    why="A client that has ended its input cannot send the newline any more: who waits for it, waits "
    "for ever.",
    by_hand="`printf hello | nc 127.0.0.1 54321 | head -c 100` (with OpenBSD's nc add -N): an answer or "
    "the end must come, and only once; then `top`: no process of the server may be at the top",
    needs=(LISTENS, ANSWERS, "fork/child-exits"),
)
def the_end_of_input_is_not_waited_for(seen: Recording) -> Verdict:
    of_half = _after_half_a_line(seen)
    if of_half.outcome is not Outcome.PASS:
        return of_half
    return _after_a_whole_line(seen) or of_half


def _after_a_whole_line(seen: Recording) -> Verdict | None:
    """The failure where a line was not answered, since the end of the input came with it."""
    hasty = next(iter(seen.clients(AT_ONCE)), None)
    if hasty is None or hasty.asked is None or hasty.came or seen.contract.unasked:
        return None
    if hasty.end is None or not seen.is_alive(seen.after(hasty.asked)):
        return None  # what the client before has left behind, as a lock, may hold this one up
    how = f"and the connection ended by {hasty.end}"
    return failed(
        f"{spell(WHOLE)} came, and the end of the input together with it: no answer came, {how}",
        expected="an answer to the line: who has said all still listens",
        cause="end-before-line",
    )


def _after_half_a_line(seen: Recording) -> Verdict:
    client = seen.client("client")
    closed = seen.place_of(HalfClosed, client.name)
    if closed is None:
        if client.end is not None:
            return passed("half a line was answered, or the connection closed, before its end")
        raise Missing("the client never ended its input")
    expected = "an answer to what has come, or the end of the connection"
    at = seen.after(closed)
    is_served = client.answer or client.end is not None
    if at.proof == "spin" and not (is_served and not at.holders(client.port)):
        holds_on = any(process.state == "R" for process in at.holders(client.port))
        return failed(
            "half a line came, and then the end of the input: since then the server uses the processor "
            "all the time",
            expected=expected,
            cause=branches.why_it_spins(seen, "spins-on-half-close" if holds_on else ""),
        )
    flooded = next((e for index, e in seen.all(Flooded, client.name) if index > closed), None)
    if flooded is not None:
        at.proven()
        return failed(
            f"half a line came, and then the end of the input: since then the server sends without end, "
            f"{flooded.taken:,} bytes until nobody took them any more",
            expected=expected,
            cause="floods-on-half-close",
        )
    if client.answer:
        return passed("what had come was answered")
    if client.end is not None:
        return passed(f"the connection was closed without an answer ({client.end})")
    at.proven()
    holders = at.holders(client.port)
    who = (
        f"its server was asleep in {called(holders[0].call)}"
        if holders
        else wording.whereabouts(at, client)
    )
    return failed(
        f"half a line came, and then the end of the input, but neither an answer nor an end: {who}",
        expected=expected,
        cause=_why_unanswered(holders),
    )


def _why_unanswered(holders: Sequence[Process]) -> str:
    """The cause by the process that holds the connection: it waits for more, or for others alone."""
    if not holders:
        return ""
    lets_others_in = holders[0].threads == 1 and holders[0].call in ACCEPTS
    return "leaks-on-goodbye" if lets_others_in else "waits-for-newline"
