"""Moodle: `Name_123_assignsubmission_file/` for each student, or each file called so.

A submission has plugins: files, and text typed into a field. Underscores in a name have become spaces;
of a group there may be no number.

Source: mod/assign/classes/downloader.php (get_student_prefix, load_submissionplugin_filelist);
before 4.1 mod/assign/locallib.php, where the folder's name ends in an underscore.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from harness.cohort.student_work import StudentWork

from .naming import Layout, Taken, newest_file

_NAME: Final = re.compile(
    r"(?P<name>.+?)(?:_(?P<id>\d+))?_assignsubmission_(?P<plugin>[a-z]+)(?:_(?P<file>.*))?", re.DOTALL
)
_TEXT: Final = "onlinetext"


def _read(_: Path, entries: Sequence[Path]) -> Taken:
    taken = Taken()
    whose: dict[tuple[str, str], list[tuple[re.Match[str], Path]]] = {}
    for path in entries:
        if match := _NAME.fullmatch(path.name):
            whose.setdefault((match["name"], match["id"] or ""), []).append((match, path))
            taken.entries.add(path)
    for (name, number), parts in whose.items():
        texts = [path for match, path in parts if match["plugin"] == _TEXT]
        files = {
            (path.name if path.is_dir() else match["file"] or path.name): path
            for match, path in parts
            if path not in texts
        }
        identity = {"name": name, **({"id": number} if number else {})}
        refused = "" if files else "text typed into Moodle, and no file"
        for path in texts if files else ():
            taken.set_aside(path, f"text that {name} typed into Moodle, beside the files")
        if not files:
            files = {m["file"] if path.is_file() and m["file"] else path.name: path for m, path in parts}
        when = newest_file(files.values())
        taken.students.append(StudentWork(name, files, identity, when, refused=refused))
    return taken


LAYOUT: Final = Layout(
    "Moodle",
    "`Name_123_assignsubmission_file/`, or without folders `Name_123_assignsubmission_file_server.c`",
    _read,
    _NAME.fullmatch,
    place=2,
)
