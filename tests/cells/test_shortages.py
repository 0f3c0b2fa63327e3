"""What the machine is short of is told in one sentence, and is nothing that a server has done."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import psutil
import pytest

from harness.cell import bubblewrap
from harness.cell.init_protocol import StartSubject
from harness.cell.limits import Limits
from harness.cell.message import Program
from harness.cell.program_start import InitSetting, Starter
from harness.engine import catalogue
from harness.judge.verdict import Outcome
from harness.observe import linux
from tests.recordings import Story, story
from tests.shortage import check

OURS = 3  # the exit status
OFTEN: Final = {"openpty": 1, "pipe": 1, "pipe2": 3, "fork": 1, "read": 2}  # at a gate; else once


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
    is_second = (role, call, cell) == ("init", "os.fork", "namespaces")  # the first tries a mount
    number = 2 if is_second else 1
    done = check(told, Path("/tmp"), cell, role=role, call=call, error=error, number=number)
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


def failing(real: Callable[..., object], number: int) -> Callable[..., object]:
    """Such a function, which fails when it is called so often."""
    left = iter(range(1, number + 1))

    def called(*words: object) -> object:
        if next(left, 0) == number:
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        return real(*words)

    return called


@pytest.fixture
def _takes_orphans() -> Iterator[None]:
    """What a process of ours leaves behind becomes ours."""
    linux.prctl(linux.PR_SET_CHILD_SUBREAPER, 1)
    yield
    linux.prctl(linux.PR_SET_CHILD_SUBREAPER, 0)


@pytest.mark.usefixtures("_takes_orphans")
@pytest.mark.parametrize("call", ["openpty", "pipe", "pipe2", "fork", "read"])
@pytest.mark.parametrize("kind", ["bubblewrap", "namespaces"])
def test_a_start_that_fails_leaves_nothing_open(
    call: str, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second pipe of the start gate, not made, left the first one open."""
    bwrap = bubblewrap.find() if kind == "bubblewrap" else None
    setting = InitSetting(False, bwrap, str(tmp_path), [], counts_all=True)
    order = StartSubject(Program([b"/bin/true"], {}, Limits()), output="pipe")
    before = set(Path("/proc/self/fd").iterdir())
    running = set(psutil.Process().children(recursive=True))
    for number in range(1, OFTEN[call] + 1 if bwrap else 2):
        monkeypatch.setattr(os, call, failing(getattr(os, call), number))
        with pytest.raises(OSError, match="Too many open files"):
            Starter(setting, {}).on_own_terminal(order)
        monkeypatch.undo()
        assert set(Path("/proc/self/fd").iterdir()) == before
        while started := set(psutil.Process().children(recursive=True)) - running:
            for each in started:  # as a cell does with all that it has started
                with contextlib.suppress(psutil.NoSuchProcess):
                    each.kill()
            psutil.wait_procs(started)
