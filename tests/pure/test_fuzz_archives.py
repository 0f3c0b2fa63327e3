"""An archive that is handed in: unpacked inside its folder, or refused in a sentence; nothing else."""

from __future__ import annotations

import io
import os
import stat
import tarfile
import tempfile
import zipfile
from pathlib import Path
from typing import Final

from hypothesis import example, given
from hypothesis import strategies as st

from harness.subject.archive import is_archive, unpack
from harness.subject.folder import work_in
from tests.fuzzing import hard, refused_in_words

MOST_FILES, MOST_BYTES = 20, 10_000

parts = st.sampled_from(
    ["..", ".", "", "a", "b", "A", "a" * 300, "é" * 200, "\\", "~", "C:", "nul\0", " ", "a\n", "\udc80"]
)
names = st.lists(parts, min_size=1, max_size=4).map("/".join)
modes = st.sampled_from(
    [
        0,
        0o644,
        0o755,
        0o4755,
        0o7777,
        stat.S_IFLNK | 0o777,
        stat.S_IFDIR | 0o700,
        stat.S_IFIFO | 0o600,
        stat.S_IFDIR,
    ]
)
kinds = st.sampled_from(
    [
        tarfile.REGTYPE,
        tarfile.DIRTYPE,
        tarfile.SYMTYPE,
        tarfile.LNKTYPE,
        tarfile.FIFOTYPE,
        tarfile.CHRTYPE,
        tarfile.GNUTYPE_SPARSE,
        b"Z",
    ]
)
entries = st.lists(st.tuples(names, modes, kinds, names, st.binary(max_size=20)), max_size=4)
Entries = list[tuple[str, int, bytes, str, bytes]]
suffixes = st.sampled_from([".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".c", ""])
damages = st.lists(st.tuples(st.integers(0, 4000), st.binary(max_size=4)), max_size=3)


def zipped(what: Entries) -> bytes:
    """A zip archive of these entries, whatever they are called."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, mode, _, link, data in {each[0].partition("\0")[0]: each for each in what}.values():
            entry = zipfile.ZipInfo(name.encode(errors="replace").decode() or "x")
            entry.external_attr = mode << 16
            archive.writestr(entry, link.encode(errors="replace") if stat.S_ISLNK(mode) else data)
    return written.getvalue()


def tarred(what: Entries, mode: str = "w") -> bytes:
    """A tar archive of these entries, links and devices among them."""
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode=mode) as archive:  # type: ignore[call-overload]
        for name, rights, kind, link, data in what:
            entry = tarfile.TarInfo(name.replace("\0", "0"))
            entry.type, entry.mode, entry.linkname, entry.size = (
                kind,
                rights & 0o7777,
                link.replace("\0", "0"),
                0,
            )
            if kind == tarfile.REGTYPE:
                entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return written.getvalue()


def damaged(data: bytes, blows: list[tuple[int, bytes]]) -> bytes:
    """The same bytes, some of them others."""
    for at, to in blows:
        place = at % (len(data) + 1)
        data = data[:place] + to + data[place + len(to) :]
    return data


def _unpacks_inside(data: bytes, suffix: str) -> None:
    with tempfile.TemporaryDirectory(prefix="forkspec-fuzz-") as scratch:
        place = Path(scratch)
        archive, into = place / f"work{suffix}", place / "deep" / "er" / "into"
        into.mkdir(parents=True)
        archive.write_bytes(data)
        with refused_in_words():
            if is_archive(archive):
                unpack(archive, into, most_files=MOST_FILES, most_bytes=MOST_BYTES)
        outside = {each for each in place.rglob("*") if not each.is_relative_to(into)}
        assert outside == {archive, into.parent, into.parent.parent}
        found = [each for each in into.rglob("*") if not each.is_symlink()]
        assert all(each.is_file() or each.is_dir() for each in found), "a device, or a pipe"
        assert not any(each.stat().st_mode & (stat.S_ISUID | stat.S_ISGID) for each in found)
        assert sum(each.stat().st_size for each in found if each.is_file()) <= MOST_BYTES
        with refused_in_words():
            work_in(into)
        for each in into.rglob("*"):
            if os.path.exists(each):  # noqa: PTH110  (a link to itself leads nowhere)
                assert each.resolve().is_relative_to(into.resolve()), "a link that leads out"


SOUND: Final = [("a/b", 0o644, tarfile.REGTYPE, "", b"hello")]


@given(st.binary(max_size=100), suffixes)
@example(b"", ".zip")
@example(b"PK\x03\x04", "")
@hard
def test_fuzz_any_bytes(data: bytes, suffix: str) -> None:
    _unpacks_inside(data, suffix)


@given(entries, damages, suffixes)
@hard
def test_fuzz_a_zip(what: Entries, blows: list[tuple[int, bytes]], suffix: str) -> None:
    _unpacks_inside(damaged(zipped(what), blows), suffix)


@example([("a", 0, tarfile.SYMTYPE, "a", b"")], [], "w")
@given(entries, damages, st.sampled_from(["w", "w:gz", "w:bz2", "w:xz"]))
@example(  # a link that cannot be made: tarfile makes the pipe that it leads to
    [
        (".", 0o600, tarfile.FIFOTYPE, "", b""),
        ("a", 0o600, tarfile.REGTYPE, "", b""),
        ("a", 0o600, tarfile.SYMTYPE, "", b""),
    ],
    [],
    "w",
)
@hard
def test_fuzz_a_tar(what: Entries, blows: list[tuple[int, bytes]], mode: str) -> None:
    _unpacks_inside(damaged(tarred(what, mode), blows), ".tar.gz")
