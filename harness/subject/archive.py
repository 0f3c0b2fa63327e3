"""Unpacks archives that were handed in, once for each content, and never beyond their folder.

Source: zipfile and tarfile of the standard library; tarfile's "data" filter (PEP 706).
"""

import contextlib
import datetime as dt
import errno
import hashlib
import lzma
import os
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any, Final

from . import machine
from .content_store import becoming
from .folder import MOST_BYTES, MOST_FILES, UnusableTarget, is_carried, litter, too_large
from .unpacking_tools import unpack_by_tool

SUFFIXES: Final = (
    ".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".7z", ".rar",
)  # fmt: skip
_PACKED_DOCUMENTS: Final = frozenset({
    ".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp", ".epub", ".pages", ".key", ".numbers", ".jar",
})  # fmt: skip
_ZIP: Final = b"PK\x03\x04"
_BY_TOOLS: Final = (b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07")
_BEGINNINGS: Final = (_ZIP, *_BY_TOOLS, b"\x1f\x8b", b"BZh", b"\xfd7zXZ")
_END_OF_ZIP: Final = b"PK\x05\x06"
_LOCKED: Final = 1
_DAMAGED: Final = (
    zipfile.BadZipFile, tarfile.TarError, EOFError, RuntimeError, NotImplementedError, ValueError,
    OverflowError, LookupError, struct.error, zlib.error, lzma.LZMAError,
)  # fmt: skip
_OURS: Final = (errno.EACCES, errno.EPERM)
_LONGEST_NAME: Final = 255  # bytes; NAME_MAX of linux/limits.h
_CHUNK: Final = 1 << 16


def is_archive(path: Path) -> bool:
    """Whether its name or its first bytes say so: learning platforms rename files."""
    if path.name.lower().endswith(SUFFIXES):
        return True
    if path.suffix.lower() in _PACKED_DOCUMENTS:
        return False
    with path.open("rb") as file:
        return file.read(8).startswith((_ZIP, *_BY_TOOLS))


class _Tar(tarfile.TarFile):
    """Makes neither devices nor pipes: where a link cannot be made, tarfile makes what it leads to."""

    def makefifo(self, tarinfo: tarfile.TarInfo, targetpath: Any) -> None:
        """Make none."""

    def makedev(self, tarinfo: tarfile.TarInfo, targetpath: Any) -> None:
        """Make none."""


def unpacked(path: Path, cache: Path) -> Path:
    """The folder with an archive's content; raises what `unpack` does, or HarnessError without room."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()[:24]
    folder = cache / "unpacked" / digest
    if folder.exists():
        return folder
    with becoming(folder) as new:
        unpack(path, new)
        new.chmod(0o755)
    return folder


def unpack(
    path: Path, into: Path, *, most_files: int = MOST_FILES, most_bytes: int = MOST_BYTES
) -> None:
    """Unpack into an empty folder; raises as `unpacked`."""
    with path.open("rb") as file:
        is_by_tool = file.read(8).startswith(_BY_TOOLS)
    if is_by_tool:
        unpack_by_tool(path, into)
        return
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                _from_zip(archive, into, path.name, most_files, most_bytes)
        else:
            with _Tar.open(path) as archive:
                _from_tar(archive, into, path.name, most_files, most_bytes)
    except tarfile.FilterError as error:
        raise UnusableTarget(
            f"{path}: {error}; refused. Pack the folder itself, without links"
        ) from error
    except _DAMAGED as error:
        raise UnusableTarget(f"{path}: cannot be unpacked: {_why(path)}; pack it again") from error
    except OSError as error:
        if error.errno is None:  # a compressed stream that breaks off
            raise UnusableTarget(f"{path}: cannot be unpacked: {_why(path)}; pack it again") from error
        if machine.lacks(error) or error.errno in _OURS:
            raise
        raise UnusableTarget(
            f"{path}: cannot be unpacked: an entry is in the way of another, or has no name that a file "
            "can have; pack it again"
        ) from error


def _why(path: Path) -> str:
    """The reason why nothing could unpack an archive, in words, by its first and last bytes."""
    data = path.read_bytes()
    if not data:
        return "the file is empty"
    if data.startswith(_BEGINNINGS):
        is_zip = data.startswith(_ZIP)
        return (
            "a part of it is damaged" if is_zip and _END_OF_ZIP in data else "it is cut off or damaged"
        )
    return f"its name ends in {path.suffix or 'nothing known'}, and it is no archive"


def _from_zip(archive: zipfile.ZipFile, into: Path, name: str, most_files: int, left: int) -> None:
    """Unpack entry by entry and count what is written: an entry may lie about its size."""
    entries = archive.infolist()
    places = [PurePosixPath(each.filename) for each in entries]
    counted = [each for each in places if not (litter() & set(each.parts) or is_carried(each))]
    if len(counted) > most_files:
        raise too_large(name)
    if any(each.flag_bits & _LOCKED for each in entries):
        raise UnusableTarget(f"{name}: locked with a password; pack it again without one")
    for entry in entries:
        place = PurePosixPath(entry.filename.replace("\\", "/"))
        if place.is_absolute() or ".." in place.parts:
            raise UnusableTarget(
                f"{name}: the entry {entry.filename!r} reaches out of the archive; refused"
            )
        if entry.is_dir() or stat.S_ISLNK(entry.external_attr >> 16):
            continue
        target = into.joinpath(*map(_fitting, place.parts))
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(entry) as packed, target.open("wb") as file:
            left = _copy(packed.read, file.write, left, name)
        _dated(target, entry.date_time)
        if (mode := entry.external_attr >> 16) & stat.S_IXUSR:
            target.chmod(0o755 if mode else 0o644)


def _from_tar(archive: tarfile.TarFile, into: Path, name: str, most_files: int, left: int) -> None:
    for count, entry in enumerate(archive, start=1):
        left -= entry.size
        if left < 0 or count > most_files:
            raise too_large(name)
        if entry.isfile() or entry.isdir() or entry.issym():
            fitting = PurePosixPath(*map(_fitting, PurePosixPath(entry.name).parts))
            archive.extract(entry.replace(name=str(fitting)), into, filter="data")


def _fitting(name: str) -> str:
    """A name that a file can have here: one that is too long keeps its beginning and its suffix."""
    if len(os.fsencode(name)) <= _LONGEST_NAME:
        return name
    end = f"~{hashlib.sha256(os.fsencode(name)).hexdigest()[:8]}{PurePosixPath(name).suffix[-16:]}"
    room = _LONGEST_NAME - len(os.fsencode(end))
    return f"{os.fsencode(name)[:room].decode(errors='ignore')}{end}"


def _dated(path: Path, told: tuple[int, int, int, int, int, int]) -> None:
    """Give a file the time that its archive tells; make goes by it."""
    with contextlib.suppress(ValueError, OverflowError):  # there are archives with a month 0
        changed_s = dt.datetime(*told).timestamp()  # noqa: DTZ001  (a zip knows no time zone)
        os.utime(path, (changed_s, changed_s))


def _copy(read: Callable[[int], bytes], write: Callable[[bytes], object], left: int, name: str) -> int:
    """Copy one entry; returns what is left of the allowance."""
    while chunk := read(_CHUNK):
        left -= len(chunk)
        if left < 0:
            raise too_large(name)
        write(chunk)
    return left
