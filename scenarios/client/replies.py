"""Slide 8: the client shows the whole reply, however many pieces it comes in, however long it is."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from harness.judge.requirement import requirement
from harness.judge.verdict import Verdict, failed, passed
from harness.record.client_run import SERVER, Talk, is_killed, talks, words
from harness.record.client_run import how_it_ended as ended
from harness.record.events import Fin, HalfClosed, Rst, Sent
from harness.record.last_words import is_of_memory, report_of_error, telling
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.stage import ClientStage, client_scenario

LINE = b"hello\n"
LONG = b"x" * 2999 + b"\n"
_PATIENCE_NS: Final = 1_000_000_000
_NO_MARK: Final = re.compile(rb"[^\s!-/:-@\[-`{-~]")  # a letter, a digit, or what is no text
_CLOSED: Final = re.compile(rb"bad file descriptor|closed", re.IGNORECASE)


@client_scenario
async def replies(stage: ClientStage) -> None:
    """A reply comes in two pieces; in a second run of the client, one longer than most buffers."""
    await stage.server.listen()
    reply = stage.contract.replies(stage.contract.line(LINE))[0]
    for pieces in ((reply[:3], reply[3:]), (LONG,)):
        if not await stage.asks(LINE):
            return
        for piece in pieces:
            await stage.server.answer(piece)
        await stage.part()


@requirement(
    "client/prints-reply",
    scenario=replies,
    slide="8",
    tier="lecture",
    says="The client shows the reply and ends with status 0.",
    why="TCP is a byte stream: one read() may bring a part of the reply, and one buffer may be too "
    "small for it (Stevens, UNIX Network Programming, section 3.9).",
    by_hand="`nc -l 54321` in one window, `./tcpclient localhost 54321; echo $?` in another: type a "
    "line there, and then HEL, ^D, LO, Enter into the first: HELLO must come, and at the end 0",
    needs=("client/sends-line",),
)
def it_shows_all_of_the_reply(seen: Recording) -> Verdict:
    told = []
    for talk, what in zip(talks(seen), ("in two pieces", "of 3000 bytes"), strict=False):
        sent = [seen.bytes_at(i) for i in talk.all(Sent, SERVER)]
        if not sent:
            raise Missing("our server had nobody to answer")
        _must_be_in_time(talk)
        reply = b"".join(sent)
        shown = talk.shown(since=talk.typed or 0)
        fits = _fits_the_line(seen, talk, reply, shown)
        if (not fits and reply.rstrip() not in shown) or _is_an_object(reply, shown):
            return _missing(talk, reply, shown, what)
        told.append("as far as its own line was long" if fits else what)
    for talk, what in zip(talks(seen), told, strict=False):
        if talk.status is not None and talk.has_ended and not _is_success(talk.status):
            return failed(
                f"it showed the reply {what}, and then {ended(talk.status)}",
                expected="exit status 0",
                cause="fails-after-reply" if os.WIFEXITED(talk.status) else "",
                status=talk.status,
            )
    if not talks(seen)[-1].has_ended:
        return passed(f"it showed the replies {' and '.join(told)}")
    return passed(f"it showed the replies {' and '.join(told)}, and ended with status 0")


def _is_success(status: int) -> bool:
    return os.WIFEXITED(status) and not os.WEXITSTATUS(status)


def _must_be_in_time(talk: Talk) -> None:
    """A client may wait a second or two for each piece, and then go; on a busy machine we come later.

    Raises:
        Missing: one of ours came later than that, and nobody was there any more.
    """
    acts = [talk.typed, *talk.all(Sent, SERVER)]
    times = [talk.seen.events[i].at_ns for i in acts if i is not None]
    late = any(later - before > _PATIENCE_NS for before, later in pairwise(times))
    if late and not talk.seen.before(acts[-1]).living:
        raise Missing("it was gone when our server answered, which took its time: the machine is busy")


def _fits_the_line(seen: Recording, talk: Talk, reply: bytes, shown: bytes) -> bool:
    """Whether it showed as many bytes as its own line has: it may take that for the whole reply."""
    line = seen.bytes_at(talk.typed) if talk.typed is not None else b""
    size, due = len(talk.sent), seen.contract.replies(seen.contract.line(line))[0]
    return size == len(due) < len(reply) and reply[:size] in shown and reply[: size + 1] not in shown


def _is_an_object(reply: bytes, shown: bytes) -> bool:
    """Whether it showed an array of bytes as its language prints one."""
    text = re.escape(reply.rstrip())
    numbers = b"[, ]+".join(str(each).encode() for each in reply.rstrip())
    return bool(re.search(rb"\bb(['\"])%b(?:\\n)?\1|\[%b|\[[BC]@[0-9a-f]+" % (text, numbers), shown))


def _missing(talk: Talk, reply: bytes, shown: bytes, what: str) -> Verdict:
    closes = talk.seen.contract.closes
    if not talk.has_ended and not (talk.all(HalfClosed, SERVER) or not closes):
        raise Missing("our server has not said all")
    now = "" if talk.has_ended else f"; it is {talk.doing}"
    if not closes and not talk.has_ended:
        now += ", and by the contract our server stays open"
    error = telling(shown.decode(errors="replace")) if _is_error(shown) else ""
    return failed(
        f"of a reply {what} it showed {f'an error, {error!r}' if error else words(shown)}{now}",
        cause=_why_missing(talk, reply, shown),
        expected=f"all {len(reply)} bytes of it",
        shown=len(shown),
        sent=len(reply),
    )


def _why_cut(talk: Talk, reply: bytes, shown: bytes) -> str:
    """The cause that fits what was shown instead of the whole reply."""
    pieces = [talk.seen.bytes_at(i) for i in talk.all(Sent, SERVER)]
    line = talk.seen.bytes_at(talk.typed) if talk.typed is not None else b""
    apart = b".+".join(re.escape(each.strip()) for each in pieces)
    if len(pieces) > 1 and re.search(apart, shown, re.DOTALL):
        return "shows-each-piece"
    if line.strip() and line.strip() in shown and line.strip() not in reply:
        return "shows-own-line"
    if _is_shown_too_early(talk):
        return "shows-before-reading"
    if len(pieces) > 1 and shown.strip() == b"".join(each[:1] for each in pieces):
        return "shows-first-bytes"
    if shown.strip() in reply or (len(pieces) > 1 and _ends_with_first(pieces, shown)):
        return "reads-once"
    return "shows-what-was-there" if pieces and _shows_more(pieces, shown, line) else ""


def _ends_with_first(pieces: Sequence[bytes], shown: bytes) -> bool:
    """Whether its first read is the last thing that it showed; words of its own may stand before it."""
    _, found, more = shown.rpartition(pieces[0].strip())
    return bool(found) and not more.strip()


def _shows_more(pieces: Sequence[bytes], shown: bytes, line: bytes) -> bool:
    """Whether what follows its first read is no more of the reply: the line, or what no text holds.

    A mark behind the reply, as a quote or a full stop, may be its own.
    """
    first, *rest = pieces
    before, found, more = shown.partition(first)
    if not first or not found or any(each.strip() in more for each in rest):
        return False
    is_line = not before and more.strip() in line
    return is_line or bool(_NO_MARK.match(more))


def _is_shown_too_early(talk: Talk) -> bool:
    """Whether all that it showed came before our server spoke, and it has read that and ended well."""
    answered = talk.first(Sent, SERVER)
    if answered is None or not talk.has_ended or talk.status or talk.all(Rst):
        return False
    return bool(talk.seen.before(answered).living) and not talk.shown(since=answered).strip()


def _why_not_text(talk: Talk, reply: bytes, shown: bytes) -> str:
    """The cause where it showed an object or an error, and no text of a reply; otherwise ""."""
    if _is_an_object(reply, shown):
        return "shows-object"
    ended, answered = talk.first(Fin), talk.first(Sent, SERVER)
    if ended is not None and answered is not None and ended < answered and _CLOSED.search(shown):
        return "reads-what-is-closed"
    return "error-in-client" if _is_error(shown) else ""


def _is_error(shown: bytes) -> bool:
    said = shown.decode(errors="replace")
    return bool(report_of_error(said)) and not is_of_memory(said)


def _why_missing(talk: Talk, reply: bytes, shown: bytes) -> str:
    if shown.strip():
        return _why_not_text(talk, reply, shown) or _why_cut(talk, reply, shown)
    if is_killed(talk.status) or not talk.has_ended:
        return ""
    if not talk.seen.before(talk.first(Sent, SERVER)).living or talk.all(Rst):
        return "never-reads"
    return "reply-stuck-in-stdio"
