"""What people really type and name: one clear sentence, and exit status 3."""

from __future__ import annotations

from pathlib import Path
from subprocess import CompletedProcess

import pytest

from harness.record import recording_line
from harness.record.recording_line import SCHEMA
from tests.command import run_here
from tests.recordings import story


def sentence(done: CompletedProcess[str]) -> str:
    """The only line that it said, on stderr; and that it ended with status 3."""
    (line,) = done.stderr.splitlines()
    assert line.startswith("forkspec: ")
    assert (done.returncode, done.stdout) == (3, "")
    return line


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["check", "nosuch.c"], "nosuch.c: no such file"),
        (["check"], "nothing to check"),
        (["check", "--"], "nothing after '--'"),
        (["check", "--", "nosuchcommand"], "nosuchcommand: no such command"),
        (["check", "tcpserver", "--frobnicate"], "--frobnicate"),
        (["check", "tcpserver", "--tier", "golden"], "golden"),
        (["check", "tcpserver", "--repeat", "0"], "--repeat"),
        (["frobnicate"], "frobnicate"),
        (["check", "tcpserver", "--only", "reaping/brust"], "did you mean reaping/burst?"),
        (["check", "tcpserver", "--only", "x"], "'forkspec list' shows them all"),
        (["explain", "fork/one-chidl"], "did you mean fork/one-child?"),
        (["judge", "nothing.jsonl"], "nothing.jsonl: No such file"),
    ],
    ids=" ".join,
)
def test_a_slip_is_told_in_a_sentence(tmp_path: Path, words: list[str], said: str) -> None:
    assert said in sentence(run_here(*words, cwd=tmp_path))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "no recordings in this file"),
        ("{}\n", "not a forkspec recording"),
        ("hello\n", "not a forkspec recording"),
        (f'{{"schema": {SCHEMA + 1}}}\n', f"a recording of schema {SCHEMA + 1}"),
        (recording_line.to_line(story("starting").starts().over())[:200], "week3.jsonl"),
    ],
    ids=["empty", "no recording", "no json", "another schema", "cut in the middle"],
)
def test_a_broken_recording_is_told_in_a_sentence(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "week3.jsonl").write_text(content)
    told = sentence(run_here("judge", "week3.jsonl", cwd=tmp_path))
    assert told.startswith("forkspec: week3.jsonl: ")
    assert said in told


def test_a_hand_written_recording_can_be_judged(tmp_path: Path) -> None:
    tale = story("starting").ends_at_once(1 << 8, "usage: server PORT\n").over()
    (tmp_path / "one.jsonl").write_text(recording_line.to_line(tale))
    done = run_here("judge", "one.jsonl", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (1, "")
    assert "usage: server PORT" in done.stdout
