"""Slide 10, `write( conn, buf, rx )`: what was read goes back, whatever the bytes, and all of it."""

from __future__ import annotations

import re
from itertools import product
from typing import Final

from harness.call_kinds import ACCEPTS, POLLS, READS
from harness.judge import reply, wording
from harness.judge.requirement import ANSWERS, requirement
from harness.judge.verdict import Verdict, blocked, failed, not_applicable, passed
from harness.record.client import Client
from harness.record.contract import Contract
from harness.record.events import End
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.record.spelling import spell
from harness.stage import Stage, scenario

# Letters come first: where a NUL ends the reply, the reply is not empty.
VALUES: Final = bytes([*range(0x20, 0x100), *range(0x0A), *range(0x0B, 0x20)])
CONVERSIONS: Final = b" %X %X"  # they stay what they are as capitals (printf(3))
HIGH: Final = 0x80
_ENCODINGS: Final = (
    ("utf-8", "replaces-bytes"),
    ("ascii", "replaces-bytes"),
    ("latin-1", "latin-1-capitals"),
)
_TEXT: Final = bytes([*range(0x20, 0x7F), *range(0x0A), *range(0x0B, 0x20)]) + "äé€".encode()
_NO_TEXT: Final = (  # as Python, Rust, Ruby and Java say it
    "UnicodeDecodeError",
    "did not contain valid UTF-8",
    "invalid byte sequence",
    "input string invalid",
    "MalformedInputException",
)
_KEEP_ERRORS: Final = (".py", ".java", ".kt")  # their pools do, in a Future
_AT_CR: Final = "ends-at-cr"
_LOCK: Final = "futex"
_WAITS: Final = ACCEPTS | POLLS | READS  # until something comes
_CONVERTED: Final = re.compile(rb" [0-9A-Fa-f]+ [0-9A-Fa-f]+ ")
_WHOLE: Final = "each byte in its place, and none missing"


@scenario(clients=2)
async def all_bytes(stage: Stage) -> None:
    """A line with every byte but the newline in it, twice; and another that is all UTF-8."""
    client = await stage.peer("client")
    await client.ask(CONVERSIONS + 2 * VALUES + b"!\n")
    await client.leave()
    reader = await stage.peer("reader of text")
    await reader.ask(_TEXT + b"\n")
    await reader.leave()


@requirement(
    "stream/bytes",
    scenario=all_bytes,
    slide="10; beyond: read(2)",
    tier="robust",
    says="Every byte comes back, also NUL, CR and those from 0x80 on.",
    why="TCP carries bytes, not text: a name in UTF-8 has bytes from 0x80 on, and a NUL is no end.",
    by_hand="`printf 'a\\0b\\rc\\351d\\377e\\n' | nc 127.0.0.1 54321 | xxd`: the same ten bytes "
    "must come (or capitals): 61 00 62 0d 63 e9 64 ff 65 0a",
)
def every_byte_comes_back(seen: Recording) -> Verdict:
    client = seen.client("client")
    line, expected = seen.contract.content(client.sent), _WHOLE
    if not client.came or not _shows_line(seen.contract):
        return _no_answer(seen, client, expected)
    reply.require_whole(seen, client)
    part = _line_in(client.came, client.sent, seen.contract)
    if part is None:
        return _not_shown(seen, client, expected)
    at = next((i for i, right in enumerate(_right(line, part)) if not right), None)
    if at is not None:
        return _wrong(client, line, part, at, _between(seen.contract))
    if len(part) < len(line):
        if client.end is None:
            seen.after(client.asked).proven()
        cause = _of_the_cut(line, len(part))
        return failed(
            f"{len(part)} of {len(line)} bytes came back: {_place_of_the_cut(line, len(part), cause)}",
            expected=expected,
            cause=cause,
        )
    if len(part) > len(line):
        told = f"{len(part)} bytes came back for {len(line)}"
        return blocked(ANSWERS, otherwise=failed(told, expected=expected))
    kept = all(a == b for a, b in zip(line, part, strict=True) if a >= HIGH)
    return passed(f"bytes from 0x80 on came back {'unchanged' if kept else 'mapped, each to one'}")


def _of_the_cut(line: bytes, at: int) -> str:
    """The known fault that ends the reply before this place."""
    if (known := {0: "strlen-on-data", 0xFF: "char-for-eof"}.get(line[at])) is not None:
        return known
    return _AT_CR if ord("\r") in line[at - 1 : at + 1] else ""


def _place_of_the_cut(line: bytes, at: int, cause: str) -> str:
    """Where the reply ends, in words: at the CR, where that ends it, else before the next byte."""
    if cause == _AT_CR:
        number = line.index(b"\r") + 1
        return f"the reply ends at the CR (0x0D), byte {number} of the line"
    return f"the next byte of the line is 0x{line[at]:02X}{'' if line[at] else ' (NUL)'}"


def _is_all_of(line: bytes, part: bytes) -> bool:
    """Whether a reply is all of this line, capitalised or as it came."""
    return len(part) == len(line) and all(_right(line, part))


def _wrong(client: Client, line: bytes, part: bytes, at: int, between: bytes) -> Verdict:
    """The failure of a reply with a wrong byte; `at` is the first wrong place."""
    stripped = line.lstrip()
    if (of_blanks := _of_blanks(stripped, part, is_line=client.came.endswith(b"\n"))) is not None:
        return of_blanks
    if line[:at] == CONVERSIONS[:at] and _CONVERTED.match(part):
        return failed(
            f"'%X' in the line came back as {spell(part[at : at + 8])}",
            expected=_WHOLE,
            cause="format-string",
            byte=line[at],
        )
    if (line[at], part[at]) == (ord("\r"), ord("\n")):  # and all that stands before it is right
        told = "byte 0x0D of a line with all bytes came back as 0x0A, an end of the line"
        return failed(told, expected=_WHOLE, cause="ends-at-cr", byte=line[at])
    cause = _as_text(line, part, between)
    if not cause and (cause := _as_text(stripped, part, between)):
        line, at = stripped, _first_wrong(stripped, part, at)
    if not cause and 4 * sum(_right(line, part)) < len(part):  # no single byte is to blame
        told = f"the answer is {client.came_in_words()}: it is not the line"
        return blocked(ANSWERS, otherwise=failed(told, expected=_WHOLE))
    missing = part.upper() == line.replace(line[at : at + 1], b"").upper()
    came = "is missing" if missing else f"came back as 0x{part[at]:02X}"
    if cause in {"replaces-bytes", "another-encoding"}:
        first = next(i for i, (a, b) in enumerate(zip(line, part, strict=False)) if HIGH <= a != b)
        what = f"the first that differs, 0x{line[first]:02X}, came back as 0x{part[first]:02X}"
        came = f"a line of {len(line)} bytes, every value among them, came back as {len(part)}: {what}"
        return failed(came, expected=_WHOLE, cause=cause, byte=line[first])
    is_high = line[at] >= HIGH and len(part) == len(line)
    if missing and not line[at]:
        cause = cause or "drops-nul"
    return failed(
        f"byte 0x{line[at]:02X} of a line with all bytes {came}",
        expected=_WHOLE,
        cause=cause or ("signed-char" if is_high and part[at] < HIGH else ""),
        byte=line[at],
    )


def _of_blanks(stripped: bytes, part: bytes, *, is_line: bool) -> Verdict | None:
    """The failure of a reply that is the line without its first blank, or the beginning of that.

    The NUL is a blank to who strips a whole line (Java's trim()), and an end to who sends no line.
    """
    if _is_all_of(stripped, part):
        return failed(
            "the line begins with a space, and came back without it",
            expected=_WHOLE,
            cause="strips-blanks",
        )
    if 0 < len(part) < len(stripped) and all(_right(stripped, part)):
        rest = stripped[len(part) :]
        at_cr = _AT_CR if _is_blank_to_cr(rest) else ""
        return failed(
            "the line begins with a space, and came back without it; and the reply ends before "
            f"0x{rest[0]:02X}, {len(rest)} bytes before the line's end",
            expected=_WHOLE,
            cause=at_cr if rest[0] or is_line else "strlen-on-data",
        )
    return None


def _is_blank_to_cr(rest: bytes) -> bool:
    """Whether nothing but blanks, of which a line may be stripped, stands before a CR in it."""
    before, cr, _ = rest.partition(b"\r")
    return bool(cr) and all(byte <= ord(" ") for byte in before)


def _first_wrong(line: bytes, part: bytes, otherwise: int) -> int:
    return next((at for at, right in enumerate(_right(line, part)) if not right), otherwise)


def _as_text(line: bytes, part: bytes, between: bytes) -> str:
    """The known fault of a server that decodes the bytes to text and encodes the text again.

    Who ends a line at a CR, as readline() of text does, answers the rest as lines of their own where the
    connection stays open: `between` stands between the replies then.
    """
    for (encoding, cause), errors in product(_ENCODINGS, ("replace", "ignore")):
        text = line.decode(encoding, errors)
        one_by_one = "".join(c.upper() if len(c.upper()) == 1 else c for c in text)
        for shown in (text, text.upper(), one_by_one, line.upper().decode(encoding, errors)):
            low = bytes(ord(character) & 0xFF for character in shown)
            if encoding == "latin-1" and part == shown.encode():
                return "another-encoding"
            came = {shown.encode(encoding, "replace"), shown.encode(), low}
            first = {each.partition(b"\r")[0] for each in came}
            if part in came | first | {each.replace(b"\r", between) for each in came}:
                return cause
    return ""


def _right(line: bytes, part: bytes) -> list[bool]:
    """For each byte of the reply, whether it is right for the byte that was sent."""
    mapped: dict[int, int] = {}
    return [
        came >= HIGH and mapped.setdefault(sent, came) == came
        if sent >= HIGH
        else came in bytes([sent]) + bytes([sent]).upper()
        for sent, came in zip(line, part, strict=False)
    ]


def _between(terms: Contract) -> bytes:
    """What stands between two lines in the replies to them, one after the other."""
    if terms.dialogue is not None or "{any}" in terms.transform:
        return b""
    before, _, after = terms.replies(VALUES[:2] + b"\n")[0].partition(VALUES[:2])
    return after + before


def _shows_line(terms: Contract) -> bool:
    """Whether a right reply has the line in it; where none has, every byte of it need not be taken.

    A header of HTTP must not hold a NUL or a CR (RFC 9110, 5.5).
    """
    return terms.shows_line if terms.dialogue is not None else terms.shows_line_in_transform


def _line_in(answer: bytes, sent: bytes, terms: Contract) -> bytes | None:
    """The part of a reply that is the line; None where a right reply does not have it exactly once."""
    if terms.dialogue is not None:
        return terms.dialogue.line_in(answer)
    if "{any}" in terms.transform:
        return terms.content(sent) if terms.is_reply(sent, answer) else None
    before, *after = terms.replies(VALUES[:2] + b"\n")[0].split(VALUES[:2])
    if len(after) != 1:
        return None
    ending = after[0] if answer.endswith(after[0]) else after[0].rstrip(b"\r\n")
    return answer.removeprefix(before).removesuffix(ending)


def _not_shown(seen: Recording, client: Client, expected: str) -> Verdict:
    """The failure of a reply in which the line cannot be found."""
    if client.end is None:
        seen.after(client.asked).proven()
    return failed(f"the answer is {client.came_in_words()}", expected=expected)


def _no_answer(seen: Recording, client: Client, expected: str) -> Verdict:
    if not _shows_line(seen.contract):
        return not_applicable("the assignment's reply does not show the line as it is")
    client.require_attempt()
    last = wording.last_words(seen, 1)
    lines = (last, *reversed(seen.printed.splitlines()))  # who goes on may print more after its error
    words = next((line for line in lines if any(each in line for each in _NO_TEXT)), "")
    if client.end is None:
        at = seen.unanswered(client)
        came = f"no answer came: {wording.whereabouts(at, client)}"
    else:
        came = f"the connection ended without an answer ({client.end})"
    said = f', and it said "{words.strip()}"' if words else ""
    return failed(
        f"a line with all bytes was sent, and {came}{said}",
        expected=expected,
        cause="decodes" if words else _of_silence(seen, client),
    )


def _of_silence(seen: Recording, client: Client) -> str:
    """Why a server says nothing: an error, one read for each edge, or text alone that it reads."""
    if client.end is None:
        if any(each.reads_keyboard for each in seen.unanswered(client).holders(client.port)):
            return "overflows-on-long-line"  # over the number of the connection, which is 0 now
        if seen.subject.endswith(_KEEP_ERRORS) and _is_forgotten(seen, client):
            return "error-kept-in-silence"
        return "reads-once-per-edge" if _lies_unread(seen, client) else ""
    try:
        reader = seen.client("reader of text")
    except Missing:
        return ""
    return "closes-on-no-text" if client.end is End.FIN and reader.answer else ""


def _lies_unread(seen: Recording, client: Client) -> bool:
    """Whether a part of the line was read, and the holder of the connection sleeps in epoll_wait()."""
    at = seen.unanswered(client)
    asleep = any(each.call.startswith("epoll") for each in at.holders(client.port))
    return asleep and 0 < at.unread(client.port) < len(client.sent)


def _is_forgotten(seen: Recording, client: Client) -> bool:
    """Whether the whole line was read, and no thread more than before its client came waits for input.

    A task of a pool leaves its thread behind, which sleeps until there is another task.
    """
    at, before = seen.unanswered(client), seen.before(client.connected)
    holders = () if at.unread(client.port) else at.holders(client.port)
    pairs = [(now, before.find(now.pid)) for now in holders if _LOCK in now.sleeping]
    return any(
        then is not None and now.threads_in(_WAITS) <= then.threads_in(_WAITS) for now, then in pairs
    )
