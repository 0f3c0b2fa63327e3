"""A teacher's pattern meets any text: a match, none, or one sentence within its bound; never a hang."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from harness.diagram import space_time
from harness.engine import catalogue
from harness.engine.assignment_file import UnusableAssignment, of_text
from harness.judge.requirement import judge_all
from harness.judge.verdict import Outcome
from harness.record import bounded_match
from harness.record.bounded_match import TooManyWays
from harness.record.contract import Contract
from harness.record.dialogue import Conversation, Dialogue, Step
from harness.record.line_form import ANY_MARK, may_begin
from tests.fuzzing import hard, refused_in_words
from tests.recordings import story

FOR_EVER: Final = ("(a+)+$", r"(a|a)+!", r"(\w*)*!", r"(a|aa)+$", "(?i)(A+)+$", r"(?:a*?)*?!")


@pytest.fixture(autouse=True, scope="module")
def _briefly() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bounded_match, "MOST_CPU_S", 0.05)
        yield


MEETS: Final = b"a" * 50_000 + b"b"


def _expects(expression: str) -> Contract:
    return Contract(dialogue=Dialogue((Step("{line}\n", {"regex": expression}),)))


@pytest.mark.parametrize("expression", FOR_EVER)
def test_a_match_without_end_is_given_up_in_one_sentence(expression: str) -> None:
    terms = _expects(expression)
    with pytest.raises(TooManyWays, match=re.escape(expression.removeprefix("(?i)"))) as told:
        terms.is_reply(b"hello\n", MEETS)
    assert "\n" not in str(told.value)


def test_it_is_given_up_once_for_each_text() -> None:
    terms, before_s = _expects("(b|b)+$"), time.process_time()
    for _ in range(10):
        with pytest.raises(TooManyWays):
            terms.is_reply(b"hello\n", b"b" * 50_000 + b"a")
    assert time.process_time() - before_s < 5
    assert terms.is_reply(b"hello\n", b"bbb")


def test_a_conversation_gives_up_too() -> None:
    talk = Conversation(Dialogue((), opening=(Step("", {"regex": "(c+)+!"}),)), b"")
    talk.begin()
    with pytest.raises(TooManyWays):
        talk.hear(b"c" * 50)


def test_what_cannot_be_compared_is_inconclusive_with_the_teachers_sentence() -> None:
    begun = story("one after another").is_asked_for(
        dialogue={"steps": [{"send": "{line}\n", "expect": {"regex": "(a+)+$"}}]}
    )
    tale = (
        begun.starts()
        .connects("client 0")
        .asks("client 0", b"hello\n")
        .answers("client 0", MEETS)
        .over()
    )
    only = [each for each in catalogue.load().requirements if each.id == "service/reply"]
    seen = {each.scenario: tale for each in only}
    (verdict,) = judge_all(only, seen).values()
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert "the assignment's pattern" in verdict.evidence.observed
    assert space_time(tale).clients


@pytest.mark.parametrize("expression", FOR_EVER)
def test_the_teacher_hears_of_it_when_the_file_is_read(expression: str) -> None:
    for table in (
        f"ready = '{expression}'\nsteps = [{{send = '{{line}}'}}]",
        f"steps = [{{send = '{{line}}', expect = {{regex = '{expression}'}}}}]",
    ):
        with pytest.raises(UnusableAssignment, match="too many ways"):
            of_text(f"[dialogue]\n{table}\n", "exercise.toml")


@pytest.mark.parametrize(
    "expression", [r"OK \d+ .*", r"(\w+ )*end", r"2\d\d [^\r\n]*\r\n", "(ab|cd)+", ".*a.*b.*c.*d"]
)
def test_usual_expressions_are_as_welcome_as_before(expression: str) -> None:
    of_text(
        f"[dialogue]\nsteps = [{{send = '{{line}}', expect = {{regex = '{expression}'}}}}]\n",
        "exercise.toml",
    )


pieces = st.sampled_from(
    [
        "a",
        "b",
        "aa",
        "(",
        ")",
        "[",
        "]",
        "+",
        "*",
        "?",
        "|",
        "$",
        r"\w",
        "{any}",
        "{line}",
        "{2,}",
        "(?i)",
        "{length}",
        "{word}",
        ".",
        "\\",
        "(?P<line>",
        "\0",
    ]
)


@given(st.lists(pieces, max_size=8).map("".join) | st.text(max_size=8), st.text("ab \n", max_size=40))
@example("[[", "")
@example("\\{length}", "")
@example("\\{word}", "")
@example("(x)\\1{length}", "")
@hard
def test_fuzz_an_expression_that_is_taken_meets_any_reply(expression: str, came: str) -> None:
    quoted = "".join(f"\\u{ord(c):04x}" if ord(c) < 0x10000 else f"\\U{ord(c):08x}" for c in expression)
    with refused_in_words(UnusableAssignment, TooManyWays):
        terms = of_text(
            f'[dialogue]\nsteps = [{{send = "{{line}}", expect = {{regex = "{quoted}"}}}}]\n', "x.toml"
        ).assignment.contract
        assert terms is not None
        terms.is_reply(b"a\n", came.encode())
        terms.reply_in(came.encode(), b"a\n")
        terms.is_whole(came.encode())
        terms.may_begin(b"a\n", came.encode())


lines = st.lists(st.sampled_from([b"a", b"b", b"ab", b"\n", b""]), max_size=4).map(b"".join)


@given(
    st.lists(lines, min_size=1, max_size=5),
    st.lists(st.sampled_from([b"a", b"b", b"\n"]), max_size=12).map(b"".join),
)
@example([b"", b"", b"a\n"], b"a\n")  # two places side by side
@hard
def test_fuzz_what_may_begin_so_is_what_a_regular_expression_says(
    parts: list[bytes], came: bytes
) -> None:
    r"""Some end of the text completes it: of `parts`, and of what any place may hold."""
    whole = re.compile(b"[^\r\n]*".join(map(re.escape, parts)))
    ends = {b""} | {b"".join(parts[:at])[cut:] for at in range(len(parts) + 1) for cut in range(20)}
    tails = {
        ANY_MARK.join(parts[at:]).replace(ANY_MARK, b"")[cut:]
        for at in range(len(parts))
        for cut in range(20)
    }
    if any(whole.fullmatch(came + end) for end in ends | tails):
        assert may_begin(parts, came)


def test_a_megabyte_of_spaces_holds_nobody_up() -> None:
    assert not may_begin([b"at ", b" ", b" ", b" ", b" x\n"], b"at " + b" " * 1_000_000 + b"\n.")
