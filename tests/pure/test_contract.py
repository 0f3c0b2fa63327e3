"""What a reply is, how a conversation begins and who ends it: the contract, without a server."""

from __future__ import annotations

from itertools import accumulate, pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.record.client import Client
from harness.record.contract import DESIGNS, LINE_ENDINGS, TRANSFORMS, Contract
from harness.record.events import Received, WithBytes
from tests.recordings import Story, story

CRLF = Contract(line_ending="\r\n")
MAIL: dict[str, Any] = {
    "transform": "250 {line}\r\n",
    "greeting": "220 ready\r\n",
    "line_ending": "\r\n",
    "closes": False,
}
endings = st.sampled_from(LINE_ENDINGS)
contents = st.binary(max_size=20).map(lambda data: data.translate(None, b"\r\n"))
answers = st.binary(max_size=20)
literals = st.text(max_size=12).filter(lambda text: "{" not in text)
plain_contracts = st.builds(Contract, transform=st.sampled_from([*TRANSFORMS]), line_ending=endings)
contracts = st.builds(
    Contract,
    transform=st.sampled_from([*TRANSFORMS, "you said: {line}\n", "{any} {LINE}"]),
    greeting=st.sampled_from(["", "hello\n", "220 {any}\r\n"]),
    line_ending=endings,
    closes=st.booleans(),
    design=st.sampled_from(["", *DESIGNS]),
)


# Replies


@pytest.mark.parametrize(
    ("transform", "answer", "is_right"),
    [
        ("either", b"HELLO you\n", False),
        ("either", b"HELLO YOU\n", True),
        ("either", b"Hello you\n", True),
        ("either", b"Hello you", True),
        ("either", b"Hello you\n\n", False),
        ("either", b"", False),
        ("upper", b"HELLO YOU\n", True),
        ("upper", b"Hello you\n", False),
        ("echo", b"Hello you\n", True),
        ("echo", b"HELLO YOU\n", False),
        ("> {line}\n", b"> Hello you\n", True),
        ("> {line}\n", b"> Hello you", True),
        ("> {line}\n", b"> HELLO YOU\n", False),
        ("> {LINE}\n", b"> HELLO YOU\n", True),
        ("{line}, or {LINE}!\n", b"Hello you, or HELLO YOU!\n", True),
        ("{any} {line}\n", b"17:04 Hello you\n", True),
        ("{any} {line}\n", b" Hello you", True),
        ("{any} {line}\n", b"17:04\nHello you\n", False),
        ("{any} {line}\n", b"17:04 Hello you\n\n", False),
        ("{any} {line}\n", b"17:04 Hello\n", False),
        ("{line} at {any}", b"Hello you at 17:04\r\n", True),
        ("ok\n{any}\n", b"ok\n42\n", True),
    ],
)
def test_a_reply_is_told_right_from_wrong(transform: str, answer: bytes, *, is_right: bool) -> None:
    assert Contract(transform).is_reply(b"Hello you\n", answer) is is_right


@given(plain_contracts, contents, answers)
def test_nothing_but_the_line_and_its_capitals_is_a_reply(
    contract: Contract, content: bytes, answer: bytes
) -> None:
    line = contract.line(content + b"\n")
    forms = {"either": {content, content.upper()}, "upper": {content.upper()}, "echo": {content}}
    right = {form + end for form in forms[contract.transform] for end in (contract.line(b"\n"), b"")}
    assert contract.is_reply(line, answer) is (answer in right)
    assert all(contract.is_reply(line, each) for each in right)


@given(contracts, contents)
def test_what_is_shown_as_a_reply_is_one(contract: Contract, content: bytes) -> None:
    line = contract.line(content + b"\n")
    shown = contract.replies(line)
    assert shown
    assert all(contract.is_reply(line, reply) for reply in shown)


@given(literals, contents)
def test_a_pattern_may_hold_any_text(literal: str, content: bytes) -> None:
    contract = Contract(transform=f"{literal}{{line}}{literal}{{any}}\n")
    around = literal.encode()
    assert contract.is_reply(content + b"\n", around + content + around + b"whatever\n")


@pytest.mark.parametrize("transform", ["(.*) [a-z]+ {line}?\n", "(.*) [a-z]+ {line}?{any}\n"])
def test_a_pattern_is_no_regular_expression(transform: str) -> None:
    contract = Contract(transform)
    assert contract.is_reply(b"Hello\n", b"(.*) [a-z]+ Hello?\n")
    assert not contract.is_reply(b"Hello\n", b"well, hm Hello\n")


def test_replies_are_shown_as_they_would_be_sent() -> None:
    assert Contract().replies(b"Hello\n") == [b"HELLO\n", b"Hello\n"]
    assert CRLF.replies(b"Hello\r\n") == [b"HELLO\r\n", b"Hello\r\n"]
    assert Contract("250 {line}\r\n").replies(b"Hello\n") == [b"250 Hello\r\n"]


def test_what_may_be_anything_is_shown_as_dots() -> None:
    assert Contract("{any}: {LINE}\n").replies(b"Hello\n") == [b"...: HELLO\n"]


# Line endings


def test_a_line_gets_the_ending_that_is_asked_for() -> None:
    assert CRLF.line(b"one\ntwo\n") == b"one\r\ntwo\r\n"
    assert Contract().line(b"one\ntwo\n") == b"one\ntwo\n"


@given(contents, endings)
def test_a_line_without_its_ending_is_its_content(content: bytes, ending: str) -> None:
    contract = Contract(line_ending=ending)
    assert contract.content(contract.line(content + b"\n")) == contract.content(content) == content


def test_where_crlf_is_asked_for_a_bare_newline_is_wrong() -> None:
    assert CRLF.is_reply(b"Hello\r\n", b"HELLO\r\n")
    assert CRLF.is_reply(b"Hello\r\n", b"HELLO")
    assert not CRLF.is_reply(b"Hello\r\n", b"HELLO\n")


def test_a_reply_is_whole_only_where_connections_stay_open() -> None:
    assert Contract(closes=False).is_whole(b"HELLO\n")
    assert not Contract(closes=False).is_whole(b"HELL")
    assert not Contract().is_whole(b"HELLO\n")
    assert not Contract(closes=False, line_ending="\r\n").is_whole(b"HELLO\n")


# The greeting


@pytest.mark.parametrize(
    ("greeting", "came", "after"),
    [
        ("", b"HELLO\n", b"HELLO\n"),
        ("220 ready\r\n", b"220 ready\r\nHELLO\r\n", b"HELLO\r\n"),
        ("220 ready\r\n", b"220 ready\r\n", b""),
        ("220 ready\r\n", b"HELLO\r\n", b"HELLO\r\n"),
        ("220 ready\r\n", b"220 rea", b"220 rea"),
        ("220 ready\r\n", b"HELLO\r\n220 ready\r\n", b"HELLO\r\n220 ready\r\n"),
        ("220 {any}\r\n", b"220 mail.example at 17:04\r\nHELLO\r\n", b"HELLO\r\n"),
        ("(c) [1]\n{any}\n", b"(c) [1]\n17:04\nHELLO\n", b"HELLO\n"),
        ("> ", b"> HELLO\n> ", b"HELLO\n> "),
    ],
)
def test_the_greeting_is_cut_off_once_and_only_at_the_beginning(
    greeting: str, came: bytes, after: bytes
) -> None:
    assert Contract(greeting=greeting).reply_in(came, b"") == after


def greeted(*pieces: bytes, **terms: Any) -> tuple[Story, Client]:
    """A client that has asked, and has received these pieces one after another."""
    tale = story("silent client").is_asked_for(**(MAIL | terms)).starts().connects("anna")
    tale.asks("anna", b"hello\r\n")
    for piece in pieces:
        tale.answers("anna", piece)
    return tale, tale.over().client("anna")


def events_of(tale: Story) -> list[bytes]:
    return [event.data if isinstance(event, WithBytes) else b"" for event in tale.over().events]


def test_the_greeting_answers_nobody() -> None:
    _, client = greeted(b"220 ready\r\n")
    assert (client.answer, client.answered) == (b"", None)


def test_a_reply_in_one_piece_with_the_greeting_is_an_answer() -> None:
    both = b"220 ready\r\n250 hello\r\n"
    tale, client = greeted(both)
    assert client.answer == b"250 hello\r\n"
    assert client.answered == events_of(tale).index(both)


def test_without_a_greeting_everything_is_the_answer() -> None:
    tale, client = greeted(b"250 hello\r\n")
    assert client.answer == b"250 hello\r\n"
    assert client.answered == events_of(tale).index(b"250 hello\r\n")


@given(st.data())
def test_it_was_answered_with_the_first_byte_beyond_the_greeting(data: st.DataObject) -> None:
    came, greeting = b"220 ready\r\n250 hello\r\n", len(b"220 ready\r\n")
    cuts = data.draw(st.sets(st.integers(1, len(came) - 1), max_size=5))
    pieces = [came[start:end] for start, end in pairwise([0, *sorted(cuts), len(came)])]
    tale, client = greeted(*pieces)
    before = sum(size <= greeting for size in accumulate(map(len, pieces)))
    first = next(
        i
        for i, event in enumerate(tale.over().events)
        if isinstance(event, Received) and event.data == pieces[0]
    )
    assert client.answer == came[greeting:]
    assert client.answered == first + before


# In a recording's header


def test_the_lectures_contract_is_not_mentioned() -> None:
    assert Contract().to_dict() == {}


@given(contracts)
def test_a_contract_is_read_back_as_it_was_written(contract: Contract) -> None:
    assert Contract.of(contract.to_dict()) == contract


def test_what_a_later_version_settles_is_passed_over() -> None:
    assert Contract.of({"closes": False, "encrypts": True}) == Contract(closes=False)
