"""ILIAS: a folder `Last_First_login_1234/` for each student, beside or below an .xlsx.

A file that was handed in late begins with words that say so, and one of a name that was there before
has a number: `Late Submission - server (2).c`. They get their names back.

Source: ILIAS, Exercise/class.ilExSubmission.php (downloadAllAssignmentFiles,
getDirectoryNameFromUserData).
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from harness.cohort.student_work import StudentWork

from .naming import Layout, Taken, newest_file

_NAME: Final = re.compile(r"(?P<last>[^_]+)_(?P<first>.+)_(?P<login>[^_]+)_(?P<id>\d{2,})")
_LATE: Final = re.compile(r"(?:Late Submission|Verspaetete Abgabe|Verspätete Abgabe) - (?=.)")
_AGAIN: Final = re.compile(r"(?P<stem>.+) \((?P<number>\d+)\)(?P<suffix>\.[^.]*|)")


def _read(_: Path, entries: Sequence[Path]) -> Taken:
    taken = Taken()
    folders = {p: match for p in entries if p.is_dir() and (match := _NAME.fullmatch(p.name))}
    if _are_people(list(folders.values())):
        for path, match in folders.items():
            taken.students.append(_student(taken, match, path))
            taken.entries.add(path)
    return taken


def _are_people(found: Sequence[re.Match[str]]) -> bool:
    """Whether it is names and not one title with a number: `lab_3_team_12`, `lab_3_team_13`."""
    return len(found) < 2 or len({(each["last"], each["first"]) for each in found}) > 1  # noqa: PLR2004


def _student(taken: Taken, match: re.Match[str], folder: Path) -> StudentWork:
    name = f"{match['first']} {match['last']}"
    identity = {"name": name, "id": match["id"], "username": match["login"]}
    inside = sorted(folder.iterdir())
    files, is_late = {folder.name: folder}, False
    if not any(path.is_dir() for path in inside) and inside:
        files, is_late = _given_back(taken, name, inside)
    remarks = ("late",) if is_late else ()
    refused = "" if inside else "ILIAS has exported no files of it"
    when, by = newest_file(files.values()), "ILIAS" if is_late else ""
    return StudentWork(name, files, identity, when, remarks, refused=refused, when_by=by)


def _given_back(taken: Taken, name: str, inside: Sequence[Path]) -> tuple[dict[str, Path], bool]:
    """The files by the names that they had, of several of one name the last; whether one was late."""
    plain = {path: _LATE.sub("", path.name, count=1) for path in inside}
    files: dict[str, tuple[int, Path]] = {}
    for path, told in sorted(plain.items(), key=lambda each: len(each[1])):
        again = _AGAIN.fullmatch(told)
        first = again["stem"] + again["suffix"] if again else told
        number, before = (int(again["number"]), first) if again and first in files else (1, told)
        old = files.get(before)
        if old is not None:
            taken.set_aside(min((old, (number, path)))[1], f"{name} handed in {before} again")
        files[before] = max(filter(None, (old, (number, path))))
    return {each: path for each, (_, path) in files.items()}, any(
        told != path.name for path, told in plain.items()
    )


LAYOUT: Final = Layout("ILIAS", "`Last_First_login_1234/`", _read, place=10)
