"""Whatever a server sends: its reply is right, wrong or not to be told; nothing breaks, or hangs."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from harness.diagram import space_time
from harness.engine import catalogue
from harness.judge.requirement import judge_all
from harness.record.bounded_match import TooManyWays
from harness.record.contract import Contract
from harness.record.dialogue import Conversation, Dialogue, Step
from tests.fuzzing import hard, refused_in_words
from tests.recordings import story

REQUIREMENTS = catalogue.load().requirements

words = st.lists(
    st.sampled_from(["{line}", "{LINE}", "{any}", "{length}", "{word}", "a", "OK ", "\n", "\r\n", "+"]),
    max_size=5,
).map("".join)
forms = st.one_of(
    words,
    st.sampled_from(["00ff", "41", ""]).map(lambda each: {"hex": each}),
    st.sampled_from([r"\d+ {line}\n", "(a|b)*", "[^x]*", "{any}{any}{any}!", "(?i)ok.*"]).map(
        lambda each: {"regex": each}
    ),
)
steps = st.builds(Step, send=words, expect=forms)
dialogues = st.builds(
    Dialogue,
    steps=st.lists(steps, min_size=1, max_size=2).map(tuple),
    opening=st.lists(steps, max_size=2).map(tuple),
    partial=words, between=forms,
)  # fmt: skip
contracts = st.builds(
    Contract,
    transform=st.sampled_from(["either", "upper", "echo"]) | words.map("{line}".__add__),
    greeting=words, line_ending=st.sampled_from(["\n", "\r\n"]), closes=st.booleans(),
    dialogue=st.none() | dialogues,
)  # fmt: skip
came = st.binary(max_size=60) | st.lists(
    st.sampled_from(
        [b"hello", b"HELLO", b"OK ", b"5", b"\n", b"\r\n", b"\0", b"\xff", b"a", b"+", b" "]
    ),
    max_size=20,
).map(b"".join)


MAY_BE_EMPTY = Contract(dialogue=Dialogue((Step("{line}\n", {"regex": "(a|b)*"}),), between="x\n"))


@given(contracts, came, came)
@example(MAY_BE_EMPTY, b"h\n", b"x\nq")
@hard
def test_fuzz_a_reply_under_any_contract(terms: Contract, asked: bytes, heard: bytes) -> None:
    with refused_in_words(TooManyWays):
        reply = terms.reply_in(heard, asked)
        terms.is_reply(asked, reply)
        terms.may_begin(asked, reply)
        terms.is_whole(reply)
        terms.replies(asked)


@given(dialogues, st.lists(came, max_size=5))
@hard
def test_fuzz_a_conversation(dialogue: Dialogue, heard: list[bytes]) -> None:
    talk = Conversation(dialogue, b"word")
    with refused_in_words(TooManyWays):
        said = talk.begin() + b"".join(map(talk.hear, heard)) + talk.ask(b"hel") + talk.ask(b"lo\n")
        assert isinstance(said + b"".join(map(talk.hear, heard)), bytes)


@given(contracts, st.lists(came, min_size=1, max_size=3))
@hard
def test_fuzz_every_judgement_of_such_replies(terms: Contract, replies: list[bytes]) -> None:
    tale = story("one after another").is_asked_for(**terms.to_dict()).starts()
    for number, reply in enumerate(replies):
        name = f"client {number}"
        tale = tale.connects(name).asks(name, b"hello\n").answers(name, reply)
    seen = tale.quiet().over()
    scenarios = {each.scenario: seen for each in REQUIREMENTS if each.scenario == seen.scenario}
    for verdict in judge_all(REQUIREMENTS, scenarios).values():
        assert "judgement broke" not in verdict.evidence.observed
    space_time(seen)


@pytest.mark.parametrize("form", ["{any} {any} {any} {any} {line}", "{any}a{any}a{any}a{any}a{line}"])
def test_a_flood_of_what_anything_may_be_holds_nobody_up(form: str) -> None:
    terms = Contract(form)
    with refused_in_words(TooManyWays):
        assert not terms.is_reply(b"hello\n", b" a" * 100_000 + b"\n")
    assert not terms.may_begin(b"hello\n", b" a" * 100_000 + b"\n!")
