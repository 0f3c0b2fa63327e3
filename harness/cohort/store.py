"""Keeps what a class has shown so far, in one SQLite file that survives any end of the program.

Recordings and hand-ins are stored by a digest of what was handed in, students by what tells them apart
in their course. All data of one student is written in one transaction. Source: sqlite.org/wal.html.
"""

import datetime as dt
import json
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Final, Self

import msgspec

import harness
from harness.record import recording_line
from harness.record.recording import Recording
from harness.results.lateness import HandedIn
from harness.results.marking import Override

from .class_list import NOTHING
from .grounds import Grounds
from .store_file import StoreFile
from .student_work import StudentWork, plain

_AS_JSON: Final = ("identity", "partners", "remarks", "handed_in")
_MARK_LATE: Final = frozenset({"Canvas", "ILIAS"})  # they say who is late, and no time
_AGAIN: Final = "again:"  # begins the key of a content that was observed a second time


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
        """Open the store of a results folder; arguments and errors as of StoreFile."""
        self._file = StoreFile(folder, new=new, alone=alone)
        self.grounds = Grounds(self._file)

    def __enter__(self) -> Self:
        """The store itself."""
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def names_apart(self, students: Sequence[StudentWork]) -> list[StudentWork]:
        """These hand-ins; where a name is taken, now or earlier, the key stands behind it."""
        here = {row.key: row.name for row in self.students()}
        known = here | {each.key: each.student for each in students}
        times = Counter(name.casefold() for name in known.values())
        with self._file.transaction() as db:
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

    def recordings(self, digest: str) -> list[list[Recording]] | None:
        """The recordings of this content, a list for each role; None where it was never observed."""
        with self._file.reading() as db:
            row = db.execute("select data from recorded where digest = ?", (digest,)).fetchone()
            if row is None:
                return None
            told = msgspec.convert(json.loads(zlib.decompress(row[0])), list[list[str]])
            return [[recording_line.from_line(line) for line in lines] for lines in told]

    def parcel(self, digest: str) -> tuple[bytes, str] | None:
        """The packed hand-in, and the version that observed it; None where it was not kept."""
        with self._file.reading() as db:
            row = db.execute("select parcel, forkspec from recorded where digest = ?", (digest,))
            found = msgspec.convert(row.fetchone(), tuple[bytes | None, str] | None)
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
        with self._file.transaction() as db:
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
        """Whether this content was observed again, because a verdict was inconclusive."""
        return self._has("meta where key = ?", _AGAIN + digest)

    def recognise(self, student: StudentWork) -> None:
        """Write down the present name and remarks of a student who was judged before."""
        with self._file.transaction() as db:
            db.execute(
                "update student set name = ?, identity = ?, partners = ?, remarks = ?, handed_in = ? "
                "where key = ?",
                (*_told(student), _moment(student), student.key),
            )

    def mark(self, key: str, earned: float | None, total: float, level: int | None) -> None:
        """Write down a student's points; `earned` is None where no total is published."""
        with self._file.transaction() as db:
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
        columns = ", ".join(each.name for each in fields(Row))
        with self._file.reading() as db:
            rows = db.execute(f"select {columns} from student {which}", values)  # noqa: S608  (ours)
            return [
                _row(dict(zip((each[0] for each in rows.description), row, strict=True))) for row in rows
            ]

    def is_finished(self, key: str, digest: str) -> bool:
        """Whether this content of this student was judged. What was refused is tried again."""
        return self._has("student where key = ? and digest = ? and refused = ''", key, digest)

    def _has(self, what: str, *values: str) -> bool:
        with self._file.reading() as db:
            return bool(db.execute(f"select 1 from {what}", values).fetchall())  # noqa: S608  (ours)

    def override(self, *given: tuple[str, Override]) -> None:
        """Write down points that a person gives or takes, by students' keys: all of them, or none.

        What sets points takes the place of all that was given for the same before.
        """
        with self._file.transaction() as db:
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
        with self._file.transaction() as db:
            found = db.execute(
                "delete from override where number = "
                "(select max(number) from override where student = ? and name = ?)",
                (key, name),
            )
            return found.rowcount > 0

    def overrides(self, key: str) -> list[Override]:
        """The points that a person gave a student or took, oldest first."""
        with self._file.reading() as db:
            rows = db.execute(
                "select name, points, reason, sets from override where student = ? order by number",
                (key,),
            )
            told = msgspec.convert(rows.fetchall(), list[tuple[str, float, str, int]])
        return [Override(name, given, why, bool(sets)) for name, given, why, sets in told]

    def forget(self, names: Sequence[str]) -> None:
        """Remove students, and all content that only they have handed in."""
        with self._file.transaction() as db:
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
        self._file.db.execute("vacuum")
        self._file.db.execute("pragma wal_checkpoint(truncate)")

    def before(self, date: str) -> list[str]:
        """The students who were judged before a date (ISO 8601)."""
        with self._file.reading() as db:
            rows = db.execute("select name from student where at < ? order by name", (date,))
            return [name for (name,) in msgspec.convert(rows.fetchall(), list[tuple[str]])]


def stale_absences(store: Store, students: Sequence[StudentWork]) -> list[str]:
    """The students who had handed in nothing at the last grading, and are not among these now."""
    keys = {each.key for each in students}
    return [row.name for row in store.students() if row.refused == NOTHING and row.key not in keys]


def _row(told: dict[str, object]) -> Row:
    """A row of the table: what is no number or name stands in it as JSON."""
    for column in _AS_JSON:
        told[column] = json.loads(str(told[column]))
    names = (each.name for each in fields(HandedIn))
    moment = dict(zip(names, msgspec.convert(told["handed_in"], list[object]), strict=False))
    return msgspec.convert({**told, "handed_in": moment}, Row)


def _told(student: StudentWork) -> tuple[str, str, str, str]:
    return (
        student.student,
        json.dumps(dict(student.identity)),
        json.dumps([dict(each) for each in student.partners]),
        json.dumps(student.remarks),
    )


def _moment(student: StudentWork) -> str:
    """When it was handed in, in this machine's time zone; by which system; whether that says late."""
    if not student.when:
        return "[]"
    at = dt.datetime.fromtimestamp(student.when).isoformat(timespec="seconds")  # noqa: DTZ006  (local)
    says = "late" in student.remarks if student.when_by in _MARK_LATE else None
    return json.dumps([at, student.when_by, says])


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
