"""TCP is a stream of bytes: one client's line comes in two pieces, and another asks between them."""

from __future__ import annotations

from typing import Final

from harness.call_kinds import POLLS
from harness.judge import reply, uncaught, wording
from harness.judge.order import Hold, answered_during
from harness.judge.requirement import ANSWERS, LISTENS, requirement
from harness.judge.verdict import Verdict, blocked, failed, passed
from harness.record.client import Client
from harness.record.events import Died, End, Received, Sent
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.record.spelling import ending, spell
from harness.stage import Stage, scenario

FIRST, REST = b"he", b"llo\n"
_AT_ONCE_S: Final = 1.0


@scenario(clients=2)
async def half_line(stage: Stage) -> None:
    """One client sends half a line; another asks; then comes the rest of the line."""
    slow = await stage.peer("slow")
    slow.send(FIRST)
    await stage.rest.consumed(slow)
    quick = await stage.peer("quick")
    await quick.ask(b"quick\n")
    slow.send(REST)  # the release
    await stage.quiet(unless=lambda: slow.is_served)
    await stage.part([slow, quick])


@requirement(
    "concurrency/half-line",
    scenario=half_line,
    slide="9; beyond: read(2)",
    tier="robust",
    says="A client that has sent half a line must not delay another.",
    why="Lines do not arrive whole: a slow network, or a person without a line editor, sends them in "
    "pieces; whoever reads on until the newline waits for that one client.",
    by_hand="`(printf he; sleep 10; echo llo) | nc 127.0.0.1 54321` in one window; meanwhile `echo "
    "hello | nc 127.0.0.1 54321` in another: the reply must come at once",
    needs=(LISTENS, ANSWERS, "concurrency/silent-client"),
)
def a_quick_client_overtakes_one_in_mid_line(seen: Recording) -> Verdict:
    slow, quick = seen.client("slow"), seen.client("quick")
    if slow.asked is None:
        raise Missing("nobody sent half a line")
    hold = Hold(
        until=_rest_sent(seen),
        holding=f"a client had sent {spell(FIRST)} and no newline yet",
        meanwhile="while another had sent half a line",
        release="the rest of the line had come",
        expected="the quick client answered while the other is in mid-line",
    )
    return answered_during(seen, quick, hold, lambda _: _blocks_in_read(seen, slow, quick))


def _blocks_in_read(seen: Recording, slow: Client, quick: Client) -> str:
    """Whether the only process sleeps for the slow client alone: in read(), or in poll() before it.

    In a poll() for all it would hear of the quick one, which is there already.
    """
    at = seen.after(quick.asked)
    if len(at.living) > 1 or slow.port not in at.living[0].serves:
        return ""
    only = at.living[0]
    hears = only.threads > 1 or seen.was_read(quick) or at.overlooks_the_queue
    waits = only.call in POLLS and not hears and at.unread(slow.port) == 0
    return "half-line-blocks-loop" if only.is_in_read or waits else ""


@requirement(
    "stream/fragments",
    scenario=half_line,
    slide="beyond; tcp(7), read(2)",
    tier="robust",
    says="TCP is a byte stream: a line that arrives in pieces is answered as one line.",
    why="What one write() sends may be read by two read() calls, or the other way round: only the "
    "newline says where a line ends.",
    by_hand="`(printf he; sleep 1; echo llo; sleep 1) | nc 127.0.0.1 54321`: the whole reply must come",
    unless=reply.answers_anybody,
)
def a_line_in_two_pieces_is_one_line(seen: Recording) -> Verdict:
    slow, quick = seen.client("slow"), seen.client("quick")
    expected = spell(seen.contract.replies(FIRST + REST)[0])
    rest = _rest_sent(seen)
    if reply.unasked(seen, [slow]) is not None:
        return blocked(ANSWERS)
    if slow.ended is not None and (rest is None or slow.ended < rest):
        how = "closed the connection" if slow.end is End.FIN else "broke the connection off (RST)"
        answered = f"answered {spell(slow.came)} and " if slow.came else ""
        early = seen.contract.is_reply(FIRST, slow.came.rstrip(b"\0")) or _is_within(slow, quick)
        early = early or _gives_up(seen, slow, quick)
        died = seen.first(Died)
        if died is not None and not seen.is_alive(seen.last()):
            return failed(
                f"after {spell(FIRST)} the server {ending(died.status)}{wording.said(seen)}",
                expected=f"{expected}, once the newline has come",
                cause=uncaught.of_server(seen),
            )
        return failed(
            f"after {spell(FIRST)} the server {answered}{how}: the rest of the line was still to come",
            expected=f"{expected}, once the newline has come",
            cause="one-read-one-line" if early else "",
        )
    if rest is None:
        raise Missing("the rest of the line was never sent")
    different = reply.difference(seen, slow)
    if different is None:
        return passed(f"{FIRST!r} and {REST!r} came back as {spell(slow.came)}".replace("b'", "'"))
    if slow.ended is None:
        seen.after(rest).proven()
    if quick.came and reply.difference(seen, quick):
        mixed = any(quick.came.endswith(right) for right in seen.contract.replies(quick.sent))
        return blocked("concurrency/cross-talk" if mixed else ANSWERS)
    observed = f"answered {different[0]}" if slow.came else "never answered"
    return failed(
        f"{spell(FIRST)} and, later, {spell(REST)} were {observed}",
        expected=expected,
        cause=_of_pieces(seen, slow, rest),
    )


def _of_pieces(seen: Recording, slow: Client, rest: int) -> str:
    """Why the line got no right reply: its end was not read, or one of its pieces alone was answered."""
    if slow.ended is None and _lies_unread(seen, slow, rest):
        return "not-watched-again"
    if slow.came and seen.contract.is_reply(REST, slow.came):
        return "keeps-last-piece"
    early = b"".join(e.data for index, e in seen.all(Received, "slow") if index < rest)
    answer = seen.contract.reply_in(early, FIRST)
    return "one-read-one-line" if answer and seen.contract.is_reply(FIRST, answer) else ""


def _lies_unread(seen: Recording, slow: Client, rest: int) -> bool:
    """Whether the process that has read the first piece sleeps while the rest lies there."""
    at = seen.after(rest)
    holders = at.holders(slow.port)
    asleep = bool(holders) and all(each.threads == 1 and each.call in POLLS for each in holders)
    return asleep and at.unread(slow.port) == len(REST)


def _gives_up(seen: Recording, slow: Client, quick: Client) -> bool:
    """Whether a server of whole requests ended the connection at once, at the beginning of one."""
    talks = seen.contract.dialogue is not None and slow.end is End.FIN and not slow.came
    if not talks or not quick.answer or slow.asked is None or slow.ended is None:
        return False
    return seen.seconds_between(slow.asked, slow.ended) < _AT_ONCE_S  # and no clock of the server's


def _is_within(slow: Client, quick: Client) -> bool:
    """Whether the half line came back in the words in which another's whole line did, or reversed."""
    if sorted(slow.came.strip(b"\r\n\0").lower()) == sorted(FIRST):
        return True
    line = quick.sent.rstrip(b"\r\n")
    for half, whole in ((FIRST, line), (FIRST.upper(), line.upper())):
        if whole and whole in quick.came:
            return quick.came.rstrip(b"\r\n\0").replace(whole, half) == slow.came.rstrip(b"\r\n\0")
    return False


def _rest_sent(seen: Recording) -> int | None:
    sent = [index for index, _ in seen.all(Sent, "slow")]
    return sent[1] if len(sent) > 1 else None
