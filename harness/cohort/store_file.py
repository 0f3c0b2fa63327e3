"""The file that keeps a class: opened, locked, brought up to date, and written to in transactions.

It knows nothing of what is in it. Source: sqlite.org/wal.html.
"""

import fcntl
import os
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

import harness

from .schema import SCHEMA, brought_up_to_date
from .student_work import STORE

_DAMAGED: Final = (
    sqlite3.Error, OSError, ValueError, TypeError, LookupError, RecursionError, zlib.error,
    msgspec.ValidationError,
)  # fmt: skip
_SHORT_OF_ROOM: Final = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}  # the low byte of an extended code


class StoreError(harness.HarnessError):
    """The file cannot be used, or there is no room; what was written is kept."""


class StoreFile:
    """One SQLite file in a folder of results."""

    def __init__(self, folder: Path, *, new: bool = True, alone: bool = False) -> None:
        """Open the store of a results folder; without `new` it must be there.

        With `alone` no other store can be opened `alone` before this one is closed.

        Raises:
            StoreError: no such store, one of another version, a file that is none, or one held `alone`.
        """
        self.folder = folder
        self.path = folder / STORE
        if not new and not self.path.exists():
            raise StoreError(
                f"{folder}: no results here: there is no {STORE}; 'forkspec grade' makes one"
            )
        if folder.exists() and not folder.is_dir():
            raise StoreError(
                f"{folder}: results need a folder, and this is a file: choose another --out"
            )
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._door = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            if alone:
                fcntl.flock(self._door, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.db = sqlite3.connect(self.path, isolation_level=None)
            self.db.execute("pragma journal_mode = wal")
            self.db.execute("pragma synchronous = full")
            version = brought_up_to_date(self.db)
        except BlockingIOError as error:
            raise StoreError(f"{folder}: another forkspec is at work there: wait for its end") from error
        except OSError as error:
            raise StoreError(f"{folder}: {error.strerror}") from error
        except (sqlite3.Error, UnicodeDecodeError) as error:  # of a damaged schema
            is_short = getattr(error, "sqlite_errorcode", 0) & 0xFF in _SHORT_OF_ROOM
            what = "make room, or look at the disk" if is_short else "cannot be used as a store"
            raise StoreError(f"{self.path}: {what}: {error}") from error
        if version != SCHEMA:
            raise StoreError(
                f"{self.path}: written by another version of forkspec (schema {version}, this one "
                f"reads {SCHEMA}): use that version, or grade into another folder"
            )

    def close(self) -> None:
        """Close the file, and let others in."""
        self.db.close()
        os.close(self._door)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A block that reads rows; raises StoreError where they are damaged or something else."""
        try:
            yield self.db
        except StoreError:
            raise
        except _DAMAGED as error:
            raise StoreError(
                f"{self.path}: damaged, or changed by another program ({error}): put a copy of it back, "
                "or grade into another folder"
            ) from error

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """A block that is written whole or not at all; raises StoreError, the machine's."""
        try:
            self.db.execute("begin immediate")
            yield self.db
            self.db.execute("commit")
        except sqlite3.Error as error:
            if self.db.in_transaction:
                self.db.execute("rollback")
            raise StoreError(
                f"{self.path}: {error}; what is finished is kept: make room, and give the same command "
                "again"
            ) from error
