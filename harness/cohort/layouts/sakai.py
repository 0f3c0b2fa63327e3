"""Sakai: a folder `Last, First(login)/` for each student, with `timestamp.txt` in it, and `grades.csv`.

What was handed in lies in the first of its folders, whose name is translated; the second one is for the
teacher's files. A student who handed in nothing has such a folder, too.

Source: Sakai, assignment/impl AssignmentServiceImpl (zipAttachments), and its bulk download.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from harness.cohort.student_work import StudentWork

from .naming import Layout, Taken, at, newest_file

_NAME: Final = re.compile(r"(?P<name>.+?) ?\((?P<login>[^()]+)\)", re.DOTALL)
_TIME: Final = "timestamp.txt"
_TEXT: Final = "submissionText.html"
_FEEDBACK: Final = re.compile("feedback|r[uü]ckmeldung|commentaire|comentario", re.IGNORECASE)
_GRADES: Final = frozenset({"grades.csv", "grades.xls", "grades.xlsx"})
_FORM: Final = "%Y%m%d%H%M%S%f"


def _read(_: Path, entries: Sequence[Path]) -> Taken:
    taken = Taken()
    for path in entries:
        match = _NAME.fullmatch(path.name)
        if match and path.is_dir() and _is_sakais(path):
            taken.students.append(_student(match, path))
            taken.entries.add(path)
    for path in entries if taken.students else ():
        if path.name in _GRADES:
            taken.set_aside(path, "Sakai's list of grades")
    return taken


def _is_sakais(folder: Path) -> bool:
    return (folder / _TIME).is_file() or any(folder.glob(f"*_{_TEXT}"))


def _student(match: re.Match[str], folder: Path) -> StudentWork:
    last, _, first = match["name"].partition(", ")
    name = f"{first} {last}".strip()
    identity = {"name": name, "username": match["login"]}
    told = folder / _TIME
    moment = at(told.read_text(errors="replace").strip(), _FORM) if told.is_file() else None
    places = [each for each in sorted(folder.iterdir()) if each.is_dir()]
    work = [each for each in places if any(each.iterdir()) and not _FEEDBACK.search(each.name)]
    files = {path.name: path for place in work for path in sorted(place.iterdir())}
    if files:
        when = moment or newest_file(files.values())
        return StudentWork(name, files, identity, when, when_by="Sakai" if moment else "")
    texts = [each for each in sorted(folder.glob(f"*{_TEXT}")) if each.stat().st_size]
    why = "text typed into Sakai, and no file" if texts else "Sakai has exported no files of it"
    return StudentWork(name, {each.name: each for each in texts}, identity, moment, refused=why)


LAYOUT: Final = Layout(
    "Sakai", "`Last, First(login)/` with `timestamp.txt`, beside `grades.csv`", _read, place=5
)
