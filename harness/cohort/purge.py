"""Removes students with all that was kept of their work: in the store, and in the cache of builds."""

import hashlib
import io
import shutil
import tarfile
from collections.abc import Iterator, Sequence

from harness.record.events import Started
from harness.subject.places import cache

from .store import Store


def forget(store: Store, names: Sequence[str]) -> None:
    """Remove these students, their rows last, so that it can be repeated; raises StoreError."""
    for name in names:
        row = store.student(name)
        for folder in _folders(store, row.digest) if row else ():
            shutil.rmtree(cache() / folder, ignore_errors=True)
    store.forget(names)


def _folders(store: Store, digest: str) -> Iterator[str]:
    """The folders that the cache keeps of one hand-in, by the names of its builds and archives."""
    for role in store.recordings(digest) or []:
        for recording in role:
            for event in recording.every(Started):
                if build := event.build:
                    yield f"builds/{build}"
    if (kept := store.parcel(digest)) and kept[0]:
        with tarfile.open(fileobj=io.BytesIO(kept[0])) as archive:
            for entry in archive:
                if entry.isfile() and (file := archive.extractfile(entry)) is not None:
                    yield f"unpacked/{hashlib.file_digest(file, 'sha256').hexdigest()[:24]}"  # type: ignore[arg-type]
