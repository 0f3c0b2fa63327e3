"""A folder that a stranger's program has left is removed, whatever is in it."""

from __future__ import annotations

import os
from pathlib import Path

from harness.cell import scratch

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
