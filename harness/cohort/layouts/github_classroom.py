"""GitHub Classroom: a checkout `lab-3-adalovelace/` of each repository, in `lab-3-submissions/`.

Source: github/gh-classroom, `gh classroom clone student-repos`; Classroom 50 names repositories alike.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from harness.cohort.student_work import StudentWork

from .naming import Layout, Taken, beginning, newest_file

_ALL: Final = "-submissions"


def _read(folder: Path, entries: Sequence[Path]) -> Taken:
    taken = Taken()
    found = [path for path in entries if path.is_dir()]
    title = f"{folder.name.removesuffix(_ALL)}-" if folder.name.endswith(_ALL) else ""
    if not any(path.name.startswith(title) for path in found if title):
        found = [path for path in found if (path / ".git").exists()]
        title = _shared([path.name for path in found])
    for path in found if title else ():
        if login := path.name.removeprefix(title) if path.name.startswith(title) else "":
            identity = {"name": login, "username": login}
            taken.students.append(StudentWork(login, {path.name: path}, identity, newest_file([path])))
            taken.entries.add(path)
    return taken


def _shared(names: Sequence[str]) -> str:
    """What several names begin with, the assignment's; "" where they are no such names.

    A number alone is no login: then the word before it belongs to it.
    """
    shared = beginning(names)
    title = shared[: shared.rfind("-") + 1] if len(names) > 1 else ""
    while title and any(each.removeprefix(title).isdecimal() for each in names):
        title = title[: title.rfind("-", 0, -1) + 1]
    return title if title not in names else ""


LAYOUT: Final = Layout("GitHub Classroom", "`lab-3-adalovelace/`, each a git checkout", _read, place=11)
