"""A hand-in as bytes, and back: what is kept for an appeal is exactly what was judged.

Source: tarfile of the standard library, its "data" filter (PEP 706).
"""

from __future__ import annotations

import gzip
import io
import os
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from harness.subject.folder import MOST_BYTES, too_large, work_in


def pack(files: Mapping[str, Path]) -> bytes:
    """Files and folders under the names they were handed in by; the same content gives the same bytes.

    Raises:
        UnusableTarget: more than anybody hands in; the user's.
        OSError: something cannot be read.
    """
    packed, left = io.BytesIO(), MOST_BYTES
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, path in _each(files):
            entry = tarfile.TarInfo(name)
            entry.size = path.stat().st_size
            entry.mode = 0o755 if os.access(path, os.X_OK) else 0o644
            left -= entry.size
            if left < 0:
                raise too_large(next(iter(files)))
            archive.addfile(entry, io.BytesIO(path.read_bytes()))
    return gzip.compress(packed.getvalue(), mtime=0)


def unpack(parcel: bytes, folder: Path) -> dict[str, Path]:
    """The files and folders again, by name, in an empty folder."""
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(parcel))) as archive:
        archive.extractall(folder, filter="data")
    return {path.name: path for path in sorted(folder.iterdir())}


def _each(files: Mapping[str, Path]) -> Iterator[tuple[str, Path]]:
    for name, path in sorted(files.items()):
        plain = Path(name).name
        if path.is_dir():
            work = work_in(path)
            yield from ((f"{plain}/{inside}", work.folder / inside) for inside in work.files)
        else:
            yield plain, path
