"""What a class has shown so far: one SQLite file that survives any end of the program.

Recordings lie by the content of what was handed in, students beside them; all of one student is
written in one transaction. Source: sqlite.org/wal.html.
"""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import harness
from harness.judge.marking import Override
from harness.judge.recording import Recording

from .roster import STORE, HandIn

_SCHEMA: Final = 1
_TABLES: Final = """
create table meta (key text primary key, value text not null);
create table recorded (digest text primary key, forkspec text not null, data blob not null);
create table student (
    name text primary key, identity text not null, remarks text not null, digest text not null,
    refused text not null, seconds real not null, at text not null,
    earned real, total real, level integer
);
create table override (
    number integer primary key, student text not null, name text not null, points real not null,
    reason text not null, at text not null
);
"""


class StoreError(harness.HarnessError):
    """The file cannot be used, or has no room; the text says what to do. What was written is kept."""


@dataclass(frozen=True, slots=True)
class Row:
    """One student: who, what was handed in, why it could not be judged ("" if it was), the points."""

    name: str
    identity: dict[str, str]
    remarks: tuple[str, ...]
    digest: str
    refused: str
    seconds: float
    earned: float | None = None
    total: float | None = None
    level: int | None = None


class Store:
    """The results of one class under one assignment; use as a block."""

    def __init__(self, folder: Path, *, new: bool = True) -> None:
        """Open the store of a results folder; without `new` it must be there.

        Raises:
            StoreError: no such store, one of another version, or a file that is none.
        """
        self._path = folder / STORE
        if not new and not self._path.exists():
            raise StoreError(
                f"{folder}: no results here: there is no {STORE}; 'forkspec grade' makes one"
            )
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(self._path, isolation_level=None)
            self._db.execute("pragma journal_mode = wal")
            self._db.execute("pragma synchronous = full")
            self._migrate()
        except OSError as error:
            raise StoreError(f"{folder}: {error.strerror}") from error
        except sqlite3.Error as error:
            raise StoreError(f"{self._path}: cannot be used as a store: {error}") from error

    def _migrate(self) -> None:
        (version,) = self._db.execute("pragma user_version").fetchone()
        if version == 0:
            self._db.executescript(f"begin; {_TABLES} pragma user_version = {_SCHEMA}; commit;")
        elif version != _SCHEMA:
            raise StoreError(
                f"{self._path}: written by another version of forkspec (schema {version}, this one "
                f"reads {_SCHEMA}): use that version, or grade into another folder"
            )

    def __enter__(self) -> Self:
        """The store itself."""
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        try:
            self._db.execute("begin immediate")
            yield self._db
            self._db.execute("commit")
        except sqlite3.Error as error:
            if self._db.in_transaction:
                self._db.execute("rollback")
            raise StoreError(
                f"{self._path}: {error}; what is finished is kept: make room, and give the same command "
                "again"
            ) from error

    def belongs_to(self, terms: str, source: str) -> None:
        """Make sure that all in here was observed under the same terms.

        Raises:
            StoreError: it was another assignment.
        """
        known = dict(self._db.execute("select key, value from meta"))
        if known.get("terms", terms) != terms:
            raise StoreError(
                f"{self._path.parent}: these are results of another assignment "
                f"({known.get('source') or 'the lecture'}): grade into another folder"
            )
        with self._transaction() as db:
            rows = {"terms": terms, "source": source, "forkspec": harness.__version__}
            db.executemany("insert or replace into meta values (?, ?)", rows.items())

    @property
    def source(self) -> str:
        """The assignment's file as it was named at last; "" where there was none."""
        row = self._db.execute("select value from meta where key = 'source'").fetchone()
        return str(row[0]) if row else ""

    def recordings(self, digest: str) -> list[list[Recording]] | None:
        """What was seen of this content, those of each role together; None when it never was."""
        row = self._db.execute("select data from recorded where digest = ?", (digest,)).fetchone()
        if row is None:
            return None
        told = json.loads(zlib.decompress(row[0]))
        return [[Recording.from_json(line) for line in lines] for lines in told]

    def keep(
        self,
        student: HandIn,
        digest: str,
        seen: Sequence[Sequence[Recording]],
        *,
        refused: str,
        seconds: float,
    ) -> None:
        """Write down all of one student."""
        data = zlib.compress(
            json.dumps([[each.to_json() for each in role] for role in seen]).encode(), 6
        )
        with self._transaction() as db:
            if not refused:
                db.execute(
                    "insert or ignore into recorded values (?, ?, ?)",
                    (digest, harness.__version__, data),
                )
            db.execute(
                "insert or replace into student values (?, ?, ?, ?, ?, ?, ?, null, null, null)",
                (
                    student.student, json.dumps(dict(student.identity)), json.dumps(student.remarks),
                    digest, refused, seconds, _now(),
                ),
            )  # fmt: skip

    def mark(self, name: str, earned: float | None, total: float, level: int | None) -> None:
        """Write down a student's points; `earned` is None where no total is published."""
        with self._transaction() as db:
            db.execute(
                "update student set earned = ?, total = ?, level = ? where name = ?",
                (earned, total, level, name),
            )

    def students(self) -> list[Row]:
        """Everybody, by name."""
        return self._rows("order by name collate nocase, name")

    def student(self, name: str) -> Row | None:
        """One student; None where nobody of that name was judged."""
        return next(iter(self._rows("where name = ?", name)), None)

    def _rows(self, which: str, *values: str) -> list[Row]:
        columns = "name, identity, remarks, digest, refused, seconds, earned, total, level"
        rows = self._db.execute(f"select {columns} from student {which}", values)  # noqa: S608  (ours)
        return [Row(n, json.loads(i), tuple(json.loads(r)), *rest) for n, i, r, *rest in rows]

    def is_finished(self, name: str, digest: str) -> bool:
        """Whether this content of this student was judged; who was refused is tried again."""
        found = self._db.execute(
            "select 1 from student where name = ? and digest = ? and refused = ''", (name, digest)
        )
        return found.fetchone() is not None

    def override(self, name: str, given: Override) -> None:
        """Give or take points by hand."""
        with self._transaction() as db:
            db.execute(
                "insert into override (student, name, points, reason, at) values (?, ?, ?, ?, ?)",
                (name, given.name, given.points, given.reason, _now()),
            )

    def overrides(self, name: str) -> list[Override]:
        """What a person gave a student or took, in that order."""
        rows = self._db.execute(
            "select name, points, reason from override where student = ? order by number", (name,)
        )
        return [Override(*row) for row in rows]

    def forget(self, names: Sequence[str]) -> None:
        """Remove students with all that only they have shown."""
        with self._transaction() as db:
            for name in names:
                db.execute("delete from override where student = ?", (name,))
                db.execute("delete from student where name = ?", (name,))
            db.execute("delete from recorded where digest not in (select digest from student)")
        self._db.execute("vacuum")
        self._db.execute("pragma wal_checkpoint(truncate)")

    def before(self, date: str) -> list[str]:
        """Who was judged before a date (ISO 8601)."""
        rows = self._db.execute("select name from student where at < ? order by name", (date,))
        return [name for (name,) in rows]


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
