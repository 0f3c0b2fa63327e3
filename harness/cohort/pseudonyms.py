"""Gives students pseudonyms. One file says which student has which; the teacher keeps it elsewhere.

What students wrote into their own work stays in it: names in their source, and names of files.
"""

import csv
import io
import re
import secrets
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import harness
from harness.report import output_file
from harness.subject.archive import SUFFIXES
from harness.subject.forms import of_suffixes

from .student_work import StudentWork

_HEAD: Final = ["pseudonym", "key", "student"]
_DIGITS: Final = 6
_FILES: Final = re.compile(r"[^:]+ is the newest, not .*")


def under_pseudonyms(students: Sequence[StudentWork], file: Path) -> list[StudentWork]:
    """The same hand-ins under the pseudonyms of a CSV file.

    New students get a pseudonym, and a line there.

    Raises:
        HarnessError: the file is no list of pseudonyms, or cannot be written; the user's.
    """
    output_file.refuse_standard_output(file, "the list is read again; name a file")
    known = _read(file)
    taken = {pseudonym for pseudonym, _ in known.values()}
    for each in students:
        if each.key not in known:
            known[each.key] = _drawn(taken), each.student
    _write(file, known)
    return sorted((_renamed(each, known[each.key][0]) for each in students), key=lambda e: e.student)


def _renamed(hand_in: StudentWork, pseudonym: str) -> StudentWork:
    """A hand-in under a pseudonym, without the system's columns and without file names in remarks.

    A single file or folder takes the pseudonym as its name. Files that belong together keep their names:
    they include each other by them.
    """
    files = hand_in.files
    if len(files) == 1:
        ((name, path),) = files.items()
        suffixes = [each for each in (*SUFFIXES, *of_suffixes()) if name.lower().endswith(each)]
        files = {f"{pseudonym}{'' if path.is_dir() else max(suffixes, key=len, default='')}": path}
    told = tuple(_FILES.sub("the newest counts", remark) for remark in hand_in.remarks)
    return replace(hand_in, student=pseudonym, files=files, identity={}, partners=(), remarks=told)


def _drawn(taken: set[str]) -> str:
    while (pseudonym := f"student-{secrets.randbelow(10**_DIGITS):0{_DIGITS}}") in taken:
        pass
    taken.add(pseudonym)
    return pseudonym


def _read(file: Path) -> dict[str, tuple[str, str]]:
    """(pseudonym, name) by the student's key; empty where there is no file yet."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.reader(lines))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise harness.HarnessError(f"{file}: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise harness.HarnessError(f"{file}: no list of pseudonyms: {error}") from error
    if rows[:1] != [_HEAD] or any(len(row) != len(_HEAD) for row in rows):
        raise harness.HarnessError(
            f"{file}: no list of pseudonyms: its first line must be {','.join(_HEAD)}; "
            "a file that is not there yet is made"
        )
    return {key: (pseudonym, student) for pseudonym, key, student in rows[1:]}


def _write(file: Path, known: dict[str, tuple[str, str]]) -> None:
    """Write the file whole or not at all, readable by its owner alone."""
    text = io.StringIO()
    rows = [[pseudonym, key, student] for key, (pseudonym, student) in known.items()]
    csv.writer(text, lineterminator="\n").writerows([_HEAD, *rows])
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise harness.HarnessError(f"{file}: {error.strerror}") from error
    output_file.write(file, text.getvalue(), mode=0o600)
