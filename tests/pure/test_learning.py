"""A contract that nobody wrote: what guests heard, what is learnt of it, and the file that says so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace as changed

from harness.engine import assignment_file as assignment
from harness.judge import tls
from harness.judge.another import REPLY, traits
from harness.judge.learned import SCENARIO, learn
from harness.judge.learned_company import BESIDE, LISTENER, SPEAKER
from harness.judge.learned_contract import AT_END, Learned
from harness.judge.learned_steps import FRAMED, TELLER, TELLERS, framed, lines_of
from harness.judge.likeness import common, marked
from harness.judge.ports import swapped
from harness.judge.verdict import failed
from harness.record.contract import LINE_ENDINGS, TRANSFORMS, Contract
from harness.record.dialogue import Dialogue, Step, word_for
from harness.record.events import Listens
from harness.record.line_form import filled
from harness.record.missing import Missing
from harness.report import learnt
from tests.recordings import PORT, Story, story

STAYS: Final = {"closes": False}
ASKED: Final = ("nine Wolves 7K", "Lemur 3xQ counts")
Server = Callable[[bytes], bytes]


def visits(
    reply: Server,
    *,
    greeting: Sequence[bytes] = (),
    closes: bool = True,
    at_end: bool = False,
    unasked: bool = False,
) -> Story:
    """The visits of guests to a server that answers by `reply`, and has a `greeting` for each guest.

    The server closes after its reply, or at the end, or before it is asked.
    """
    tale = story(SCENARIO).starts()
    for number in range(1, 5):
        guest, ending = f"guest {number}", LINE_ENDINGS[(number - 1) % 2].encode()
        tale.connects(guest).accepts(guest)
        if greeting:
            tale.answers(guest, greeting[number % len(greeting)])
        if unasked:
            tale.closes(guest).quiet().asks(guest, b"?\n").quiet().leaves(guest).quiet()
            continue
        tale.quiet()
        for asked in ASKED if number % 3 else ASKED[::-1]:
            line = asked.encode() + ending
            answer = b"" if at_end else reply(line)
            tale.asks(guest, line)
            if answer:
                tale.answers(guest, answer)
            if answer and closes:
                tale.closes(guest)
            tale.quiet()
            if not answer:
                tale.half_closes(guest)
                if at_end:
                    tale.answers(guest, reply(line)).closes(guest)
                tale.quiet()
            if closes or not answer:
                break
        tale.leaves(guest).quiet()
    return tale


def upper(line: bytes) -> bytes:
    return line.upper()


def in_company(to_the_listener: bytes, reply: Server = upper) -> Story:
    """Visits to a server that stays open, and then two at once, of whom one says nothing."""
    tale = visits(reply, closes=False)
    for name in (LISTENER, SPEAKER):
        tale.connects(name).accepts(name).quiet()
    said = ASKED[1].encode() + b"\n"
    tale.asks(SPEAKER, said).answers(SPEAKER, reply(said))
    if to_the_listener:
        tale.answers(LISTENER, to_the_listener)
    return tale.quiet().leaves(SPEAKER).quiet().leaves(LISTENER).quiet()


@pytest.mark.parametrize(
    ("heard", "between"),
    [
        (b"LEMUR 3XQ COUNTS\n", "{any}\n"),
        (b"3 says LEMUR 3XQ COUNTS\n", "{any} says {any}\n"),
        (b"* one has come\n3 says LEMUR 3XQ COUNTS\n", "{any}\n"),
    ],
)
def test_what_is_told_to_others_is_no_answer(heard: bytes, between: str) -> None:
    numbers = iter(range(9))
    reply: Server = lambda line: b"%d says %b" % (next(numbers), line.upper())  # noqa: E731
    found = learn(in_company(heard, upper if heard.startswith(b"LEMUR") else reply).over())
    assert found.contract.dialogue is not None
    assert found.contract.dialogue.between == between
    assert not found.contract.closes
    assert "tells every client what another one says" in found.traits


def test_who_hears_nothing_of_others_needs_no_dialogue() -> None:
    assert learn(in_company(b"").over()).contract == Contract("upper", closes=False)


# A name that is said first

NAMES: Final = ("nine Wolves 7K", "Lemur 3xQ counts", "2 Quick foxes Jump By")


def with_names(
    first: Callable[[str], str], later: Callable[[str, str], str], greeting: str = ""
) -> Story:
    """Visits to a server that answers the first line of each client by `first`, as a name."""
    tale = story(SCENARIO).starts()
    for number in range(1, 5):
        guest, ending = f"guest {number}", LINE_ENDINGS[number // 2 % 2]
        tale.connects(guest).accepts(guest)
        if greeting:
            tale.answers(guest, greeting.encode())
        tale.quiet()
        name, *others = (NAMES[(number - nth) % 3] for nth in range(3))
        tale.asks(guest, (name + ending).encode()).answers(guest, first(name).encode()).quiet()
        for line in others:
            tale.asks(guest, (line + ending).encode()).answers(guest, later(name, line).encode()).quiet()
        tale.leaves(guest).quiet()
    return tale


@pytest.mark.parametrize(
    ("first", "later", "opening", "step"),
    [
        (lambda n: f"Welcome, {n}!\n", lambda n, x: f"<{n}> {x}\n", "Welcome, {word}!\n", "> {line}\n"),
        (lambda _: "331 Password?\r\n", lambda _, x: f"{x} is no command\r\n",
         "331 Password?\r\n", "{line} is no command\r\n"),
        (lambda n: f"Hello {n}\n", lambda n, x: f"[{n}] {x}\n", "Hello {word}\n", "] {line}\n"),
        (lambda n: f"Hi {n.upper()}\n> ", lambda _, x: f"{x}\n> ", "Hi {any}\n> ", "{line}\n> "),
    ],
)  # fmt: skip
@pytest.mark.parametrize("greeting", ["", "Your name?\n"])
def test_a_line_that_only_the_first_one_answers_opens(
    first: Callable[[str], str], later: Callable[[str, str], str], opening: str, step: str, greeting: str
) -> None:
    found = learn(with_names(first, later, greeting).over())
    script = found.contract.dialogue
    assert script is not None, (found.contract, found.untold)
    assert found.untold == []
    assert [each.expect for each in script.opening] == [*([greeting] if greeting else []), opening]
    assert str(script.opening[-1].send).startswith("{word}")
    assert [str(each.expect).endswith(step) for each in script.steps] == [True]
    assert not found.contract.closes
    text = learnt.as_assignment(found, "forkspec learn x")
    assert assignment.of_text(text, "x").assignment.contract == found.contract


def test_a_number_is_no_name() -> None:
    count = iter(range(9))
    found = learn(with_names(lambda n: f"1: {n}\n", lambda _, x: f"{next(count) + 2}: {x}\n").over())
    assert found.contract == Contract("{any}: {line}\n", closes=False)


def test_questions_in_a_row_are_no_name() -> None:
    asked = iter(["Password?\n", "Wrong.\n", "Login again?\n"] * 4)
    found = learn(with_names(lambda _: next(asked), lambda _, __: next(asked)).over())
    assert any("any line will do" in each for each in found.untold), found.untold


def numbered() -> Server:
    count = iter(range(1, 100))
    return lambda line: b"%d: %b\n" % (next(count), line.strip())


# What is learnt


@pytest.mark.parametrize(
    ("reply", "how", "contract", "traits"),
    [
        (upper, {}, {"transform": "upper"}, []),
        (lambda line: line, {}, {"transform": "echo"}, []),
        (lambda line: line.strip(), {}, {"transform": "echo"}, []),
        (upper, STAYS, {"transform": "upper", **STAYS}, ["stays open after its reply"]),
        (upper, {"at_end": True}, {"transform": "upper", "at_half_close": True}, [AT_END]),
        (upper, {"greeting": [b"Hi\n"]}, {"transform": "upper", "greeting": "Hi\n"}, ["greets"]),
        (
            upper,
            {"greeting": [b"you are 1 of 9\n", b"you are 2 of 9\n"]},
            {"transform": "upper", "greeting": "you are {any} of 9\n"},
            ["greets"],
        ),
        (
            lambda line: b"Echo: " + line.strip() + b"\n",
            {},
            {"transform": "Echo: {line}\n"},
            ["answers 'Echo: {line}\\n'"],
        ),
        (
            lambda line: b"250 " + line.strip() + b"\r\n",
            {},
            {"transform": "250 {line}\r\n", "line_ending": "\r\n"},
            ["answers '250 {line}\\r\\n'"],
        ),
        (
            lambda line: line if line.endswith(b"\r\n") else b"",
            {"closes": False},
            {"transform": "echo", "line_ending": "\r\n", "closes": False},
            ["wants lines that end by CR LF", "stays open after its reply"],
        ),
        (numbered(), {}, {"transform": "{any}: {line}\n"}, ["answers '{any}: {line}\\n'"]),
        (
            upper,
            {"unasked": True, "greeting": [b"It is 14:32:50\n", b"It is 14:32:51\n"]},
            {"transform": "It is {any}\n", "unasked": True},
            ["answers whoever connects, before it has read anything"],
        ),
        (
            upper,
            {"unasked": True, "greeting": [b"HTTP/1.1 200 OK\r\n\r\nhi\n\0\0"]},
            {"transform": "HTTP/1.1 200 OK\r\n\r\nhi\n\0\0", "unasked": True},
            ["answers whoever connects, before it has read anything"],
        ),
        (
            lambda _: b"OK\n",
            {"closes": False},
            {"closes": False, "dialogue": {"steps": [{"send": "{line}\n", "expect": "OK\n"}]}},
            ["answers every line with 'OK\\n'", "stays open after its reply"],
        ),
        (
            lambda line: line.upper() + b"> ",
            {"closes": False, "greeting": [b"> "]},
            {
                "closes": False,
                "dialogue": {
                    "steps": [{"send": "{line}\n", "expect": "{LINE}\n> "}],
                    "opening": [{"send": "", "expect": "> "}],
                },
            },
            ["greets", "answers '{LINE}\\n> '", "stays open after its reply"],
        ),
        (
            lambda line: b"You asked for '%b'\n" % line.split()[0],
            {"closes": False},
            {
                "closes": False,
                "dialogue": {
                    "steps": [
                        {"send": "x{word} {line}\n", "expect": "You asked for 'x{word}'\n"}
                    ]
                },
            },
            ["answers \"You asked for 'x{word}'\\n\"", "stays open after its reply"],
        ),
        (
            lambda line: b"%b? No.\r\n" % line.split()[0],
            {"closes": False, "greeting": [b"hello\r\n"]},
            {
                "closes": False,
                "dialogue": {
                    "steps": [{"send": "x{word} {line}\r\n", "expect": "x{word}? No.\r\n"}],
                    "opening": [{"send": "", "expect": "hello\r\n"}],
                },
            },
            ["greets", "answers 'x{word}? No.\\r\\n'", "stays open after its reply"],
        ),
    ],
)  # fmt: skip
def test_a_contract_is_learnt(
    reply: Server, how: dict[str, Any], contract: dict[str, Any], traits: list[str]
) -> None:
    found = learn(visits(reply, **how).over())
    assert found.contract == Contract.of(contract)
    assert (found.untold, found.traits) == ([], traits)


@pytest.mark.parametrize(
    ("reply", "how", "untold"),
    [
        (lambda line: b"ERROR unknown command '%b'\n" % line.split()[0], STAYS, "--say"),
        (lambda _: b"530 Please login with USER and PASS\r\n", STAYS, "--first"),
        (bytes.lower, {}, "the line in small letters"),
        (lambda line: line.strip()[::-1] + b"\n", {}, "the line backwards"),
        (lambda _: b"", {}, "nobody was answered"),
        (upper, {"unasked": True}, "whatever the client says"),
        (lambda line: b"\xff" + line, {}, "the reply"),
        (upper, {"greeting": [b"one\n", b"two\nlines\n"]}, "the greeting"),
    ],
)
def test_what_cannot_be_told_is_said(reply: Server, how: dict[str, Any], untold: str) -> None:
    found = learn(visits(reply, **how).over())
    assert any(untold in each for each in found.untold), found.untold


@pytest.mark.parametrize(
    ("greeting", "untold"),
    [(b"", "whatever the client says"), (b"MAGIC\0\3", "it greets, and closes the connection at any")],
)
def test_who_closes_at_a_line_is_not_said_to_ask_nothing(greeting: bytes, untold: str) -> None:
    tale = story(SCENARIO).starts()
    for number in range(1, 5):
        guest = f"guest {number}"
        tale.connects(guest).accepts(guest)
        if greeting:
            tale.answers(guest, greeting)
        tale.quiet().asks(guest, b"nine Wolves 7K\n").closes(guest).quiet().leaves(guest).quiet()
    found = learn(tale.over())
    assert not found.contract.unasked
    assert any(untold in each for each in found.untold), found.untold


def test_a_greeting_that_counts_who_is_there_is_no_fixed_text() -> None:
    tale = visits(upper, greeting=[b"You are 1 of 500.\n"])
    for number in (1, 2):
        name = f"{BESIDE}{number}"
        tale.connects(name).accepts(name).answers(name, b"You are %d of 500.\n" % number).quiet()
    assert learn(tale.over()).contract.greeting == "You are {any} of 500.\n"


def test_what_others_hear_of_a_newcomer_is_no_greeting() -> None:
    tale = visits(upper, greeting=[b"Welcome\n"])
    for number in (1, 2):
        name = f"{BESIDE}{number}"
        tale.connects(name).accepts(name).answers(name, b"Welcome\n").quiet()
    tale.answers(f"{BESIDE}1", b"* somebody has come\n").quiet()
    assert learn(tale.over()).contract.greeting == "Welcome\n"


def test_of_a_pair_one_may_not_be_let_in() -> None:
    tale = visits(upper, greeting=[b"Welcome\n"])
    tale.connects(f"{BESIDE}1").accepts(f"{BESIDE}1").answers(f"{BESIDE}1", b"Welcome\n").quiet()
    tale.connects(f"{BESIDE}2").quiet()
    assert learn(tale.over()).contract.greeting == "Welcome\n"


def padded() -> Server:
    sizes = iter(range(1, 100))
    return lambda line: line.strip() + b"\n" + b"x\n" * (next(sizes) // 2 % 2) + b"\0\0"


def in_lines() -> Server:
    numbers = iter(range(1, 100))
    return lambda line: b"".join(b"%d\n" % each for each in range(next(numbers))) + line


@pytest.mark.parametrize("server", [padded, in_lines])
@pytest.mark.parametrize("how", [{}, STAYS, {"greeting": [b"Hi\n"]}])
def test_a_server_keeps_what_was_learnt_of_it_also_where_no_pattern_fits(
    server: Callable[[], Server], how: dict[str, Any]
) -> None:
    found = learn(visits(server(), **how).over())
    assert any("any reply will do" in each for each in found.untold), found.untold
    text = learnt.as_assignment(found, "forkspec learn x")
    contract = assignment.of_text(text, "x").assignment.contract
    assert contract is not None
    answer = server()
    assert all(contract.is_reply(line, answer(line)) for line in (b"one\n", b"two\n", b"three\n"))


def test_a_server_keeps_what_was_learnt_where_it_answers_unasked() -> None:
    found = learn(visits(upper, unasked=True, greeting=[b"You rang?\n\0\0"]).over())
    text = learnt.as_assignment(found, "forkspec learn x")
    contract = assignment.of_text(text, "x").assignment.contract
    assert contract == found.contract
    assert contract.is_reply(b"", b"You rang?\n\0\0")


def test_a_server_that_neither_closes_nor_answers_again_has_no_contract_of_its_own() -> None:
    answers = iter([b"A\n", b""] * 4)
    found = learn(visits(lambda line: line.upper() if next(answers) else b"", closes=False).over())
    assert found.traits == []
    assert any("whether it closes" in each for each in found.untold)


def test_a_server_that_answers_a_client_hello_speaks_tls() -> None:
    tale = visits(lambda _: b"").connects(tls.GREETS).accepts(tls.GREETS).quiet()
    tale.asks(tls.GREETS, b"\x16\x03\x01\x02").answers(tls.GREETS, b"\x16\x03\x03\x00\x7a\x02")
    found = learn(tale.quiet().leaves(tls.GREETS).quiet().over())
    assert not found.speaks
    assert "it speaks TLS" in found.untold[-1]


def browsing(*, keeps: bool, answers_again: bool) -> Story:
    """Guests to whom nothing is said, and two browsers."""
    tale = visits(lambda _: b"")
    for name in ("browser 1", "browser 2"):
        tale.connects(name).accepts(name).quiet()
        request = b"GET / HTTP/1.0\r\nX-Line: nine Wolves 7K\r\n\r\n"
        tale.asks(name, request).answers(name, b"HTTP/1.0 404 Not Found\r\n\r\n")
        if keeps:
            tale.quiet().asks(name, request)
            if answers_again:
                tale.answers(name, b"HTTP/1.0 404 Not Found\r\n\r\n")
        else:
            tale.closes(name)
        tale.quiet().leaves(name).quiet()
    return tale


@pytest.mark.parametrize(
    ("reply", "begun"),
    [(b"HTTP/1.1 200 OK\n\nHello\n", ""), (b"HTTP/1.1 400 Bad Request\r\n\r\n", "GET / HTTP/1.0\r\n")],
)
def test_nothing_of_a_request_is_said_early_to_who_takes_any_line_for_one(
    reply: bytes, begun: str
) -> None:
    tale = visits(lambda _: reply)
    for name in ("browser 1", "browser 2"):
        tale.connects(name).accepts(name).quiet().asks(name, b"GET / HTTP/1.0\r\nX-Line: a\r\n\r\n")
        tale.answers(name, reply).closes(name).quiet().leaves(name).quiet()
    learnt = learn(tale.over()).contract.dialogue
    assert learnt is not None
    assert str(learnt.partial)[: len("GET / HTTP/1.0\r\n")] == begun


@pytest.mark.parametrize(
    ("how", "closes", "untold"),
    [
        ({"keeps": False, "answers_again": False}, True, 1),
        ({"keeps": True, "answers_again": True}, False, 1),
        ({"keeps": True, "answers_again": False}, True, 2),
    ],
)
def test_who_neither_closes_nor_answers_a_second_request_has_forgotten_to_close(
    how: dict[str, bool], closes: object, untold: int
) -> None:
    found = learn(browsing(**how).over())
    assert found.contract.closes is closes
    assert len(found.untold) == untold, found.untold
    assert ("stays open after its reply" in found.traits) is not closes


def test_a_port_with_its_bytes_swapped_is_not_written_down() -> None:
    tale = story(SCENARIO).starts(port=swapped(PORT)).serves("guest 1", forks=False)
    found = learn(tale.serves("guest 2", forks=False).over())
    assert found.port is None
    assert any("htons() is missing" in each for each in found.untold)


def test_of_who_lets_nobody_in_nothing_is_said_that_was_not_tried() -> None:
    tale = story(SCENARIO).starts().connects("guest 1").quiet().asks("guest 1").quiet().leaves("guest 1")
    found = learn(tale.quiet().over())
    assert any("nobody was let in" in each for each in found.untold), found.untold


def test_an_ending_that_nobody_tried_is_not_told() -> None:
    tale = story(SCENARIO).starts().connects("guest 1").accepts("guest 1").quiet().asks("guest 1")
    tale.answers("guest 1").closes("guest 1").quiet().leaves("guest 1").is_refused("guest 2").quiet()
    found = learn(tale.over())
    assert any("whether other line endings will do" in each for each in found.untold)
    assert "line_ending" not in found.told


def test_who_answers_every_third_client_wants_no_line_ending() -> None:
    count = iter(range(1, 100))
    found = learn(visits(lambda line: b"" if next(count) % 4 else line).over())
    assert found.traits == []
    assert any("not everybody was answered" in each for each in found.untold), found.untold


def test_nothing_is_learnt_from_what_breaks_off() -> None:
    with pytest.raises(Missing):
        learn(visits(upper).breaks_off())


def test_nothing_is_learnt_from_silence_without_a_proof() -> None:
    tale = (
        story(SCENARIO).starts().connects("guest 1").accepts("guest 1").quiet().asks("guest 1").rests()
    )
    with pytest.raises(Missing):
        learn(tale.over())


@pytest.mark.parametrize(
    "tale", [story(SCENARIO).starts(listens=False), story(SCENARIO).starts().hangs("guest 1").quiet()]
)
def test_nothing_is_learnt_where_nobody_is_let_in(tale: Story) -> None:
    with pytest.raises(Missing):
        learn(tale.over())


@pytest.mark.parametrize(
    ("ports", "own", "port"),
    [
        ([54321], None, ""),
        ([8080], 8080, ""),
        ([40001, 40002], None, "any"),
        ([8080, 40002], 8080, ""),
    ],
)
def test_a_port_of_its_own_is_learnt(ports: list[int], own: int | None, port: str) -> None:
    seen = visits(upper).over()
    at = next(index for index, event in seen.all(Listens))
    starts = [changed(seen.events[at], port=each) for each in ports]
    found = learn(replace(seen, events=(*seen.events[:at], *starts, *seen.events[at + 1 :])))
    assert (found.port, found.contract.port) == (own, port)


@pytest.mark.parametrize(
    ("texts", "pattern"),
    [
        (["a b\n", "a b\n"], "a b\n"),
        (["client 1 of 2\n", "client 17 of 2\n"], "client {any} of 2\n"),
        (["one\n", "two more\n"], "{any}\n"),
        (["load 0.5 now\n", "load now\n"], "load {any}now\n"),
        (["a\r\nb 1\r\n", "a\r\nb 2\r\n"], "a\r\nb {any}\r\n"),
        (["> ", "> "], "> "),
        (["a\n", "a\nb\n"], None),
        (["a\n", "a"], None),
    ],
)
def test_what_differs_is_anything(texts: list[str], pattern: str | None) -> None:
    assert common(texts) == pattern


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        (b"it is Sat Nov 28 14:32:50 UTC 2026\n", "it is {any}\n"),
        (b"Date: Sat, 28 Nov 2026 14:32:50 GMT\r\n", "Date: {any}\r\n"),
        (b"2026-11-28T14:32:50.123Z up\n", "{any} up\n"),
        (b"since 1764340370.25\n", "since {any}\n"),
        (b"127.0.0.1 is one of 3 2 1\n", "127.0.0.1 is one of 3 2 1\n"),
        (b"May I take your name?\n", "May I take your name?\n"),
        (b'{"a": {b}, {}}\n', '{"a": {any}, {any}}\n'),
        (b"Aa aA: aa AA\n", "{line} aA: aa {LINE}\n"),
    ],
)
def test_moments_and_lines_have_places(text: bytes, pattern: str) -> None:
    assert marked(text, b"Aa") == pattern


# By words of its own


def telling(
    script: Dialogue, *answers: Callable[[bytes, bytes], bytes], greeting: bytes = b"", ends: int = 99
) -> Story:
    """Three tellers say the script's words in two rounds; an answer for each step.

    The connection ends after so many steps.
    """
    tale = story(SCENARIO).starts()
    for number in range(1, TELLERS + 1):
        name = f"{TELLER}{number}"
        tale.connects(name).accepts(name)
        if greeting:
            tale.answers(name, greeting)
        tale.quiet()
        own = [(step, b"", word_for(name.encode())) for step in script.opening]
        own += [(step, line, word_for(line)) for line in lines_of(number) for step in script.steps]
        many = len(script.opening) + len(script.steps)
        for nth, (step, line, word) in enumerate(own[:ends]):
            at = nth if nth < many else nth - len(script.steps)
            reply = answers[at](line, word)
            tale.asks(name, filled(step.send, line, word))
            if reply:
                tale.answers(name, reply)
            if nth == ends - 1:
                tale.closes(name)
            tale.quiet()
        tale.leaves(name).quiet()
    return tale


STORE: Final = Dialogue((Step("SET {word} {line}\n"), Step("GET {word}\n")))
LOGIN: Final = Dialogue((Step("SAY {line}\n"),), (Step("USER {word}\n"), Step("PASS x\n")))


@pytest.mark.parametrize(
    ("script", "answers", "how", "expected"),
    [
        (STORE, (lambda *_: b"OK\n", lambda x, _: b"VALUE %b\n" % x), {}, ["OK\n", "VALUE {line}\n"]),
        (STORE, (lambda *_: b"", lambda x, w: b"%b=%b\n" % (w, x)), {"ends": 2},
         ["", "{word}={line}\n"]),
        (LOGIN, (lambda _, w: b"Hi %b\n" % w, lambda *_: b"in\n", lambda x, _: b"%b!\n" % x.upper()),
         {"greeting": b"login: "}, ["login: ", "Hi {word}\n", "in\n", "{LINE}!\n"]),
        (framed("u32"), (lambda x, _: len(x).to_bytes(4, "big") + x,), {}, ["{length:u32}{line}"]),
        (framed("u16"), (lambda x, _: (len(x) + 2).to_bytes(2, "big") + b"> " + x.upper(),), {},
         ["{length+2:u16}> {LINE}"]),
        (framed("u32"), (lambda *_: b"\xff\x00\x01",), {}, [{"hex": "ff 00 01"}]),
    ],
)  # fmt: skip
def test_what_is_expected_is_learnt_from_words_of_its_own(
    script: Dialogue, answers: Any, how: dict[str, Any], expected: list[Any]
) -> None:
    found = learn(telling(script, *answers, **how).over(), script)
    told = found.contract.dialogue
    assert told is not None, found.untold
    assert [each.expect for each in (*told.opening, *told.steps)] == expected
    assert [each.send for each in told.steps] == [each.send for each in script.steps]
    assert found.contract.closes is ("ends" in how)
    assert (found.untold, found.speaks) == ([], True)
    text = learnt.as_assignment(found, "forkspec learn x --say y")
    assert assignment.of_text(text, "x").assignment.contract == found.contract


@pytest.mark.parametrize(
    ("answers", "how", "untold"),
    [
        ((lambda *_: b"OK\n", lambda *_: b""), {}, "nothing came after 'GET"),
        ((lambda *_: b"OK\n", lambda *_: b"OK\n"), {"ends": 1}, "the connection was closed"),
    ],
)
def test_words_that_lead_to_no_reply_are_told(answers: Any, how: dict[str, Any], untold: str) -> None:
    found = learn(telling(STORE, *answers, **how).over(), STORE)
    assert not found.speaks
    assert any(untold in each for each in found.untold), found.untold


def test_a_line_behind_its_length_is_tried_where_nothing_else_is_answered() -> None:
    seen = telling(framed("u16"), lambda x, _: len(x).to_bytes(2, "big") + x)
    tale = visits(lambda _: b"")
    renamed = [changed(e, actor=e.actor.replace(TELLER, f"{FRAMED}u16 ")) for e in seen.over().events]
    both = tale.over()
    came = [each for each in renamed if each.actor != "stage"]
    at = next(index for index, each in enumerate(came) if each.actor.startswith(FRAMED))
    found = learn(replace(both, events=(*both.events[:-1], *came[at:], both.events[-1])))
    assert (
        found.traits[0]
        == "answers a line that stands behind its length (two bytes in network byte order)"
    )
    assert found.contract.dialogue == Dialogue((Step("{length:u16}{line}", "{length:u16}{line}"),))


# The file

texts = st.text(max_size=12).filter(lambda text: "{" not in text)
contracts = st.builds(
    Contract,
    transform=st.sampled_from([*TRANSFORMS, "you said: {line}\n", '"{any}" \\ {LINE}\x7f\x1b\r\n']),
    greeting=texts,
    line_ending=st.sampled_from(LINE_ENDINGS),
    closes=st.booleans(),
) | st.builds(
    lambda text, closes: Contract(
        closes=closes, dialogue=Dialogue((Step(f"{text}{{line}}\n", {"regex": "a\\.b"}),))
    ),
    texts,
    st.booleans(),
)


@given(contracts, st.text(max_size=40))
def test_what_is_written_is_read_back(contract: Contract, said: str) -> None:
    told = dict.fromkeys(("transform", "greeting", "closes", "steps"), said)
    found = Learned(contract, told, [said], [said], port=8080, started_with=("8080",))
    text = learnt.as_assignment(found, "forkspec learn x")
    settings = assignment.of_text(text, "x")
    assert settings.assignment.contract == contract
    assert settings.handed_in.port == 8080


@pytest.mark.parametrize(
    ("settled", "told"),
    [({}, ["answers every line with 'OK\\n'", "stays open after its reply"]), ({"closes": False}, [])],
    ids=["nothing", "that it stays open"],
)
def test_another_contract_is_told_where_none_was_settled(
    settled: dict[str, Any], told: list[str]
) -> None:
    seen = visits(lambda _: b"OK\n", closes=False).is_asked_for(**settled).over()
    assert traits({SCENARIO: seen}, {REPLY: failed("OK", expected="the line")}) == told
