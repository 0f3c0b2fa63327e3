"""Autolab: `ada@uni.edu_2_server.c` for each version that a student handed in; the highest counts.

Source: Autolab, app/models/submission.rb (save_file) and submissions_controller.rb (download_filename).
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from harness.cohort.student_work import StudentWork

from .naming import Layout, Taken, newest_file

_NAME: Final = re.compile(
    r"(?P<email>[^@/\s]+@[^@/\s_]+)_(?:(?P=email)_)?(?P<version>\d+)_(?P<file>.+)", re.DOTALL
)


def _read(_: Path, entries: Sequence[Path]) -> Taken:
    taken = Taken()
    whose: dict[str, list[tuple[int, str, Path]]] = {}
    for path in entries:
        if match := _NAME.fullmatch(path.name):
            told = int(match["version"]), match["file"], path
            whose.setdefault(match["email"], []).append(told)
            taken.entries.add(path)
    for email, versions in whose.items():
        *earlier, (number, file, path) = sorted(versions)
        for each in earlier:
            taken.set_aside(each[2], f"an earlier version of {email}")
        remarks = (f"handed in {len(versions)} times: version {number} counts",) if earlier else ()
        identity = {"name": email, "email": email}
        taken.students.append(StudentWork(email, {file: path}, identity, newest_file([path]), remarks))
    return taken


LAYOUT: Final = Layout("Autolab", "`ada@uni.edu_2_server.c`", _read, _NAME.fullmatch, place=8)
