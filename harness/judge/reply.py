"""Compares a reply with the line: slide 4 capitalises it, slide 10 sends it back as it came."""

import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from harness.call_kinds import ACCEPTS
from harness.record import answers
from harness.record.client import Client
from harness.record.contract import Contract
from harness.record.events import End, Received, Said, Shown
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.record.snapshot import Snapshot
from harness.record.spelling import spell

from .verdict import Verdict, failed

_PIECES: Final = (Received, Shown)
POINTER_BYTES: Final = 8  # the size of a pointer, in bytes
_SIZES_OF_A_LENGTH: Final = (1, 2, 4, 8)  # in bytes
_TWICE: Final = 2
_WIDE: Final = ("utf-16-be", "utf-16-le", "utf-16", "utf-32-be", "utf-32-le", "utf-32")
_CASE: Final = 0x20  # between a capital and its small letter
_AS_AN_OBJECT: Final = re.compile(
    rb"""^(?:b["'].*["']|\[(?:\d+(?:, ?|\s)?)+\]|\[[BC]@[0-9a-f]+|<Buffer .*|bytearray\(.*)$""",
    re.IGNORECASE,
)


def require_whole(seen: Recording, client: Client) -> None:
    """Raise Missing where only the beginning of a right reply came, and a clock may bring the rest."""
    if client.end is None and answers.begins_reply(seen.contract, client.sent, client.came):
        pieces = [i for kind in _PIECES for i, _ in seen.all(kind, client.name)]
        if seen.after(max(pieces, default=None)).proven().proof == "until":
            raise Missing(
                f"only the beginning of a right reply has come, {spell(client.came)}: the rest may come "
                "when a clock strikes"
            )


def difference(seen: Recording, client: Client) -> tuple[str, str, str] | None:
    """(observed, expected, cause) at the first wrong byte, None of a right reply; needs it whole."""
    require_whole(seen, client)
    contract = seen.contract
    if contract.is_reply(client.sent, client.came):
        return None
    want = max(contract.replies(client.sent), key=lambda each: common_length(each, client.came))
    at = common_length(want, client.came)
    padded = client.came.endswith(b"\0") and contract.is_reply(client.sent, client.came.rstrip(b"\0"))
    one_off = at == len(want.rstrip(b"\r\n")) - 1 and want.upper() == client.came.upper()
    cause = "nul-padding" if padded else "last-byte" if one_off else _slip(contract, client)
    if padded:
        extra = len(client.came) - len(client.came.rstrip(b"\0"))
        observed = f"{client.came_in_words(at)}: {extra} NUL byte{'s' * (extra > 1)} too many at the end"
    elif contract.leaves_open:
        observed = f"{client.came_in_words()}, which is no reply of the assignment's form"
    else:
        observed = f"{client.came_in_words(at)}; the first difference is at byte {at}"
    return observed, wanted(contract, client.sent), cause


def _slip(contract: Contract, client: Client) -> str:
    """The known fault in what is done to each letter, or to the line as a whole; "" for none."""
    line, came = contract.content(client.sent), client.came.rstrip(b"\r\n")
    if not line:
        return ""
    if client.came.count(0) == len(client.came):
        return "only-zeros"
    if whole := _of_the_whole(contract.replies(client.sent), client.came):
        return whole
    if came.lower() == line.lower() and came not in {line, line.upper()}:
        return "capitalises-some"
    if _AS_AN_OBJECT.search(came):
        return "object-for-bytes"
    shifted = {bytes(each - _CASE & 0xFF for each in text) for text in (line, line + b"\n")} | {
        bytes(each & ~_CASE for each in line),
        bytes(each ^ _CASE for each in line),
    }
    return "capitalises-all" if came in shifted else ""


def _of_the_whole(replies: Sequence[bytes], came: bytes) -> str:
    """The known fault that sends a right reply in another form, or more than once; "" for none."""
    if any(_is_in_wide_letters(want, came) for want in replies):
        return "wide-letters"
    if any(_is_after_its_length(want, came) for want in replies):
        return "length-first"
    if any(want.endswith(b"\n") and came == want.rstrip(b"\r\n") + b"\r\n" for want in replies):
        return "cr-before-newline"
    times = times_over(replies, came)
    return "" if times < _TWICE else "reply-twice" if times == _TWICE else "reply-again"


def _is_in_wide_letters(want: bytes, came: bytes) -> bool:
    """Whether the reply came with two or four bytes for each letter, with its newline or without."""
    texts = (want.decode("latin-1"), want.rstrip(b"\r\n").decode("latin-1"))
    return any(came == text.encode(form) for text in texts if text for form in _WIDE)


def times_over(replies: Sequence[bytes], came: bytes) -> int:
    """How often one of these replies came, where nothing else did; 0 where something else came.

    The last time it need not have come to its end, if it came more than twice.
    """
    for want in replies:
        times, rest = divmod(len(came), len(want)) if want else (0, 0)
        if times and came == want * times + want[:rest] and (not rest or times >= _TWICE):
            return times + bool(rest)
    return 0


def _is_after_its_length(want: bytes, came: bytes) -> bool:
    """Whether bytes that tell how long the reply is come before it, with its newline or without."""
    for reply in (want, want.rstrip(b"\r\n")):
        before = came[: max(0, len(came) - len(reply))]
        lengths = {int.from_bytes(before, order) for order in ("big", "little")}
        if came.endswith(reply) and len(before) in _SIZES_OF_A_LENGTH and len(reply) in lengths:
            return True
    return False


def has_a_pointers_size(clients: Sequence[Client], contract: Contract) -> bool:
    """Whether each of several lines came back as its first eight bytes, and the end."""
    ended = all(each.end is End.FIN for each in clients if each.came)
    return ended and _is_cut_to(POINTER_BYTES, clients, contract)


def has_one_byte(clients: Sequence[Client], contract: Contract) -> bool:
    """Whether only the first byte of each of several lines came back."""
    return _is_cut_to(1, clients, contract)


def has_first_word(clients: Sequence[Client], contract: Contract) -> bool:
    """Whether only the first word of each sentence came back."""
    answered = [each for each in clients if each.came]
    sentences = [contract.content(each.sent).upper().split() for each in answered]
    return bool(answered) and all(
        len(words) > 1 and each.came.strip().upper() == words[0]
        for each, words in zip(answered, sentences, strict=True)
    )


def _is_cut_to(size: int, clients: Sequence[Client], contract: Contract) -> bool:
    """Whether `count` bytes came back of each of several longer lines."""
    answered = [each for each in clients if each.came]
    return len(answered) > 1 and all(
        len(each.came) == size < len(each.sent.rstrip(b"\r\n"))
        and any(want.startswith(each.came) for want in contract.replies(each.sent))
        for each in answered
    )


def wanted(contract: Contract, line: bytes) -> str:
    """The replies that the contract allows to this line, in words."""
    return " or ".join(spell(each) for each in dict.fromkeys(contract.replies(line)))


def unasked(seen: Recording, clients: Sequence[Client]) -> Verdict | None:
    """The failure of a server that answers before it is asked, and not afterwards; None where it may."""
    for client in clients:
        pieces = [index for index, _ in seen.all(Received, client.name)]
        if (
            seen.contract.unasked
            or not client.answer
            or client.asked is None
            or pieces[-1] > client.asked
        ):
            continue
        closed = client.ended is not None and client.ended < client.asked
        if begun := _begun(seen, client, pieces[0]):
            how = f"it answered {spell(begun)}, the beginning of a request, before the rest had come"
            return failed(
                f"{how}: {client.came_in_words()}",
                expected="first the whole request is read, then the reply to it comes",
                cause="one-read-one-line",
                breaks_baseline=False,
            )
        if not closed and _is_read_in_vain(seen, client):
            return failed(
                f"it greeted with {spell(client.came)}, before it was asked; then it read the client's "
                "line, and no reply came",
                expected=wanted(seen.contract, client.sent),
                cause="reads-on",
                answered=False,
            )
        if not closed and _is_left_at_accept(seen, client):
            return failed(
                f"it greeted with {spell(client.came)}, before it was asked, and did not read the "
                "client's line: it was asleep in accept(), and waited for another client",
                expected=wanted(seen.contract, client.sent),
                cause="accepts-before-reading",
                answered=False,
            )
        unread = ", and read nothing: its connection was closed by then" if closed else ""
        return failed(
            f"it answered before it was asked{unread}; {client.came_in_words()} came "
            "while the client had said nothing",
            expected="first the client's line is read, then the reply to it comes",
            cause="answers-unasked",
            breaks_baseline=False,
        )
    return None


def _begun(seen: Recording, client: Client, answered: int) -> bytes:
    """The beginning of a dialogue's first step, where the client had said that when it was answered."""
    script = seen.contract.dialogue
    said = [e.data for index, e in seen.all(Said, client.name) if index < answered]
    return script.beginning if script and any(each.endswith(script.beginning) for each in said) else b""


def _is_left_at_accept(seen: Recording, client: Client) -> bool:
    """Whether its line lies unread, and the one thread that holds its connection sleeps in accept()."""
    at = _rest_after_asking(seen, client)
    if at is None or not at.unread(client.port):
        return False
    holders = at.holders(client.port)
    return bool(holders) and all(each.threads == 1 and each.call in ACCEPTS for each in holders)


def _is_read_in_vain(seen: Recording, client: Client) -> bool:
    """Whether the line was read, and the process that holds the connection waits for more of it."""
    at = _rest_after_asking(seen, client)
    reads = at is not None and any(each.reads_in for each in at.holders(client.port))
    return reads and seen.was_read(client)


def _rest_after_asking(seen: Recording, client: Client) -> Snapshot | None:
    """The look after a client has asked, if it is a proof of rest."""
    with suppress(Missing):
        return seen.after(client.asked).proven()
    return None


def answers_anybody(contract: Contract) -> str:
    """Why a sentence about the moment of the question does not apply; "" where clients must ask."""
    return "by its contract it answers whoever connects: nobody has to ask" if contract.unasked else ""


def is_constant(clients: Sequence[Client]) -> bool:
    """Whether all of several clients, who said different things, got the same."""
    heard = [client for client in clients if client.answer]
    return len({client.sent for client in heard}) > 1 and len({client.came for client in heard}) == 1


def is_stale(client: Client, earlier: Sequence[Client], contract: Contract) -> bool:
    """Whether the reply is right and the end of an earlier client's reply follows it."""
    for want in contract.replies(client.sent):
        rest = client.came.removeprefix(want)
        if rest and rest != client.came and any(each.came[len(want) :] == rest for each in earlier):
            return True
    return False


def common_length(one: bytes, other: bytes) -> int:
    """The length of the common beginning of two byte strings."""
    if one == other[: len(one)]:
        return len(one)
    pairs = zip(one, other, strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
