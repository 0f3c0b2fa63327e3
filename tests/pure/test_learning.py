"""A contract that nobody wrote: what guests heard, what is learnt of it, and the file that says so."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.engine import assignment_file as assignment
from harness.engine import learning, references, targets
from harness.engine.session import Options, examine_all
from harness.judge.learned import SCENARIO, Learned, learn
from harness.judge.likeness import common, marked
from harness.judge.verdict import Outcome
from harness.record.contract import LINE_ENDINGS, TRANSFORMS, Contract
from harness.record.recording import Kind, Missing
from harness.report import learnt
from harness.report.words import terms
from harness.results.assignment import Assignment
from harness.results.result import Result
from harness.subject.build import Subject
from harness.subject.build_commands import NoTool
from harness.subject.places import shipped
from tests.command import run
from tests.recordings import Story, story

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
    """Guests of a server that answers as `reply` does, and greets with one greeting after another.

    It closes after its reply, or at the end, or has closed before it is asked.
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
    ],
)  # fmt: skip
def test_a_contract_is_learnt(
    reply: Server, how: dict[str, Any], contract: dict[str, Any], traits: list[str]
) -> None:
    found = learn(visits(reply, **how).over())
    assert found.contract == Contract(**contract)
    assert (found.untold, found.traits) == ([], traits)


@pytest.mark.parametrize(
    ("reply", "how", "untold"),
    [
        (bytes.lower, {}, "the line in small letters"),
        (lambda line: line.strip()[::-1] + b"\n", {}, "the line backwards"),
        (upper, {"at_end": True}, "only once the client has said that nothing more will come"),
        (lambda _: b"", {}, "nobody was answered"),
        (upper, {"unasked": True}, "whatever the client says"),
        (lambda line: b"\xff" + line, {}, "the reply"),
        (upper, {"greeting": [b"one\n", b"two\nlines\n"]}, "the greeting"),
    ],
)
def test_what_cannot_be_told_is_said(reply: Server, how: dict[str, Any], untold: str) -> None:
    found = learn(visits(reply, **how).over())
    assert any(untold in each for each in found.untold), found.untold


def test_a_server_that_neither_closes_nor_answers_again_has_no_contract_of_its_own() -> None:
    answers = iter([b"A\n", b""] * 4)
    found = learn(visits(lambda line: line.upper() if next(answers) else b"", closes=False).over())
    assert found.traits == []
    assert any("whether it closes" in each for each in found.untold)


def test_an_ending_that_nobody_tried_is_not_told() -> None:
    tale = story(SCENARIO).starts().connects("guest 1").accepts("guest 1").quiet().asks("guest 1")
    tale.answers("guest 1").closes("guest 1").quiet().leaves("guest 1").is_refused("guest 2").quiet()
    found = learn(tale.over())
    assert any("whether other line endings will do" in each for each in found.untold)
    assert "line_ending" not in found.told


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
    ("ports", "own", "port"), [([54321], None, ""), ([8080], 8080, ""), ([40001, 40002], None, "any")]
)
def test_a_port_of_its_own_is_learnt(ports: list[int], own: int | None, port: str) -> None:
    seen = visits(upper).over()
    at = next(index for index, event in seen.all(Kind.LISTENS))
    starts = [
        replace(seen.events[at], detail={**seen.events[at].detail, "port": each}) for each in ports
    ]
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
        closes=closes, dialogue={"steps": [{"send": f"{text}{{line}}\n", "expect": {"regex": "a\\.b"}}]}
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


# The real thing


def learnt_of(subject: Subject) -> tuple[Learned, assignment.AssignmentFile]:
    """What is learnt, and what the file that says so is read as."""
    found = learn(learning.observe(subject))
    return found, assignment.of_text(learnt.as_assignment(found, "forkspec learn"), "learnt")


def replies_rightly(subject: Subject, settings: assignment.AssignmentFile) -> Outcome:
    """service/reply of the same server, by what was learnt."""
    options = Options(only=("service/reply",), seed=1, assignment=settings.assignment)
    return examine_all([subject], options)[0].verdicts["service/reply"].outcome


def prepared(target: str) -> Subject:
    try:
        return targets.prepare(target)
    except NoTool as missing:
        pytest.skip(str(missing))


DESIGNS: Final = {
    name: entry
    for name, entry in references.manifest().items()
    if entry["role"] in {"design", "lecture"}
}


@pytest.mark.parametrize("name", DESIGNS)
def test_what_is_learnt_of_a_sound_server_holds(name: str) -> None:
    subject = prepared(name)
    found, settings = learnt_of(subject)
    assert found.untold == []
    meant = Contract.of(subject.contract)
    assert settings.assignment.contract is not None
    assert (settings.assignment.contract.closes, settings.assignment.contract.greeting) == (
        meant.closes,
        meant.greeting,
    )
    assert replies_rightly(subject, settings) is Outcome.PASS


def shell(*lines: str) -> str:
    return "\n".join(["#!/bin/sh", *lines, ""])


JAVA: Final = """import java.io.*; import java.net.*;
public class Echo {
  public static void main(String[] a) throws IOException {
    try (ServerSocket s = new ServerSocket(54321)) {
      while (true) { Socket c = s.accept(); new Thread(() -> serve(c)).start(); }
    }
  }
  static void serve(Socket c) {
    try (c; BufferedReader in = new BufferedReader(new InputStreamReader(c.getInputStream()));
         PrintWriter out = new PrintWriter(c.getOutputStream(), true)) {
      String l; while ((l = in.readLine()) != null) out.println("Echo: " + l);
    } catch (IOException e) { }
  }
}
"""
NODE: Final = r"""require('net').createServer(c => {
  c.on('error', () => {}); c.write('+OK ready\r\n'); let b = '';
  c.on('data', d => {
    b += d;
    for (let i; (i = b.indexOf('\n')) >= 0; b = b.slice(i + 1)) c.write('-ERR\r\n');
  });
}).listen(54321);
"""
PROMPT: Final = r"""import socketserver
class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b"Welcome\n> ")
        for line in self.rfile:
            self.wfile.write(line.upper() + b"> ")
class Server(socketserver.ForkingTCPServer):
    allow_reuse_address = True
Server(("", 54321), Handler).serve_forever()
"""
REAL: Final[dict[str, tuple[str, str, dict[str, Any]]]] = {
    "socat.sh": (
        "socat",
        shell("exec socat TCP-LISTEN:54321,fork,reuseaddr SYSTEM:'while read l; do echo \"$l!\"; done'"),
        {**STAYS, "transform": "{line}!\n"},
    ),
    "ncat.sh": (
        "ncat",
        shell("exec ncat -k -l 54321 -c 'echo \"$$ at $(date)\"; while read l; do echo \"> $l\"; done'"),
        {**STAYS, "transform": "> {line}\n", "greeting": "{any} at {any}\n"},
    ),
    "cat.sh": ("ncat", shell("exec ncat -k -l 54321 -e /bin/cat"), {**STAYS, "transform": "echo"}),
    "Echo.java": ("javac", JAVA, {**STAYS, "transform": "Echo: {line}\n"}),
    "refuses.js": (
        "node",
        NODE,
        {
            **STAYS,
            "dialogue": {
                "opening": [{"send": "", "expect": "+OK ready\r\n"}],
                "steps": [{"send": "{line}\r\n", "expect": "-ERR\r\n"}],
            },
        },
    ),
    "prompts.py": (
        "python3",
        PROMPT,
        {
            **STAYS,
            "dialogue": {
                "opening": [{"send": "", "expect": "Welcome\n> "}],
                "steps": [{"send": "{line}\n", "expect": "{LINE}\n> "}],
            },
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REAL)
def test_a_real_servers_contract_is_learnt(tmp_path: Path, name: str) -> None:
    tool, text, contract = REAL[name]
    if not shutil.which(tool):
        pytest.skip(f"no {tool} here")
    tmp_path.chmod(0o755)
    (tmp_path / name).write_text(text)
    (tmp_path / name).chmod(0o755)
    subject = prepared(str(tmp_path / name))
    found, settings = learnt_of(subject)
    assert (settings.assignment.contract, found.untold) == (Contract(**contract), [])
    assert replies_rightly(subject, settings) is Outcome.PASS


def test_a_web_servers_first_line_is_learnt() -> None:
    subject = targets.prepare_command(["python3", "-m", "http.server", "{port}"])
    found, settings = learnt_of(subject)
    assert found.traits == ["speaks HTTP"]
    assert replies_rightly(subject, settings) is Outcome.PASS


# A check that nobody gave an assignment

CLOSES: Final = ("service/reply", "service/closes")


def diagnosed(path: Path, text: str, **how: Any) -> Result:
    path.parent.chmod(0o755)
    path.write_text(text)
    options = Options(only=CLOSES, seed=1, **how)
    return examine_all([prepared(str(path))], options)[0]


def test_a_check_names_the_contract_that_a_server_keeps_instead(tmp_path: Path) -> None:
    server = tmp_path / "prompts.py"
    result = diagnosed(server, PROMPT)
    assert (
        "Your server keeps another contract than the lecture's: it greets, answers '{LINE}\\n> ', and "
        "stays open after its reply. If that is what it ought to do: "
        f"'forkspec learn {server} -o assignment.toml' writes it down; "
        f"then 'forkspec check {server} --assignment assignment.toml'."
    ) in result.diagnosis.sentence
    assert {verdict.evidence.cause for verdict in result.verdicts.values()} == {""}
    assert result.exit_status == 1
    assert terms(result) == (
        "Judged by the lecture's contract: a line comes back, capitalised or as it came, "
        "then the server closes."
    )


def test_whoever_has_an_assignment_is_told_of_no_other_contract(tmp_path: Path) -> None:
    settled = Assignment(Contract(), source="week3.toml")
    result = diagnosed(tmp_path / "prompts.py", PROMPT, assignment=settled)
    assert SCENARIO not in result.recordings
    assert "another contract" not in result.diagnosis.sentence


def test_a_server_that_waits_for_the_end_of_input_is_told_so(tmp_path: Path) -> None:
    source = (shipped("servers") / "designs" / "stays-open-fork.py").read_text()
    assert source.count("for line in lines:") == 1
    result = diagnosed(
        tmp_path / "at_end.py",
        source.replace("for line in lines:", "for line in list(lines):"),
    )
    assert "it answers only once the client has closed its side" in result.diagnosis.sentence
    assert "no assignment can say so" in result.diagnosis.sentence


@pytest.mark.parametrize("name", ["waits-for-client-to-close.c", "nul-padding.c"])
def test_a_mistake_is_no_contract(name: str) -> None:
    result = examine_all([prepared(name)], Options(only=CLOSES, seed=1))[0]
    assert SCENARIO in result.recordings
    assert "another contract" not in result.diagnosis.sentence


# The command


def test_it_is_written_once_and_over_with_force(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    done = run("learn", "stays-open-fork.c", "-o", file)
    assert done.returncode == 0, done.stderr
    assert f"forkspec check stays-open-fork.c --assignment {file}" in done.stdout
    file.write_text("mine")
    again = run("learn", "stays-open-fork.c", "-o", file)
    assert (again.returncode, file.read_text()) == (3, "mine")
    assert again.stderr == f"forkspec: {file}: there is such a file; --force writes over it\n"
    assert run("learn", "stays-open-fork.c", "-o", file, "--force").returncode == 0
    assert "closes = false" in file.read_text()


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (["no-such.c"], 3, "no such file"),
        ([], 3, "name one server"),
        (["tcpserver", "-o", "no/such/folder.toml"], 3, "No such file or directory"),
        (["never-listens.c"], 1, "it does not listen"),
        (["does-not-compile.c"], 1, "it does not compile"),
        (["exits-at-once.c"], 1, "it exited with status"),
        (["accepts-on-wrong-socket.c"], 2, "nobody was answered"),
    ],
)
def test_what_is_not_learnt_has_a_sentence_and_a_status(
    words: list[str], status: int, says: str, tmp_path: Path
) -> None:
    done = run("learn", *words, cwd=tmp_path)
    assert done.returncode == status
    assert says in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_a_client_is_not_learnt() -> None:
    done = run("learn", shipped("clients") / "tcpclient2.py")
    assert done.returncode == 3
    assert "is a client: only servers are learnt" in done.stderr
