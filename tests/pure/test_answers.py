"""What counts as an answer to this client, and what is a refusal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.record import answers
from harness.record.contract import Contract
from harness.record.dialogue import Dialogue, Step
from harness.record.recording import Recording
from tests.recordings import story

TERMS = Contract()
LINE = b"hello from the quick one\n"
HTTP = Contract(dialogue=Dialogue((Step("GET /{line}\r\n", {"regex": r"200 OK\r\n.*{line}\r\n"}),)))


@pytest.mark.parametrize(
    "came",
    [
        LINE.upper(),
        LINE,
        b"H",
        b"HELLO FROM THE QUICK ONe\n",
        LINE.upper() + bytes(40),
        b"HELLO FROM THE QUICK ONE\nTHAN THE NEXT\n",
        b"you said: hello from the quick one\n",
        b"HELLO FROM THE q",
    ],
)
def test_a_wrong_reply_may_be_the_clients_own(came: bytes) -> None:
    assert answers.is_own(TERMS, LINE, came)


@pytest.mark.parametrize(
    "came", [b"", b"SORRY, BUSY\n", b"503 busy, try again later\n", b"HELLO, WE ARE FULL\n", b"\0" * 30]
)
def test_a_refusal_is_not(came: bytes) -> None:
    assert not answers.is_own(TERMS, LINE, came)


@pytest.mark.parametrize(
    ("came", "is_own"),
    [(b"LATE\n\0\0", True), (b"PLEASE WAIT\nLATE\n", True), (b"TRY AGAIN LATER\n", False), (b"L", True)],
)
def test_a_short_line_is_known_by_its_beginning(came: bytes, *, is_own: bool) -> None:
    assert answers.is_own(TERMS, b"late\n", came) is is_own


@pytest.mark.parametrize(
    ("came", "may"),
    [
        (b"25", True),
        (b"250 anything at all", True),
        (b"250 anything [hello", True),
        (b"250 anything [hello]\r\n", True),
        (b"250 any [hullo", True),  # {any} may hold it
        (b"250 any\r\n[", False),
        (b"500 ", False),
    ],
)
def test_a_reply_with_anything_in_it_may_begin_so(came: bytes, *, may: bool) -> None:
    terms = Contract(transform="250 {any} [{line}]\r\n", line_ending="\r\n")
    assert terms.may_begin(b"hello\r\n", came) is may


@given(st.lists(st.sampled_from([b"a", b"b", b"\n"]), max_size=7), st.integers(0, 7), st.data())
def test_every_beginning_of_a_right_reply_may_begin_one(
    words: list[bytes], size: int, data: st.DataObject
) -> None:
    line = b"".join(words).replace(b"\n", b"")
    first, second = (data.draw(st.binary(max_size=4)).translate(None, b"\r\n") for _ in range(2))
    reply = b"a" + first + line + b"\n" + second + b"b\n"
    terms = Contract(transform="a{any}{line}\n{any}b\n")
    assert terms.may_begin(line + b"\n", reply[:size])
    assert terms.may_begin(line + b"\n", reply)


def test_a_long_wrong_reply_is_told_at_once() -> None:
    terms = Contract(transform="250 {any} [{line}]\r\n", line_ending="\r\n")
    assert not terms.may_begin(b"hello\r\n", b"250 " + b"x" * 4_000_000 + b"\r\n[")


def test_a_right_reply_is_not_a_mere_beginning() -> None:
    assert answers.begins_reply(TERMS, LINE, b"HELLO")
    assert not answers.begins_reply(TERMS, LINE, LINE.upper())
    assert not answers.begins_reply(TERMS, LINE, b"SORRY")


def test_behind_a_regular_expression_only_the_line_is_recognised() -> None:
    assert answers.is_own(HTTP, b"hello from the quick one", b"200 OK\r\nhello from the quick one\r\n")
    assert answers.is_own(HTTP, b"hello from the quick one", b"200 no\r\nhello from the")
    assert not answers.is_own(HTTP, b"hello from the quick one", b"503 Busy\r\n")


def waiting() -> Recording:
    """One client is asked to wait, and answered later; another is answered at once."""
    tale = story("x").starts().connects("anna").asks("anna", LINE).answers("anna", b"PLEASE WAIT\n")
    tale.connects("otto").asks("otto").answers("otto").closes("otto")
    return tale.answers("anna", LINE).closes("anna").over()


def test_who_is_asked_to_wait_is_answered_later() -> None:
    seen = waiting()
    anna, otto = seen.client("anna"), seen.client("otto")
    assert anna.answered is not None
    assert otto.answered is not None
    assert anna.answered > otto.answered
    assert anna.heard is not None
    assert anna.heard < otto.answered


def test_what_came_is_kept_beside_the_answer() -> None:
    tale = story("x").starts().connects("anna").asks("anna").answers("anna", b"SORRY\n").closes("anna")
    alone = tale.breaks_off().client("anna")
    assert (alone.answer, alone.refusal) == (b"SORRY\n", b""), "nobody was answered rightly"
    refused = tale.connects("otto").asks("otto").answers("otto").over().client("anna")
    assert (refused.answer, refused.answered) == (b"", None)
    assert (refused.came, refused.refusal) == (b"SORRY\n", b"SORRY\n")
