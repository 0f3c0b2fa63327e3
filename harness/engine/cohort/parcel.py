"""A hand-in as bytes, and laid out again: to travel, and to be kept exactly as it was judged.

Source: tarfile of the standard library, its "data" filter (PEP 706).
"""

from __future__ import annotations

import gzip
import io
import os
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.subject.folder import MOST_BYTES, too_large, work_in

from .roster import HandIn


@dataclass(frozen=True, slots=True)
class Parcel:
    """A hand-in that can travel: a gzipped tar archive, the same for the same content."""

    student: str
    archive: bytes


def packed(hand_in: HandIn) -> Parcel:
    """All that counts of it; of a folder neither litter nor what links lead out to.

    Raises:
        UnusableTarget: more than anybody hands in; the student's.
        OSError: it cannot be read.
    """
    written, left = io.BytesIO(), MOST_BYTES
    with tarfile.open(fileobj=written, mode="w") as archive:
        for name, path in _each(hand_in.files):
            entry = tarfile.TarInfo(name)
            if path.is_dir():
                entry.type, entry.mode = tarfile.DIRTYPE, 0o755
                archive.addfile(entry)
                continue
            entry.size = path.stat().st_size
            entry.mode = 0o755 if os.access(path, os.X_OK) else 0o644
            left -= entry.size
            if left < 0:
                raise too_large(hand_in.first.name)
            archive.addfile(entry, io.BytesIO(path.read_bytes()))
    return Parcel(hand_in.student, gzip.compress(written.getvalue(), mtime=0))


def laid_out(parcel: Parcel, place: Path) -> HandIn:
    """The same hand-in as files in the folder `place`, which is to be empty or not there."""
    place.mkdir(parents=True, exist_ok=True)
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(parcel.archive))) as archive:
        archive.extractall(place, filter="data")
    return HandIn(parcel.student, {path.name: path for path in sorted(place.iterdir())})


def _each(files: Mapping[str, Path]) -> Iterator[tuple[str, Path]]:
    for name, path in sorted(files.items()):
        plain = Path(name).name
        if path.is_dir():
            yield plain, path  # itself, too: it may be empty
            work = work_in(path)
            yield from ((f"{plain}/{inside}", work.folder / inside) for inside in work.files)
        else:
            yield plain, path
