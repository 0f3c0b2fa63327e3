"""More than echo: an assignment's [dialogue], what a client then says, and the three examples."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from msgspec import convert

from harness.engine import assignment_file as assignment
from harness.engine.catalogue import every_requirement
from harness.judge.by_hand import recipe
from harness.judge.verdict import Outcome
from harness.record.contract import Contract
from harness.record.dialogue import Conversation, Dialogue, Step, word_for
from tests.stories.service import everybody_gets_the_same

STORE: Final[dict[str, Any]] = {
    "partial": "SET ",
    "steps": [
        {"send": "SET {word} {line}\n", "expect": "OK\n"},
        {"send": "GET {word}\n", "expect": "VALUE {line}\n"},
    ],
}
CHAT: Final[dict[str, Any]] = {
    "opening": [{"send": "NICK {word}\n", "expect": "WELCOME {word}\n"}],
    "steps": [{"send": "{line}\n", "expect": "<{any}> {line}\n"}],
    "between": "<{any}> {any}\n",
}
WORD: Final = word_for(b"hello")


def dialogue(told: dict[str, Any]) -> Dialogue:
    return convert(told, Dialogue)


def test_each_step_waits_for_what_is_expected_before_it() -> None:
    talk = Conversation(dialogue(STORE), b"me")
    assert talk.begin() == b"SET "
    assert talk.ask(b"hello\n") == WORD + b" hello\n"
    assert talk.hear(b"O") == b""
    assert talk.hear(b"K\n") == b"GET " + WORD + b"\n"
    assert talk.hear(b"VALUE hello\n") == b""
    assert talk.ask(b"hello\n") == b"SET " + WORD + b" hello\n", "the beginning was said once"


def test_nobody_is_asked_before_the_opening_is_over() -> None:
    talk = Conversation(dialogue(CHAT), b"me")
    assert talk.begin() == b"NICK me\n"
    assert talk.ask(b"hello\n") == b""
    assert talk.hear(b"<other> WELCOME\nWELCOME me\n") == b"hello\n"


def test_who_says_nothing_yet_keeps_what_has_come() -> None:
    script = dialogue({**CHAT, "opening": [{"expect": "Name?"}, *CHAT["opening"]]})
    talk = Conversation(script, b"me", begins=False)
    assert (talk.begin(), talk.hear(b"Name?")) == (b"", b"")
    assert talk.ask(b"hello\n") == b"NICK me\n"
    assert talk.hear(b"WELCOME me\n") == b"hello\n"


def test_half_a_line_is_the_beginning_of_the_first_step() -> None:
    without = {**STORE, "partial": ""}
    talk = Conversation(dialogue(without), b"me")
    assert talk.begin() == b""
    assert talk.ask(b"hel") == b"SET "
    assert talk.ask(b"lo\n") == WORD + b" hello\n"
    plain = Conversation(dialogue({"steps": [{"send": "{line}\r\n", "expect": "{line}\r\n"}]}), b"me")
    assert [plain.ask(b"hel"), plain.ask(b"lo\n")] == [b"hel", b"lo\r\n"]


@pytest.mark.parametrize(
    ("send", "first", "rest"),
    [
        ("{line}\n", b"he", b"llo\n"),
        ("{LINE}\n", b"HE", b"LLO\n"),
        ("GET {line}\n", b"GET ", b"hello\n"),
        ("{length:04x}{line}", b"", b"0005hello"),  # how long it will be is not known yet
        ("{word}{line}", b"", word_for(b"hello") + b"hello"),
        ("\0{length:u16}{line}", b"\0", b"\0\5hello"),
        ("{length:u16}{line}", b"", b"\0\5hello"),
        ("{length+2:u32}: {line}", b"\0", b"\0\0\7: hello"),  # less than 16 MiB
    ],
)
def test_of_half_a_line_only_that_is_said_which_is_certain(send: str, first: bytes, rest: bytes) -> None:
    talk = Conversation(dialogue({"steps": [{"send": send, "expect": "ok"}]}), b"w")
    talk.begin()
    assert (talk.ask(b"he"), talk.ask(b"llo\n")) == (first, rest)


@pytest.mark.parametrize(
    ("send", "partial", "fits"),
    [("{length:u32}{line}", "\\u0000", True), ("{length:04x}{line}", "00", False)],
)
def test_a_length_begins_as_it_does_for_every_line(send: str, partial: str, *, fits: bool) -> None:
    text = f'[dialogue]\npartial = "{partial}"\nsteps = [{{ send = "{send}" }}]'
    if fits:
        assert assignment.of_text(text, "week3.toml").assignment.contract
    else:
        with pytest.raises(assignment.UnusableAssignment, match="it is not how the first step begins"):
            assignment.of_text(text, "week3.toml")


def test_a_reply_is_all_that_is_expected() -> None:
    terms = Contract(closes=False, dialogue=dialogue(STORE))
    assert terms.is_reply(b"hello\n", b"OK\nVALUE hello\n")
    assert not terms.is_reply(b"hello\n", b"OK\nVALUE hullo\n")
    assert not terms.is_reply(b"hello\n", b"OK\n")
    assert terms.is_whole(b"OK\nVALUE hullo\n")
    assert not terms.is_whole(b"OK\nVALUE hul")
    assert not Contract(dialogue=dialogue(STORE)).is_whole(b"OK\nVALUE hello\n"), (
        "it ends when the server closes"
    )


def test_what_comes_from_others_answers_nobody() -> None:
    terms = Contract(closes=False, dialogue=dialogue(CHAT))
    heard = b"WELCOME me\n<other> good morning\n<me> hello\n<other> bye\n"
    assert terms.reply_in(heard, b"hello\n") == b"<me> hello\n"
    assert terms.reply_in(heard, b"") == b""
    assert terms.reply_in(b"WELCOME me\n<other> good", b"hello\n") == b"", "half of somebody's words"
    assert terms.reply_in(b"WELC", b"") == b"", "nobody has been asked yet"


@pytest.mark.parametrize(
    ("expect", "line", "answer", "is_right"),
    [
        ("{length}:{line},", b"hello\n", b"5:hello,", True),
        ("{length+31:04x}{line}", b"hello\n", b"0024hello", True),
        ("{length+31:04x}{line}", b"hello\n", b"0023hello", False),
        ("{length:08x}{line}", b"hello\n", b"00000005hello", True),
        ("{length+2:u16}{line}", b"hello\n", b"\0\7hello", True),
        ("{length+2:u32}{line}", b"hello\n", b"\0\0\0\7hello", True),
        ("{length+1:u32}{line}", b"hello\n", b"\0\0\0\7hello", False),
        ("{length+2:u16le}{line}", b"hello\n", b"\7\0hello", True),
        ("{length+2:u32le}{line}", b"hello\n", b"\7\0\0\0hello", True),
        ("{length+2:u32le}{line}", b"hello\n", b"\0\0\0\7hello", False),
        ("{length:varint}{line}", b"hello\n", b"\5hello", True),
        ("{length+123:varint}{line}", b"hello\n", b"\x80\1hello", True),
        ("{length+123:varint}{line}", b"hello\n", b"\x80hello", False),
        ("{length+70000:u16}{line}", b"hello\n", b"\xff\xffhello", True),
        ("{length:u64}{line}", b"hello\n", b"{length:u64}hello", True),
        ("{length}:{line},", b"hello\n", b"4:hello,", False),
        ("{LINE}{LINE}", b"ab\n", b"ABAB", True),
        (
            {"regex": r"(?s)HTTP/1\.[01] 200 .*?\r\n\r\n{line}"},
            b"a.b\n",
            b"HTTP/1.0 200 OK\r\n\r\na.b",
            True,
        ),
        (
            {"regex": r"(?s)HTTP/1\.[01] 200 .*?\r\n\r\n{line}"},
            b"a.b\n",
            b"HTTP/1.0 200 OK\r\n\r\naxb",
            False,
        ),
        ({"hex": "00 ff"}, b"x\n", b"\x00\xff", True),
        ("a {any} b", b"x\n", b"a anything b", True),
        ({"regex": "ok|fine"}, b"x\n", b"fine", True),
        ("<{line}>", b"\n", b"<>", True),
        ("a {any} b", b"x\n", b"a any\nthing b", False),
    ],
)
def test_forms(expect: Any, line: bytes, answer: bytes, is_right: bool) -> None:  # noqa: FBT001
    terms = Contract(dialogue=dialogue({"steps": [{"send": "{line}\n", "expect": expect}]}))
    assert terms.is_reply(line, answer) is is_right


def test_a_recording_keeps_the_dialogue() -> None:
    terms = Contract(closes=False, dialogue=dialogue(CHAT), ready="up")
    assert Contract.of(json.loads(json.dumps(terms.to_dict()))) == terms


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (
            'steps = [{ sned = "{line}" }]',
            '2: unknown key "sned" in [dialogue.steps]; did you mean "send"',
        ),
        ('steps = [{ send = "GET" }]', "2: [dialogue] steps: no {line} in what is sent"),
        (
            'partial = "SET"\nsteps = [{ send = "{line}" }]',
            "2: [dialogue] partial: it is not how the first",
        ),
        ('steps = [{ send = "{line}", expect = { regex = "(" } }]', "2: [dialogue] steps: missing )"),
        (
            'steps = [{ send = "{line}", expect = { hex = "0x" } }]',
            "2: [dialogue] steps: non-hexadecimal",
        ),
        ('steps = [{ send = "{line}", expect = { rgx = "x" } }]', '2: unknown key "rgx"'),
        ('ready = "("\nsteps = [{ send = "{line}" }]', "2: [dialogue] ready: missing )"),
        ("steps = 5", "2: dialogue.steps: Expected a list, got a whole number"),
    ],
)
def test_a_slip_in_a_dialogue_is_told_with_its_line(tmp_path: Path, written: str, said: str) -> None:
    (tmp_path / "a.toml").write_text(f"[dialogue]\n{written}\n")
    with pytest.raises(assignment.UnusableAssignment) as slip:
        assignment.read(tmp_path / "a.toml")
    assert f"a.toml:{said}" in str(slip.value)


@pytest.mark.parametrize(
    ("contract", "is_blamed"),
    [
        (Contract(), True),
        (Contract(transform="You said: {line}"), True),
        (Contract(transform="530 Log in first"), False),
        (Contract(dialogue=Dialogue((Step("SET {line}\n", "OK\n"),))), False),
        (Contract(dialogue=Dialogue((Step("SET {line}\n", {"regex": "STORED.*\n"}),))), False),
        (Contract(dialogue=Dialogue((Step("GET {word}\n", "{word}: none\n"),))), True),
    ],
)
def test_who_shall_say_the_same_to_all_is_not_blamed_for_it(contract: Contract, is_blamed: bool) -> None:  # noqa: FBT001
    """A reply that was not the assignment's was told to be one that hangs on no line, as it shall."""
    seen = replace(everybody_gets_the_same(), contract=contract)
    required = next(each for each in every_requirement() if each.id == "service/reply")
    verdict = required.judge(seen)
    assert verdict.outcome is Outcome.FAIL
    assert (verdict.evidence.cause == "answers-something-else") is is_blamed


@pytest.mark.parametrize(
    ("steps", "demanded"),
    [
        ([{"send": "SAY {line}\n", "expect": "OK {line}\n"}], "the reply must be 'OK hello\\n'"),
        ([{"send": "SUBMIT {line}\n", "expect": "RESULT {any}\n"}], "as the assignment wants it"),
    ],
)
def test_a_recipe_demands_the_reply_of_the_contract(steps: list[dict[str, str]], demanded: str) -> None:
    required = next(each for each in every_requirement() if each.id == "service/reply")
    told = recipe(required.by_hand, Contract(dialogue=dialogue({"steps": steps})))
    assert demanded in told
    assert "HELLO or hello" not in told
    assert "HELLO or hello" in recipe(required.by_hand, Contract())


@pytest.mark.parametrize(
    ("identifier", "command"),
    [
        ("stream/half-close", "`printf 'hel' | nc 127.0.0.1 54321 | head -c 100`"),
        ("abuse/idle-cost", "`printf 'hel' | timeout 1 nc 127.0.0.1 54321`"),
        ("concurrency/half-line", "`(printf 'hel'; sleep 10; printf 'lo\\n') | nc 127.0.0.1 54321`"),
    ],
)
def test_a_recipe_says_half_a_line_in_the_words_of_the_contract(identifier: str, command: str) -> None:
    required = next(each for each in every_requirement() if each.id == identifier)
    halves = recipe(required.by_hand, Contract(closes=False))
    assert command.replace("hel'", "he'").replace("'lo", "'llo") in halves
    steps = [{"send": "LOGIN {word}\n", "expect": "OK\n"}, {"send": "{line}\n", "expect": "{line}\n"}]
    asked = recipe(required.by_hand, Contract(dialogue=dialogue({"steps": steps})))
    assert "| nc" not in asked.partition("printf 'he'")[0].rpartition("(")[2]
    assert "(printf 'LOGIN " in asked
