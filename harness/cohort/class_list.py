"""Reads a class list, as course systems export it: who is missing, and which hand-ins are not on it.

Students are matched by ids first (those that systems write into the names of hand-ins), then by name.

Source: the columns of Canvas (gradebook_importer.rb), Moodle (offline grading worksheet), Blackboard
and Brightspace (grade export), Gradescope (roster).
"""

import csv
import itertools
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import harness

from .student_work import STUDENT_IDS, StudentWork

NOTHING: Final = "handed in nothing"
NOT_LISTED: Final = "is not on the class list"
_NAMES: Final = ("student", "name", "full name", "student name", "fullname", "display name")
_FIRST: Final = ("first name", "firstname", "given name", "vorname")
_LAST: Final = ("last name", "lastname", "surname", "family name", "nachname")
_IDS: Final = (
    "id", "identifier", "sid", "username", "user name", "login", "login id", "sis login id",
    "sis user id", "student id", "orgdefinedid", "id number", "email", "email address", "e-mail",
    "user id", "user_id", "participant id", "display id", "github username", "github_username",
)  # fmt: skip
_NO_PERSON: Final = frozenset({"pointspossible", "studenttest", "teststudent"})
_KEPT: Final = frozenset({*_NAMES, *_FIRST, *_LAST, *_IDS, "section", "integration id", "group"})
_MOST_BYTES: Final = 16 << 20
_WORKBOOKS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # .xlsx and .ods, .xls
_MOST_ABOVE: Final = 5  # lines above the head: Sakai puts the assignment's title there
_MOST_PARTS: Final = 5  # of a name, in whatever order


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of a class list; the ids are without what systems put around them."""

    name: str
    ids: tuple[str, ...]
    names: frozenset[str]
    columns: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Compared:
    """The hand-ins, with what the list says of each; an empty hand-in for each missing student.

    `unlisted` are the names that are not on the list, `unclear` those that fit several of its lines.
    """

    students: tuple[StudentWork, ...]
    missing: tuple[str, ...]
    unlisted: tuple[str, ...]
    unclear: tuple[str, ...] = ()


def read(file: Path) -> list[Listed]:
    """The lines of a class list; raises HarnessError where it has no names or ids."""
    rows = rows_of(file)
    above = next((i for i, row in enumerate(rows[:_MOST_ABOVE]) if _is_head(row)), None)
    if above is None:
        told = ", ".join(cell.strip() for cell in rows[0][:5]) if rows else "empty"
        raise harness.HarnessError(
            f"{file}: no class list: its first line names no column such as Name, Student, ID or Email "
            f"({told})"
        )
    head, lines = [cell.strip() for cell in rows[above]], rows[above + 1 :]
    listed = (_listed(dict(zip(head, row, strict=False))) for row in lines if any(map(str.strip, row)))
    found = [each for each in listed if each.name and not each.names & _NO_PERSON]
    if not found:
        raise harness.HarnessError(f"{file}: nobody stands on this class list")
    return list({(each.name, each.ids): each for each in found}.values())


def rows_of(file: Path) -> list[list[str]]:
    """The cells of a table in any CSV of course systems; raises HarnessError where it is none."""
    try:
        with file.open("rb") as opened:
            data = opened.read(_MOST_BYTES)
    except OSError as error:
        raise harness.HarnessError(f"{file}: {error.strerror}") from error
    text = _decoded(data, file)
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        return list(csv.reader(text.splitlines(), delimiter=delimiter))
    except csv.Error as error:
        raise harness.HarnessError(f"{file}: no CSV: {error}") from error


def _is_head(row: Sequence[str]) -> bool:
    """Whether these are the names of columns, of which one tells students apart."""
    return not {*_NAMES, *_FIRST, *_LAST, *_IDS}.isdisjoint(cell.strip().casefold() for cell in row)


def compared(students: Sequence[StudentWork], listed: Sequence[Listed], file: Path) -> Compared:
    """What a list says of hand-ins; raises HarnessError where not one is on it."""
    by_id: dict[str, list[Listed]] = {}
    by_name: dict[str, list[Listed]] = {}
    for each in listed:
        for number in each.ids:
            by_id.setdefault(number, []).append(each)
        for name in each.names:
            by_name.setdefault(name, []).append(each)
    seen: list[Listed] = []
    told: list[StudentWork] = []
    unlisted: list[str] = []
    unclear: list[str] = []
    for work in students:
        found = _found(work, by_id, by_name)
        seen += found
        people = 1 + len(work.partners)
        if not found:
            unlisted.append(work.student)
            told.append(replace(work, remarks=(*work.remarks, NOT_LISTED)))
        elif len(found) > people:
            unclear.append(work.student)
            told.append(work)
        else:
            name = _as_listed(work, found[0]) if people == 1 else work.student
            told.append(replace(work, student=name, identity=_joined(work, found[0])))
    if students and len(unlisted) == len(students):
        raise harness.HarnessError(
            f"{file}: nobody on this class list has handed in ({listed[0].name}, ...), and who has is "
            f"not on it ({unlisted[0]}, ...): the list of another class, or one with other ids and names"
        )
    missing = [each for each in listed if each not in seen]
    absent = [_absent(each) for each in missing]
    return Compared((*told, *absent), tuple(e.student for e in absent), tuple(unlisted), tuple(unclear))


def _found(
    work: StudentWork, by_id: Mapping[str, list[Listed]], by_name: Mapping[str, list[Listed]]
) -> list[Listed]:
    """The lines of the students of a hand-in: one, those of partners, or several with the same name."""
    found: list[Listed] = []
    for who in (work.identity, *work.partners):
        ids = [_bare(value) for key, value in who.items() if key in STUDENT_IDS]
        called = who.get("name") or work.student
        hits = [each for number in ids for each in by_id.get(number, [])]
        hits = hits or by_id.get(_bare(called), []) or by_name.get(_squeezed(called), [])
        found += hits
    return list({id(each): each for each in found}.values())  # each once


def _joined(work: StudentWork, listed: Listed) -> dict[str, str]:
    """The columns of the hand-in, then those of the list: systems want them back in a grade book."""
    more = {
        key: value for key, value in listed.columns.items() if key not in (*STUDENT_IDS, *work.identity)
    }
    return {**work.identity, **more}


def _as_listed(work: StudentWork, listed: Listed) -> str:
    """The student's name; that of the list where the hand-in has a login, or letters without a space."""
    called = work.identity.get("name") or work.student
    is_told = " " in called.strip() or " " not in listed.name
    return work.student if is_told or work.student != called else listed.name


def _absent(listed: Listed) -> StudentWork:
    identity = dict(listed.columns)
    if not STUDENT_IDS & identity.keys() and listed.ids:
        identity = {"sid": listed.ids[0], **identity}  # not "id", which a system puts into names
    return StudentWork(listed.name, {}, identity, refused=NOTHING)


def _listed(row: Mapping[str, str]) -> Listed:
    told = {key.strip().casefold(): value.strip() for key, value in row.items() if value.strip()}
    whole = next((told[key] for key in _NAMES if key in told), "")
    first = next((told[key] for key in _FIRST if key in told), "")
    last = next((told[key] for key in _LAST if key in told), "")
    ids = tuple(dict.fromkeys(_bare(told[key]) for key in _IDS if key in told))
    comma = [part.strip() for part in whole.split(",")]
    parts = [part for part in (comma if len(comma) > 1 else [first, last]) if part] or whole.split()
    orders = (
        {" ".join(each) for each in itertools.permutations(parts)} if len(parts) < _MOST_PARTS else set()
    )
    spoken = " ".join(reversed(comma)) if len(comma) > 1 else whole or " ".join(parts)
    spelt = frozenset(filter(None, map(_squeezed, {whole, *orders})))
    columns = {key: value.strip() for key, value in row.items() if key.strip().casefold() in _KEPT}
    number = next((told[key] for key in _IDS if key in told), "")
    called = spoken or " ".join(reversed(number.split(", ")))
    return Listed(called, ids, spelt, columns)


def _bare(number: str) -> str:
    """An id without what a system puts around it: "#1234", "Participant 1234"."""
    bare = unicodedata.normalize("NFC", number).strip().lstrip("#").casefold()
    word, _, last = bare.rpartition(" ")
    return last if last.isdigit() and word.isalpha() else bare


def _squeezed(name: str) -> str:
    """A name without case and without all that is no letter or digit: so Canvas writes it."""
    whole = unicodedata.normalize("NFC", name).casefold()
    return "".join(char for char in whole if char.isalnum())


def _decoded(data: bytes, file: Path) -> str:
    """The text of a list; spreadsheets write UTF-8, UTF-16, and Western encodings."""
    if data.startswith(_WORKBOOKS):
        raise harness.HarnessError(f"{file}: a workbook of a spreadsheet: save it as CSV, in UTF-8")
    is_utf16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    encodings = ("utf-16",) if is_utf16 else ("utf-8-sig", "cp1252")
    for each in encodings:
        try:
            return data.decode(each)
        except UnicodeDecodeError:
            continue
    raise harness.HarnessError(f"{file}: no text: save the class list as CSV, in UTF-8")
