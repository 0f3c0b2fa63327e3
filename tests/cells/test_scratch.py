"""A folder that a stranger's program has left is removed, whatever is in it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.cell import scratch
from harness.subject.fleeting_folder import fleeting_folder

GUARD_S = 60.0
DEPTH = 3000  # beyond the limit of recursion, and beyond the length of a path


def nest(folder: Path) -> None:
    """Folders in folders, and a file in the last; made from inside, since no path leads there."""
    at = os.open(folder, os.O_RDONLY)
    for _ in range(DEPTH):
        os.mkdir("nested", dir_fd=at)
        below = os.open("nested", os.O_RDONLY, dir_fd=at)
        os.close(at)
        at = below
    os.close(os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=at))
    os.close(at)


def test_it_is_removed_however_deep_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "scratch"
    folder.mkdir()
    nest(folder)
    scratch.remove(str(folder))
    assert not folder.exists()


def test_folders_that_nobody_may_enter_go_too_and_links_lead_nowhere(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "scratch", tmp_path / "elsewhere"
    for each in (folder / "closed" / "below", elsewhere):
        each.mkdir(parents=True)
    (elsewhere / "kept").write_text("kept")
    (folder / "link").symlink_to(elsewhere)
    (folder / "closed" / "below" / "link").symlink_to(elsewhere / "kept")
    (folder / "closed" / "below").chmod(0)
    (folder / "closed").chmod(0)
    scratch.remove(str(folder))
    assert not folder.exists()
    assert (elsewhere / "kept").read_text() == "kept"


def test_what_is_not_there_is_no_error(tmp_path: Path) -> None:
    scratch.remove(str(tmp_path / "gone"))


def test_a_build_folder_goes_although_forkspec_is_killed_in_mid_build() -> None:
    with tempfile.TemporaryDirectory(prefix="forkspec-test-") as name:
        work, place = Path(name, "work"), Path(name, "place")
        for each in (work, place):
            each.mkdir()
        (work / "Makefile").write_text("server:\n\tsleep 600\n")
        Path(name).chmod(0o755)
        place.chmod(0o1777)
        known = {**os.environ, "TMPDIR": str(place), "FORKSPEC_CACHE": f"{name}/cache"}
        words = [sys.executable, "-m", "harness.cli", "check", str(work)]
        nothing = subprocess.DEVNULL
        with subprocess.Popen(words, env=known, stdin=nothing, stdout=nothing, stderr=nothing) as check:
            is_there = until(lambda: any(place.glob("forkspec-build-*/Makefile")))
            check.send_signal(signal.SIGKILL)
        assert is_there
        assert until(lambda: not any(place.glob("forkspec-build-*")))


def until(holds: Callable[[], bool]) -> bool:
    """Whether it has come to hold before the guard ran out."""
    end = time.monotonic() + GUARD_S
    while not holds() and time.monotonic() < end:
        time.sleep(0.02)
    return holds()


def test_no_place_is_tried_by_writing_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What tempfile writes to try a place stays there when SIGKILL comes meanwhile."""
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(tempfile, "_get_default_tempdir", lambda: pytest.fail("it was tried"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    made = scratch.make(os.getuid())
    with fleeting_folder() as folder:
        assert {Path(made).parent, folder.parent} == {tmp_path}
    scratch.remove_of(os.getpid())
    assert not list(tmp_path.iterdir())


def test_a_place_that_is_none_is_passed_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "none"))
    monkeypatch.setenv("TEMP", str(tmp_path))
    assert scratch.place() == str(tmp_path)
