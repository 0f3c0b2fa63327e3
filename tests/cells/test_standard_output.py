"""Where standard output takes nothing more, or is read by nobody, that is told, and nothing is lost."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Final

import pytest

from tests.command import FORKSPEC, GUARD_S

RECORDING: Final = Path(__file__).parents[1] / "pure" / "recordings" / "tcpserver.jsonl"
FULL: Final = Path("/dev/full")
CHECK: Final = ("check", "tcpserver2", "--only", "reaping/sequential", "--json")
READER_HAS_GONE: Final = 141


def run(redirected: str, *words: object) -> subprocess.CompletedProcess[str]:
    """The command with its streams redirected as a shell writes it."""
    shell = ["bash", "-c", f'set -o pipefail; "$@" {redirected}', "bash", *FORKSPEC]
    return subprocess.run(
        [*shell, *map(str, words)], capture_output=True, text=True, timeout=GUARD_S, check=False
    )


@pytest.mark.skipif(not FULL.exists(), reason="no /dev/full")
def test_a_full_disk_is_one_sentence_and_the_files_are_written(tmp_path: Path) -> None:
    done = run(f">{FULL}", *CHECK, tmp_path / "result.json")
    assert (done.returncode, done.stderr.count("\n")) == (3, 1)
    assert "standard output cannot be written (No space left on device)" in done.stderr
    assert (tmp_path / "result.json").stat().st_size


@pytest.mark.skipif(not FULL.exists(), reason="no /dev/full")
@pytest.mark.parametrize("word", ["list", "--help", "--version"])
def test_no_command_ends_in_a_traceback(word: str) -> None:
    done = run(f">{FULL}", word)
    assert (done.returncode, done.stderr.count("\n")) == (3, 1)


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_change_no_status_and_no_file(closed: str, tmp_path: Path) -> None:
    done = run(closed, *CHECK, tmp_path / "result.json")
    assert (done.returncode, done.stderr) == (1, "")
    assert (tmp_path / "result.json").stat().st_size


def test_a_result_goes_to_standard_output_alone() -> None:
    done = run("", "judge", RECORDING, "--json", "-")
    assert json.loads(done.stdout)
    assert "service/" in done.stderr


def test_who_is_read_by_nobody_ends_without_a_word_and_with_no_verdict(tmp_path: Path) -> None:
    done = run("| true", *CHECK, tmp_path / "result.json")
    assert (done.returncode, done.stderr) == (READER_HAS_GONE, "")
    assert (tmp_path / "result.json").stat().st_size


@pytest.mark.skipif(os.getuid() != 0, reason="needs root")
def test_a_machine_without_terminals_is_told_so() -> None:
    hide = 'mount --bind /dev/null /dev/ptmx && mount -t tmpfs none /dev/pts && exec "$@"'
    words = ["unshare", "-m", "sh", "-c", hide, "sh", *FORKSPEC, "check", "tcpserver2"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=GUARD_S, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (3, 1)
    assert "no pseudo-terminal can be opened" in done.stderr
