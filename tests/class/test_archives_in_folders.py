"""What was handed in packed is unpacked: in a folder, beside a report, and packed again."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from harness.subject import unpacking_tools
from harness.subject.folder import UnusableTarget, work_in
from harness.subject.submission import recognise
from harness.subject.tools import NoTool

from .packing import tarred, zipped

pytestmark = pytest.mark.xdist_group("class")
FILES: Final = {"code/server.py": b"import socket\n", "code/report.md": b"# Words\n"}


PACKED: Final = {
    "server.zip": zipped(FILES),
    "server.tar": tarred(FILES, ""),
    "server.tar.gz": tarred(FILES, "gz"),
    "server.tgz": tarred(FILES, "gz"),
    "server.tar.bz2": tarred(FILES, "bz2"),
    "server.tar.xz": tarred(FILES, "xz"),
    "renamed-by-a-platform": zipped(FILES),
    "thrice.zip": zipped({"twice.zip": zipped({"once.tar.gz": tarred(FILES, "gz")})}),
    "UPPER.ZIP": zipped(FILES),
}


def names(folder: Path) -> set[str]:
    path = recognise(str(folder)).path
    assert path is not None
    return {each.name for each in work_in(path).files}


@pytest.mark.parametrize("beside", ["", "report.pdf", "report.docx", "README.txt"])
@pytest.mark.parametrize("name", PACKED)
def test_an_archive_in_a_folder_is_opened(tmp_path: Path, name: str, beside: str) -> None:
    (tmp_path / name).write_bytes(PACKED[name])
    if beside:
        (tmp_path / beside).write_bytes(zipped({"word/document.xml": b"<p/>"}))
    assert "server.py" in names(tmp_path)


def test_an_archive_beside_source_stays_packed(tmp_path: Path) -> None:
    (tmp_path / "server.py").write_text("import socket\n")
    (tmp_path / "old.zip").write_bytes(zipped({"old.py": b"import socket\n"}))
    assert names(tmp_path) == {"server.py", "old.zip"}


def test_several_archives_are_opened_side_by_side(tmp_path: Path) -> None:
    for each in ("server", "client"):
        (tmp_path / f"{each}.zip").write_bytes(zipped({f"{each}.py": b"import socket\n"}))
    assert names(tmp_path) == {"server.py", "client.py"}


def test_settings_beside_an_archive_go_with_it(tmp_path: Path) -> None:
    (tmp_path / "code.zip").write_bytes(zipped(FILES))
    (tmp_path / "forkspec.toml").write_text("[submission]\n")
    assert names(tmp_path) == {"server.py", "report.md", "forkspec.toml"}


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.zip", b"PK\x03\x04 and then nothing", "it is cut off or damaged"),
        ("a.tar.gz", b"\x1f\x8b\x08 no", "it is cut off or damaged"),
        ("a.zip", b"", "the file is empty"),
    ],
)
def test_what_is_broken_is_told_in_one_sentence(
    tmp_path: Path, name: str, data: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(UnusableTarget, match=said) as told:
        recognise(str(tmp_path))
    assert "\n" not in str(told.value)


def test_a_locked_archive_is_told_as_that(tmp_path: Path) -> None:
    data = bytearray(zipped(FILES))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = -1
        while (at := data.find(mark, at + 1)) >= 0:
            data[at + offset] |= 1
    (tmp_path / "a.zip").write_bytes(data)
    with pytest.raises(UnusableTarget, match="locked with a password"):
        recognise(str(tmp_path))


def test_without_a_tool_for_it_one_sentence_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.rar").write_bytes(b"Rar!\x1a\x07\x01\x00")
    monkeypatch.setattr(unpacking_tools, "_place_of", lambda _: None)
    with pytest.raises(NoTool, match=r"a\.rar: nothing on this machine unpacks \.rar; install 7zip"):
        recognise(str(tmp_path))


def _seven(folder: Path) -> None:
    tool = next(filter(None, map(shutil.which, ("7zz", "7z", "7za"))), None)
    if tool is None:
        pytest.skip("no 7z on this machine")
    subprocess.run([tool, "a", "a.7z", "code"], cwd=folder, check=True, capture_output=True, timeout=60)


def _bsdtar(folder: Path) -> None:
    tool = shutil.which("bsdtar")
    if tool is None:
        pytest.skip("no bsdtar on this machine")
    words = [tool, "--format", "7zip", "-cf", "a.7z", "code"]
    subprocess.run(words, cwd=folder, check=True, capture_output=True, timeout=60)


@pytest.mark.parametrize("pack", [_seven, _bsdtar])
def test_a_tool_unpacks_in_the_sandbox(tmp_path: Path, pack: Callable[[Path], None]) -> None:
    for name, data in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(data)
    pack(tmp_path)
    shutil.rmtree(tmp_path / "code")
    assert "server.py" in names(tmp_path)
