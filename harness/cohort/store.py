"""Keeps what a class has shown so far, in one SQLite file that survives any end of the program.

Recordings and hand-ins are stored by a digest of what was handed in, students by what tells them apart
in their course. All data of one student is written in one transaction. Source: sqlite.org/wal.html.
"""

import datetime as dt
import fcntl
import json
import os
import sqlite3
import zlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Self

import harness
from harness import extensions
from harness.engine.assignment_file import AssignmentFile, of_text
from harness.record import recording_line
from harness.record.recording import Recording
from harness.results.lateness import HandedIn
from harness.results.marking import Override

from .class_list import NOTHING
from .schema import SCHEMA, brought_up_to_date
from .student_work import STORE, StudentWork, plain

_WITH: Final = " + "
_AGAIN: Final = "again:"  # begins the key of a content that was observed a second time


class StoreError(harness.HarnessError):
    """The file cannot be used, or there is no room; the text says what to do.

    What was written is kept.
    """


@dataclass(frozen=True, slots=True)
class Row:
    """One student: name, hand-in, points, and why the hand-in could not be judged ("" if it was).

    `key` tells students apart for ever, whatever their names in a report.
    """

    key: str
    name: str
    identity: dict[str, str]
    partners: tuple[dict[str, str], ...]
    remarks: tuple[str, ...]
    digest: str
    refused: str
    seconds: float
    earned: float | None = None
    total: float | None = None
    level: int | None = None
    handed_in: HandedIn = field(default_factory=HandedIn)


class Store:
    """The results of one class under one assignment. Use it as a `with` block."""

    def __init__(self, folder: Path, *, new: bool = True, alone: bool = False) -> None:
        """Open the store of a results folder; without `new` it must be there.

        `alone` keeps others out who want to be alone, too, until this block ends.

        Raises:
            StoreError: no such store, one of another version, or a file that is none; somebody is in it.
        """
        self._path = folder / STORE
        if not new and not self._path.exists():
            raise StoreError(
                f"{folder}: no results here: there is no {STORE}; 'forkspec grade' makes one"
            )
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._door = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            if alone:
                fcntl.flock(self._door, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._db = sqlite3.connect(self._path, isolation_level=None)
            self._db.execute("pragma journal_mode = wal")
            self._db.execute("pragma synchronous = full")
            version = brought_up_to_date(self._db)
        except BlockingIOError as error:
            raise StoreError(f"{folder}: another forkspec is at work there: wait for its end") from error
        except OSError as error:
            raise StoreError(f"{folder}: {error.strerror}") from error
        except sqlite3.Error as error:
            raise StoreError(f"{self._path}: cannot be used as a store: {error}") from error
        if version != SCHEMA:
            raise StoreError(
                f"{self._path}: written by another version of forkspec (schema {version}, this one "
                f"reads {SCHEMA}): use that version, or grade into another folder"
            )

    def __enter__(self) -> Self:
        """The store itself."""
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()
        os.close(self._door)

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

    def belongs_to(self, terms: str, settings: AssignmentFile) -> None:
        """Make sure that all in here was observed under the same terms; keep the assignment.

        Raises:
            StoreError: it was another assignment.
        """
        known = self._told()
        if known.get("terms", terms) != terms:
            raise StoreError(
                f"{self._path.parent}: these are results of another assignment "
                f"({known.get('source') or 'the lecture'}): grade into another folder"
            )
        source = settings.assignment.source
        rows = {
            "terms": terms,
            "source": str(Path(source).resolve()) if source else "",
            "assignment": settings.text,
        }
        self._tell(rows)

    @property
    def settings(self) -> AssignmentFile:
        """The assignment under which the class was last judged, with its text at that time."""
        known = self._told()
        return of_text(known.get("assignment", ""), known.get("source", ""))

    def _told(self) -> dict[str, str]:
        """What is stored about the class as a whole."""
        return dict(self._db.execute("select key, value from meta"))

    def _tell(self, values: Mapping[str, str]) -> None:
        with self._transaction() as db:
            db.executemany("insert or replace into meta values (?, ?)", values.items())

    def names_apart(self, students: Sequence[StudentWork]) -> list[StudentWork]:
        """The same hand-ins; where a name is taken, now or earlier, the key stands behind it."""
        here = {row.key: row.name for row in self.students()}
        known = here | {each.key: each.student for each in students}
        times = Counter(name.casefold() for name in known.values())
        with self._transaction() as db:
            for key, name in here.items():
                if times[name.casefold()] > 1:
                    told = (f"{name} ({key})", key)
                    db.execute("update student set name = ? where key = ?", told)
        return [
            replace(each, student=f"{each.student} ({each.key})")
            if times[each.student.casefold()] > 1
            else each
            for each in students
        ]

    def observed_in(self, cells: Collection[str]) -> None:
        """Make sure that all in the store was observed by this version and in this kind of cell.

        The packages that add scenarios or forms are part of it.

        Raises:
            StoreError: by another version, or in another kind of cell; the user's.
        """
        added = extensions.packages(extensions.SCENARIOS, extensions.FORMS)
        now = _WITH.join([" ".join([harness.__version__, *sorted(cells)]), *added])
        known = self._told().get("grounds")
        if known is None:
            self._tell({"grounds": now})
        elif known != now:
            raise StoreError(
                f"{self._path.parent}: begun by {_spoken(known)}, and this is {_spoken(now)}: one class "
                "is judged on the same grounds; go on with what it was begun with (--cell), or grade "
                "into another folder"
            )

    def has_names(self, names: bool) -> None:  # noqa: FBT001  (named in the method)
        """Make sure that all students of the store go by their names, or all by pseudonyms.

        Raises:
            StoreError: the store has the other kind; the user's.
        """
        told = "names" if names else "pseudonyms"
        known = self._told().get("students", told)
        if known != told:
            raise StoreError(
                f"{self._path.parent}: begun with the {known} of students: give --pseudonyms as then, "
                "or grade into another folder"
            )
        self._tell({"students": told})

    def set_aside(self, told: Iterable[str]) -> None:
        """Keep what is not a hand-in, each with the reason; it replaces what was kept."""
        self._tell({"aside": json.dumps(list(told))})

    @property
    def aside(self) -> tuple[str, ...]:
        """What was not a hand-in when the class was last graded."""
        return tuple(json.loads(self._told().get("aside", "[]")))

    @property
    def source(self) -> Path | None:
        """The path of the assignment's file, if the file still exists."""
        path = Path(self._told().get("source", ""))
        return path if path.is_file() else None

    def recordings(self, digest: str) -> list[list[Recording]] | None:
        """The recordings of this content, a list for each role; None where it was never observed."""
        row = self._db.execute("select data from recorded where digest = ?", (digest,)).fetchone()
        if row is None:
            return None
        told = json.loads(zlib.decompress(row[0]))
        return [[recording_line.from_line(line) for line in lines] for lines in told]

    def parcel(self, digest: str) -> tuple[bytes, str] | None:
        """The packed hand-in, and the version that observed it; None where it was not kept."""
        row = self._db.execute("select parcel, forkspec from recorded where digest = ?", (digest,))
        found: tuple[bytes | None, str] | None = row.fetchone()
        return (found[0], found[1]) if found and found[0] is not None else None

    def keep(
        self,
        student: StudentWork,
        digest: str,
        seen: Sequence[Sequence[Recording]],
        *,
        refused: str,
        seconds: float,
        parcel: bytes | None = None,
        again: bool = False,
    ) -> None:
        """Write down everything about one student, with the hand-in.

        What was observed of it before stays, unless it was observed `again`.
        """
        data = zlib.compress(
            json.dumps([[recording_line.to_line(each) for each in role] for role in seen]).encode(), 6
        )
        if refused and self.is_finished(student.key, digest):
            return  # it was judged once, and what went wrong now is not the hand-in's
        with self._transaction() as db:
            if not refused:
                how = "replace" if again else "ignore"
                db.execute(
                    f"insert or {how} into recorded values (?, ?, ?, ?)",  # noqa: S608  (ours)
                    (digest, harness.__version__, data, parcel),
                )
                if again:
                    db.execute("insert or replace into meta values (?, '')", (_AGAIN + digest,))
            values = (student.key, *_told(student), digest, refused, seconds, _now())
            db.execute(
                "insert or replace into student values (?, ?, ?, ?, ?, ?, ?, ?, ?, null, null, null, ?)",
                (*values, _moment(student)),
            )

    def was_tried_again(self, digest: str) -> bool:
        """Whether this content was observed again, because something could not be told."""
        found = self._db.execute("select 1 from meta where key = ?", (_AGAIN + digest,))
        return found.fetchone() is not None

    def recognise(self, student: StudentWork) -> None:
        """Write down the present name and remarks of a student who was judged before."""
        with self._transaction() as db:
            db.execute(
                "update student set name = ?, identity = ?, partners = ?, remarks = ?, handed_in = ? "
                "where key = ?",
                (*_told(student), _moment(student), student.key),
            )

    def mark(self, key: str, earned: float | None, total: float, level: int | None) -> None:
        """Write down a student's points; `earned` is None where no total is published."""
        with self._transaction() as db:
            db.execute(
                "update student set earned = ?, total = ?, level = ? where key = ?",
                (earned, total, level, key),
            )

    def students(self) -> list[Row]:
        """All students, by name."""
        return self._rows("order by name collate nocase, name")

    def student(self, name: str) -> Row | None:
        """The student of this name, however it is spelt; None where nobody of that name was judged."""
        if exact := self._rows("where name = ?", name):
            return exact[0]
        alike = [row for row in self.students() if plain(row.name) == plain(name)]
        return alike[0] if len(alike) == 1 else None

    def of_key(self, key: str) -> Row:
        """The student with this key, which is there."""
        return self._rows("where key = ?", key)[0]

    def _rows(self, which: str, *values: str) -> list[Row]:
        columns = (
            "key, name, identity, partners, remarks, digest, refused, seconds, earned, total, level, "
            "handed_in"
        )
        rows = self._db.execute(f"select {columns} from student {which}", values)  # noqa: S608  (ours)
        return [
            Row(
                k, n, json.loads(i), tuple(json.loads(p)), tuple(json.loads(r)),
                *(*rest, HandedIn(*json.loads(at))),
            )
            for k, n, i, p, r, *rest, at in rows
        ]  # fmt: skip

    def is_finished(self, key: str, digest: str) -> bool:
        """Whether this content of this student was judged. What was refused is tried again."""
        found = self._db.execute(
            "select 1 from student where key = ? and digest = ? and refused = ''", (key, digest)
        )
        return found.fetchone() is not None

    def override(self, *given: tuple[str, Override]) -> None:
        """Write down points that a person gives or takes, by students' keys: all of them, or none.

        What sets points takes the place of all that was given for the same before.
        """
        with self._transaction() as db:
            for key, each in given:
                if each.sets:
                    db.execute("delete from override where student = ? and name = ?", (key, each.name))
                db.execute(
                    "insert into override (student, name, points, reason, at, sets) "
                    "values (?, ?, ?, ?, ?, ?)",
                    (key, each.name, each.points, each.reason, _now(), each.sets),
                )

    def undo_override(self, key: str, name: str) -> bool:
        """Remove what was last given a student for this; False where there is nothing."""
        with self._transaction() as db:
            found = db.execute(
                "delete from override where number = "
                "(select max(number) from override where student = ? and name = ?)",
                (key, name),
            )
            return found.rowcount > 0

    def overrides(self, key: str) -> list[Override]:
        """The points that a person gave a student or took, oldest first."""
        rows = self._db.execute(
            "select name, points, reason, sets from override where student = ? order by number", (key,)
        )
        return [Override(name, given, why, bool(sets)) for name, given, why, sets in rows]

    def forget(self, names: Sequence[str]) -> None:
        """Remove students, and all content that only they have handed in."""
        with self._transaction() as db:
            for name in names:
                db.execute(
                    "delete from override where student in (select key from student where name = ?)",
                    (name,),
                )
                db.execute("delete from student where name = ?", (name,))
            db.execute("delete from recorded where digest not in (select digest from student)")
            db.execute(
                "delete from meta where key like ? and substr(key, ?) not in "
                "(select digest from student)",
                (f"{_AGAIN}%", len(_AGAIN) + 1),
            )
        self._db.execute("vacuum")
        self._db.execute("pragma wal_checkpoint(truncate)")

    def before(self, date: str) -> list[str]:
        """The students who were judged before a date (ISO 8601)."""
        rows = self._db.execute("select name from student where at < ? order by name", (date,))
        return [name for (name,) in rows]


def stale_absences(store: Store, students: Sequence[StudentWork]) -> list[str]:
    """The names of those who had handed in nothing at the last grading, and are not told so now."""
    keys = {each.key for each in students}
    return [row.name for row in store.students() if row.refused == NOTHING and row.key not in keys]


def _told(student: StudentWork) -> tuple[str, str, str, str]:
    return (
        student.student,
        json.dumps(dict(student.identity)),
        json.dumps([dict(each) for each in student.partners]),
        json.dumps(student.remarks),
    )


def _moment(student: StudentWork) -> str:
    """When it was handed in, in this machine's time zone, who says so, and whether that says late."""
    if not student.when:
        return "[]"
    at = dt.datetime.fromtimestamp(student.when).isoformat(timespec="seconds")  # noqa: DTZ006  (local)
    says = "late" in student.remarks if student.when_by == "Canvas" else None
    return json.dumps([at, student.when_by, says])


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


def _spoken(grounds: str) -> str:
    observed, *added = grounds.split(_WITH)
    version, _, cell = observed.partition(" ")
    return f"forkspec {version} in the {cell} cell{' with ' * bool(added)}{', '.join(added)}"
