"""An assignment's file: what a teacher may settle, how mistakes in it are told, what it changes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from subprocess import CompletedProcess
from typing import Final

import pytest

from harness.engine import assignment_file as assignment
from harness.engine import catalogue
from harness.record import recording_line
from harness.record.contract import Contract
from harness.report import text
from harness.report.formats.json import as_data
from harness.results.assignment import Assignment
from harness.results.result import Result, decide
from harness.results.rubric import Rubric
from tests.command import run_here
from tests.recordings import story

ROOT: Final = Path(__file__).parents[2]
Forkspec = Callable[..., CompletedProcess[str]]
HINT: Final = "Run it from a terminal first."
REFERENCE: Final = "chapter 2, exercise 3"
REMARKS: Final = f"""
[hints]
"contract/starts" = "{HINT}"
[references]
"contract/starts" = "{REFERENCE}"
"""


@pytest.fixture
def forkspec(tmp_path: Path) -> Forkspec:
    """Call it in a folder of its own, in which `assignment` has been written to week3.toml."""

    def called(*words: str, assignment: str | bytes | None = None) -> CompletedProcess[str]:
        if assignment is not None:
            content = assignment.encode() if isinstance(assignment, str) else assignment
            (tmp_path / "week3.toml").write_bytes(content)
            words = (*words, "--assignment", "week3.toml")
        return run_here(*words, cwd=tmp_path)

    return called


# Reading


def test_what_is_written_is_meant(tmp_path: Path) -> None:
    file = tmp_path / "week3.toml"
    terms = 'transform = "250 {line}\\r\\n"\ngreeting = "220 {any}\\r\\n"\nline_ending = "\\r\\n"\n'
    file.write_text(f'[contract]\n{terms}closes = false\ndesign = "pool"\n{REMARKS}')
    assert assignment.read(file).assignment == Assignment(
        Contract("250 {line}\r\n", "220 {any}\r\n", "\r\n", closes=False, design="pool"),
        {"contract/starts": REFERENCE},
        {"contract/starts": HINT},
        str(file),
    )


def test_what_is_left_out_is_the_lectures(tmp_path: Path) -> None:
    (tmp_path / "empty.toml").write_text("")
    assert assignment.read(tmp_path / "empty.toml").assignment.contract == Contract()


def test_the_teachers_example_names_every_key(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "teachers.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"^```toml\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    (tmp_path / "example.toml").write_text(example)
    read = assignment.read(tmp_path / "example.toml").assignment
    lecture = asdict(Contract())
    assert read.contract is not None
    told = {key for key, value in asdict(read.contract).items() if value != lecture[key]}
    assert told == lecture.keys() - {"dialogue", "ready", "ready_in", "unasked", "at_half_close"}, (
        "those are told in other sections"
    )
    assert read.references
    assert read.hints


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (
            'colour = "red"',
            'week3.toml:1: unknown key "colour"; there are name, missing_is_zero, surprise, late',
        ),
        (
            '[contract]\n\ngreting = "hello"',
            'week3.toml:3: unknown key "greting" in [contract]; did you mean "greeting"?',
        ),
        ('[contract]\ncloses = "no"', "week3.toml:2: contract.closes: Expected true or false, got text"),
        ("surprise = -1", "week3.toml:1: surprise: -1 is less than 0"),
        ("# ours\ncontract = 5", "week3.toml:2: contract: Expected a table, got a whole number"),
        (
            '[hints]\n"service/reply" = 5',
            "week3.toml:2: hints.service/reply: Expected text, got a whole number",
        ),
        ("[submission]\nport = 70000", "week3.toml:2: port: 70000 is none"),
        ('[submission]\nrun = "./s \'x"', "week3.toml:2: run: No closing quotation"),
        (
            "submission = { prot = 1 }",
            'week3.toml:1: unknown key "prot" in [submission]; did you mean "port"?',
        ),
        (
            'tier = "hard"',
            "week3.toml:1: tier: Invalid value 'hard'; there are lecture, robust, advisory",
        ),
        (
            '[contract]\ntransform = "shout"',
            "'shout' is none of 'either', 'upper', 'echo', and no pattern",
        ),
        ('[contract]\ntransform = "{LIME}"', "transform: {LIME} stands for nothing"),
        ('[contract]\ngreeting = "hello {name}"', "greeting: {name} stands for nothing"),
        ('[contract]\ndesign = "forks"', "'forks' is none of 'fork', 'threads'"),
        ('[contract]\nline_ending = "\\r"', r"'\r' is neither '\n' nor '\r\n'"),
        (
            "[contract]\nidle_timeout_s = [9, 5]",
            "week3.toml:2: [contract] idle_timeout_s: [9, 5] is not",
        ),
        ("[contract]\nidle_timeout_s = [1, 5]", "is not [least, most], from 3 to 60 s"),
        (
            "[dialogue]\nready = 'up'\nready_in = '/var/log/x'",
            "week3.toml:3: [dialogue] ready_in: '/var/log/x' is no path below",
        ),
        (
            "[contract]\nmost_at_once = 1",
            "week3.toml:2: [contract] most_at_once: 1 at once are not several",
        ),
        (
            '[contract]\nunseen = "pass"',
            "week3.toml:2: [contract] unseen: 'pass' is neither 'teacher' nor 'fail'",
        ),
        ('[contract]\nport = "any one"', "week3.toml:2: [contract] port: 'any one' is not 'any'"),
        ("[contract", "week3.toml:1: the bracket of a table's name is not closed"),
        (b'[hints]\n"service/reply" = "\xe4"', "the text is not in UTF-8 (byte 28): save it"),
        ('[points]\n"service/reply" = -1', "week3.toml:2: points: service/reply cannot be worth less"),
        (
            '[points]\n"service/reply" = "much"',
            "week3.toml:2: points.service/reply: Expected a number, got text",
        ),
        (
            '[points]\n"service/rpely" = 1',
            "week3.toml:2: service/rpely: no such requirement; did you mean service/reply?",
        ),
        ("[limits]\nmemory_mb = 2", "week3.toml:2: memory_mb: 2 is less than any server needs (16)"),
        (
            '[submission.files]\n"a.conf" = ""\n"../a.conf" = ""',
            "week3.toml:3: [submission] files: '../a.conf' is no path below the folder of the program",
        ),
        (
            '[submission.files]\n"/etc/a.conf" = ""',
            "week3.toml:2: [submission] files: '/etc/a.conf' is no",
        ),
        (
            '[submission]\nfiles = { "run/" = "x" }',
            "2: [submission] files: 'run/' is a folder, and has no",
        ),
        ("[limits]\ncpus = 2", 'week3.toml:2: unknown key "cpus" in [limits]; did you mean "cpu_s"?'),
        (
            '[hints]\n"reaping/brust" = "x"',
            "week3.toml:2: reaping/brust: no such requirement; did you mean reaping/burst?",
        ),
        (
            '[references]\n"xyz" = "x"',
            "week3.toml:2: xyz: no such requirement; 'forkspec list' shows them all",
        ),
    ],
)
def test_a_slip_is_told_in_a_sentence(forkspec: Forkspec, written: str | bytes, said: str) -> None:
    done = forkspec("check", "tcpserver.py", assignment=written)
    (sentence,) = done.stderr.splitlines()
    assert sentence.startswith("forkspec: ")
    assert said in sentence
    assert (done.returncode, done.stdout) == (3, "")


@pytest.mark.parametrize(
    ("path", "said"), [("week4.toml", "No such file or directory"), (".", "Is a directory")]
)
@pytest.mark.parametrize("words", [["check", "tcpserver.py"], ["judge", "seen.jsonl"]], ids=" ".join)
def test_a_file_that_cannot_be_read_is_named(
    forkspec: Forkspec, words: list[str], path: str, said: str
) -> None:
    done = forkspec(*words, "--assignment", path)
    assert (done.returncode, done.stdout, done.stderr) == (3, "", f"forkspec: {path}: {said}\n")


# The teacher's own words


def it_does_not_start(read: Assignment, target: str = "server.c") -> Result:
    """A server that ends at once, judged under an assignment."""
    recording = replace(story("starting").ends_at_once(1 << 8).over(), target=target)
    return decide(catalogue.load().requirements, {"starting": recording}, Rubric(), assignment=read)


def told(result: Result, identifier: str) -> str:
    """All that is said of one failure, single blanks between the words."""
    return " ".join(text.explanation(result, catalogue.load().find(identifier)).split())


def test_hint_and_reference_are_shown_beside_the_failure() -> None:
    result = it_does_not_start(
        Assignment(None, {"contract/starts": REFERENCE}, {"contract/starts": HINT})
    )
    for remark in (f"hint {HINT}", f"see {REFERENCE}"):
        assert remark in told(result, "contract/starts")
        assert remark not in told(result, "service/reply")


def test_hint_and_reference_are_in_the_json() -> None:
    result = it_does_not_start(
        Assignment(None, {"contract/starts": REFERENCE}, {"contract/starts": HINT})
    )
    evidence = {each["id"]: each["evidence"] for each in as_data(result)["verdicts"]}
    assert evidence["contract/starts"]["hint"] == HINT
    assert evidence["contract/starts"]["reference"] == REFERENCE
    assert (evidence["service/reply"]["hint"], evidence["service/reply"]["reference"]) == ("", "")


def test_hint_and_reference_can_be_given_afterwards(forkspec: Forkspec, tmp_path: Path) -> None:
    (tmp_path / "seen.jsonl").write_text(
        recording_line.to_line(story("starting").ends_at_once(1 << 8).over())
    )
    done = forkspec("judge", "seen.jsonl", "--only", "contract/starts", assignment=REMARKS)
    assert (done.returncode, done.stderr) == (1, "")
    assert re.search(rf"^ +hint +{re.escape(HINT)}$", done.stdout, re.MULTILINE)
    assert re.search(rf"^ +see +{re.escape(REFERENCE)}$", done.stdout, re.MULTILINE)
    assert re.search(r"^ +again .* --assignment week3\.toml$", done.stdout, re.MULTILINE)


@pytest.mark.parametrize(
    ("source", "target", "again"),
    [
        ("", "server.c", "forkspec check server.c --only contract/starts"),
        (
            "week3.toml",
            "server.c",
            "forkspec check server.c --only contract/starts --assignment week3.toml",
        ),
        (
            "week 3.toml",
            "server.c",
            "forkspec check server.c --only contract/starts --assignment 'week 3.toml'",
        ),
        (
            "week3.toml",
            "-- ./server '{port}'",
            "forkspec check --only contract/starts --assignment week3.toml -- ./server '{port}'",
        ),
    ],
    ids=str,
)
def test_the_assignment_is_part_of_the_command_that_repeats_it(
    source: str, target: str, again: str
) -> None:
    result = it_does_not_start(Assignment(source=source), target)
    assert told(result, "contract/starts").endswith(f"again {again}")
