"""What the machine is short of is told in one sentence, and is nothing that a server has done."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.engine import catalogue
from harness.judge.verdict import Outcome
from tests.recordings import Story, story
from tests.shortage import check

OURS = 3  # the exit status


@pytest.mark.parametrize("cell", ["bubblewrap", "namespaces"])
@pytest.mark.parametrize(
    ("role", "call", "error", "says"),
    [
        ("start", "os.execvpe", "ENOMEM", "could not launch: [Errno 12] Cannot allocate memory"),
        ("start", "os.dup2", "EMFILE", "could not launch: [Errno 24] Too many open files"),
        ("init", "os.fork", "EAGAIN", "could not launch: [Errno 11] Resource temporarily unavailable"),
        ("init", "os.openpty", "ENOSPC", "could not launch: [Errno 28] No space left on device"),
        ("zygote", "os.pipe2", "EMFILE", "the keeper of this cell was killed, or broke"),
    ],
)
def test_it_is_one_sentence(
    role: str, call: str, error: str, says: str, cell: str, tmp_path: Path
) -> None:
    told = tmp_path / "told"
    done = check(told, Path("/tmp"), cell, role=role, call=call, error=error, number=1)
    if not told.exists():
        pytest.skip("this machine does not give such a cell")
    assert done.returncode in {OURS, 2}, done.stdout
    assert "FAIL " not in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert says in done.stdout + done.stderr


def test_a_process_that_cannot_be_made_for_one_cell_ends_no_other(tmp_path: Path) -> None:
    told = tmp_path / "told"
    done = check(
        told, Path("/tmp"), "bubblewrap", role="zygote", call="os.fork", error="EAGAIN", number=3
    )
    assert "failed" in told.read_text()
    assert (done.returncode, done.stderr) == (0, ""), done.stdout


def test_how_connections_end_says_nothing_once_the_cell_has_gone() -> None:
    def told() -> Story:
        return (
            story("silent client")
            .starts()
            .connects("silent")
            .connects("quick")
            .asks("quick")
            .closes("quick")
        )

    silent = catalogue.find("concurrency/silent-client")
    assert silent.decide(told().quiet().over()).outcome is Outcome.FAIL
    gone = "broken off: the keeper of this cell was killed, or broke"
    verdict = silent.decide(told().quiet().branches(gone, lost=True).breaks_off())
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert "the keeper of this cell was killed" in verdict.evidence.observed
