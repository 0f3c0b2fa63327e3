"""A client asks for much and does not read it: the server's write() has to wait for that one client."""

from __future__ import annotations

from harness.call_kinds import POLLS
from harness.judge import reply
from harness.judge.causes.concurrency_shared import OTHERS_REPLY
from harness.judge.order import Hold, answered_during
from harness.judge.requirement import ANSWERS, LISTENS, requirement
from harness.judge.verdict import Verdict, blocked, failed, not_applicable, passed
from harness.record.client import Client
from harness.record.events import End, Reads, Sent
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.record.spelling import spell
from harness.stage import Stage, scenario

MARK = b"this is from byte %06d, "
LENGTH = 128 << 10  # the buffers on the way hold a third of it
AT_LEAST = 16 << 10  # what a socket of the server takes before anybody reads: tcp(7), tcp_wmem
LINE = b"".join(MARK % at for at in range(0, LENGTH, len(MARK % 0)))[:LENGTH]
OTHERS = b"~" * 8  # has nothing of the first client's line, and no letters to capitalise
OTHERS_LINE = b"~" * LENGTH + b"\n"
WAITS = frozenset({"poll", "ppoll", "select", "pselect6", "epoll_wait", "epoll_pwait"})
WRITES = frozenset({"write", "writev", "sendto", "sendmsg", "sendfile"})


@scenario(clients=3)
async def slow_reader(stage: Stage) -> None:
    """A client asks for much and reads nothing; two others ask, one for as much; the first reads."""
    slow = await stage.peer("slow", reads=False)
    slow.send(LINE)
    await stage.settle()
    slow.send(b"\n")
    await stage.settle()
    quick = await stage.peer("quick")
    await quick.ask(b"hello from the quick one\n")
    if quick.reply:
        other = await stage.peer("other")
        await other.ask(OTHERS_LINE)
        other.hang_up()
    slow.read_on()  # the release
    await stage.quiet(unless=lambda: slow.is_served)
    await stage.part([slow, quick])


@requirement(
    "concurrency/slow-reader",
    scenario=slow_reader,
    slide="9; beyond: write(2), tcp(7)",
    tier="robust",
    says="A client that does not read its reply must not delay another.",
    why="write() sleeps once the buffers are full, until this client reads; in an event loop everybody "
    "sleeps with it.",
    by_hand="`python3 -c \"import socket, time; s = socket.create_connection(('127.0.0.1', "
    "54321)); s.sendall(b'y' * 16000000 + b'\\n'); time.sleep(60)\"` in one window, a "
    "client that reads nothing; meanwhile `echo hello | nc 127.0.0.1 54321` in another: "
    "the reply must come at once",
    needs=(LISTENS, ANSWERS, "concurrency/silent-client"),
)
def a_quick_client_overtakes_a_slow_reader(seen: Recording) -> Verdict:
    slow, quick = seen.client("slow"), seen.client("quick")
    if slow.asked is None:
        raise Missing("nobody asked for much")
    hold = Hold(
        until=_reads_on(seen),
        holding=f"a client had sent a line of {len(LINE):,} bytes and read nothing of the reply",
        meanwhile=f"while another left its reply to a line of {len(LINE):,} bytes unread",
        release="the slow one had begun to read",
        expected="the quick client answered while the other does not read",
    )
    return answered_during(seen, quick, hold, lambda _: _blocks_in_write(seen, slow, quick))


def _blocks_in_write(seen: Recording, slow: Client, quick: Client) -> str:
    """Whether the process that holds the slow client's connection sleeps for it alone, as in write().

    In poll() it would hear of the quick one, which is there already, if it asked.
    """
    at = seen.after(quick.asked)
    held = at.holders(slow.port)
    writes = any(process.call in WRITES for process in held)
    is_one = len(at.living) == 1 and all(process.threads == 1 for process in held)
    hears = seen.was_read(quick) or at.overlooks_the_queue
    waits = is_one and not hears and any(process.call in WAITS for process in held)
    return "blocking-write-in-loop" if writes or waits else ""


@requirement(
    "stream/large-reply",
    scenario=slow_reader,
    slide="beyond; write(2), RETURN VALUE",
    tier="robust",
    says="A client that reads slowly gets its whole reply.",
    why="What a client asked for it must get, in order and whole, however slowly it reads; what write() "
    "does not take at once is lost unless it is written again.",
    by_hand="`(head -c 16000000 /dev/zero | tr '\\0' y; echo) | nc 127.0.0.1 54321 | (sleep 5; wc "
    "-c)`: it must count 16000001",
)
def a_slow_reader_gets_everything(seen: Recording) -> Verdict:
    slow, quick = seen.client("slow"), seen.client("quick")
    reads = _reads_on(seen)
    if slow.asked is None or reads is None:
        raise Missing("nobody asked for much, or nobody read it")
    came = f"{len(slow.came):,} bytes"
    line = f"a line of {len(slow.sent):,}"
    if seen.contract.is_reply(slow.sent, slow.came):
        late = len(slow.came) - _lay_unread(seen)
        return passed(f"all {came} came, {late:,} of them after the client had begun to read")
    if quick.came and reply.difference(seen, quick):
        return blocked(ANSWERS)
    if why := _takes_less(seen, slow, reads):
        answers = f"it answers {came} to" if slow.came else "it answers nothing to"
        return not_applicable(f"{answers} {line}: {why}")
    if slow.ended is None:
        seen.after(reads).proven()
    wanted = max(seen.contract.replies(slow.sent), key=lambda w: reply.common_length(w, slow.came))
    first = reply.common_length(wanted, slow.came)
    missing = first == len(slow.came)
    what = "missing" if missing else f"wrong: 0x{slow.came[first]:02X} came there"
    cause = "partial-write" if missing and slow.end is End.FIN else ""
    if missing and slow.end is None and _waits_for_others(seen, slow, reads):
        cause = "rest-not-watched"
    if OTHERS in slow.came and not missing:
        what, cause = "of another client's reply", "shared-reply-buffer"
    how = "the connection was closed" if slow.end is End.FIN else "the server is idle"
    return failed(
        f"the server read {line} bytes whole; {came} of the reply came, and then {how}: byte {first:,} "
        f"is the first {what}",
        expected=f"all {len(wanted):,} bytes of its own, however late the client reads",
        cause=cause,
        came=len(slow.came),
    )


@requirement(
    "concurrency/shared-buffer",
    scenario=slow_reader,
    slide="beyond; pthreads(7), write(2)",
    tier="robust",
    says="A reply that has to wait is not overwritten by the reply to another client.",
    why="write() takes the bytes that are in the buffer when there is room for them: who writes another "
    "reply into the same buffer meanwhile sends it to both.",
    by_hand=OTHERS_REPLY,
    needs=(
        LISTENS,
        ANSWERS,
        "service/again",
        "concurrency/silent-client",
        "concurrency/slow-reader",
        "reaping/never-blocks",
    ),
)
def a_reply_that_has_to_wait_stays_its_own(seen: Recording) -> Verdict:
    slow, other = seen.client("slow"), seen.client("other")
    reads = _reads_on(seen)
    if reads is None or slow.asked is None or other.asked is None:
        raise Missing("not all of them asked, or nobody read on")
    if seen.contract.tells_others:
        return not_applicable("here every client hears what the others say")
    at = slow.came.find(OTHERS)
    if at >= 0 and not seen.contract.is_reply(slow.sent, slow.came):
        return failed(
            f"one was slow to read; another one's reply was written meanwhile; from byte {at:,} the "
            f"first one got the other's: {spell(slow.came, at)}",
            expected="its own reply, and nothing else",
            cause="shared-reply-buffer",
            first=at,
        )
    if not seen.contract.is_reply(slow.sent, slow.came) and (why := _takes_less(seen, slow, reads)):
        return not_applicable(f"no reply had to wait: {why}")
    if not other.was_answered(before=reads):
        if len(other.came) > AT_LEAST:
            return blocked("stream/large-reply")  # it is told something else, whoever waits
        raise Missing("nobody was answered while a reply lay unread")
    if not slow.answer:
        raise Missing("the slow client got no answer")
    if len(slow.answer) <= _lay_unread(seen):
        return not_applicable("the reply did not have to wait: no other could be written over it")
    return passed(f"all {len(slow.answer):,} bytes are of the client's own reply")


def _takes_less(seen: Recording, slow: Client, reads: int) -> str:
    """Why the server need not have sent more than came, in words; "" where it must."""
    asked = [index for index, _ in seen.all(Sent, slow.name)]
    in_mid_line = seen.after(asked[0]).connection(slow.port)
    if in_mid_line is None or in_mid_line.state not in {"ESTABLISHED", "CLOSE_WAIT"}:
        return "the server ended the connection before the line was complete"
    if slow.end is End.RST:
        return "the server broke the connection off (RST)"
    if len(slow.came) <= _lay_unread(seen) + AT_LEAST:
        return "that fits into the buffers on the way, and nobody had to wait"
    if slow.ended is None:
        at = seen.after(reads)
        now = at.connection(slow.port)
        if at.proof == "spin":
            return "the server does not come to the end of it"
        if now is not None and now.unread:
            return "the rest is left unread"
    return ""


def _waits_for_others(seen: Recording, slow: Client, reads: int) -> bool:
    """Whether who holds the connection sleeps in poll() or the like, though it could write on."""
    holders = seen.after(reads).holders(slow.port)
    return bool(holders) and all(each.threads == 1 and each.call in POLLS for each in holders)


def _reads_on(seen: Recording) -> int | None:
    return seen.place_of(Reads, "slow")


def _lay_unread(seen: Recording) -> int:
    """How many bytes waited for the slow client when it began to read."""
    return next((event.waiting for event in seen.every(Reads, "slow")), 0)
