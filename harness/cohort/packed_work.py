"""Packs a hand-in into bytes and unpacks it again: what is examined is what is kept, and it can travel.

Source: tarfile of the standard library, its "data" filter (PEP 706).
"""

import gzip
import io
import os
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.subject import content_store as contents
from harness.subject.archive import is_archive
from harness.subject.folder import MOST_BYTES, too_large, work_in

from .student_work import StudentWork

ALONE = "handed-in"  # the folder of files that were handed in without one


@dataclass(frozen=True, slots=True)
class PackedWork:
    """A hand-in as a gzipped tar archive; the same content and times give the same bytes.

    A reference server is only named, by `reference`.
    """

    student: str
    archive: bytes = b""
    reference: str = ""

    @property
    def digest(self) -> str:
        """A short digest of content, names and run bits; file times, which make needs, are no part."""
        return contents.digest(_timeless(self.archive), self.reference)


def packed(hand_in: StudentWork) -> PackedWork:
    """Pack the files that count, without litter and links out; raises UnusableTarget, or OSError."""
    if hand_in.reference:
        return PackedWork(hand_in.student, reference=hand_in.reference)
    written, left = io.BytesIO(), MOST_BYTES
    with tarfile.open(fileobj=written, mode="w") as archive:
        for name, path in _each(hand_in.files):
            entry = tarfile.TarInfo(name)
            entry.mtime = max(0, int(path.stat().st_mtime))
            if path.is_dir():
                entry.type, entry.mode = tarfile.DIRTYPE, 0o755
                archive.addfile(entry)
                continue
            entry.size = path.stat().st_size
            entry.mode = 0o755 if os.access(path, os.X_OK) else 0o644
            left -= entry.size
            if left < 0:
                raise too_large(Path(name).parts[0])
            archive.addfile(entry, io.BytesIO(path.read_bytes()))
    return PackedWork(hand_in.student, gzip.compress(written.getvalue(), mtime=0))


def _timeless(packed_up: bytes) -> bytes:
    """A copy of an archive, with all times 0."""
    if not packed_up:
        return packed_up
    written = io.BytesIO()
    with (
        tarfile.open(fileobj=io.BytesIO(gzip.decompress(packed_up))) as archive,
        tarfile.open(fileobj=written, mode="w") as copy,
    ):
        for entry in archive:
            entry.mtime = 0
            entry.pax_headers = {}
            copy.addfile(entry, archive.extractfile(entry) if entry.isfile() else None)
    return gzip.compress(written.getvalue(), mtime=0)


def target_of(parcel: PackedWork, place: Path) -> str:
    """The target to judge: the name of a reference server, or a path in `place`, a folder of ours."""
    if parcel.reference:
        return parcel.reference
    alone = place / ALONE
    alone.mkdir(parents=True)
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(parcel.archive))) as archive:
        archive.extractall(alone, filter="data")
    only, *others = sorted(alone.iterdir())
    return str(only if not others and (only.is_dir() or is_archive(only)) else alone)


def _each(files: Mapping[str, Path]) -> Iterator[tuple[str, Path]]:
    for name, path in sorted(files.items()):
        plain = Path(name).name
        if path.is_dir():
            yield plain, path  # itself, too: it may be empty
            work = work_in(path)
            yield from ((f"{plain}/{inside}", work.folder / inside) for inside in work.files)
        else:
            yield plain, path
