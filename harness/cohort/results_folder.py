"""What a class's results hold for people and for course systems. Knows neither store nor command.

All of it can be made again from the store; each file is in its place whole or not at all.
"""

from __future__ import annotations

import datetime as dt
import glob
import itertools
import re
import shutil
from collections.abc import Callable, Collection, Iterable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Final
from urllib.parse import quote

from harness.engine import catalogue, references
from harness.engine.assignment_file import AssignmentFile
from harness.report import formats, gradebook, platforms, student_text
from harness.results.student import Student
from harness.subject import content_store as contents

_LONGEST: Final = 120  # bytes, of the 255 that a file's name may have


class BookFormat(StrEnum):
    """What a grade book, or one student's result, can be written as."""

    CSV = "csv"
    JSON = "json"
    MARKDOWN = "markdown"
    JUNIT = "junit"
    GRADESCOPE = "gradescope"
    PRAIRIELEARN = "prairielearn"
    CLASSROOM50 = "classroom50"
    AUTOLAB = "autolab"
    CHECK50 = "check50"


class ResultsFolder:
    """The files of one class, as its assignment lets students see them now.

    Written are those of the formats that were chosen, and those that are there: none becomes stale.
    """

    def __init__(self, out: Path, settings: AssignmentFile, chosen: Sequence[BookFormat] = ()) -> None:
        self.out = out
        self._feedback = settings.assignment.feedback
        self._chosen = {each.value for each in chosen}
        self._has_shared = False
        self._written: set[str] = set()

    def write_student(self, student: Student) -> None:
        """The files of one student.

        Raises:
            UnwritableFile: no right, no room; the user's.
        """
        from harness.report.html import write_pages as folder  # noqa: PLC0415  (what shows no page is quicker)

        (self.out / "students").mkdir(parents=True, exist_ok=True)
        self._write_shared()
        self._written.add(student.name)
        now = moment()
        text = student_text.as_text(student, self._feedback, now)
        formats.write(self._of(student.name, "txt"), text)
        folder.write_student(self._of(student.name, "html"), student, self._feedback, now)
        for kind, (suffix, write) in platforms.WRITERS.items():
            path = self._of(student.name, suffix)
            if kind in self._chosen or path.exists():
                formats.write(path, write(student, self._feedback, now))

    def write_class(
        self, students: Iterable[Student], *, only: Collection[str] | None = None
    ) -> list[Student]:
        """The grade book, the class's page, and the files of all, or of some, that were not written yet.

        Returns everybody, abridged: one student at a time is held whole. Raises as `write_student`.
        """
        from harness.report.html import classbook, site  # noqa: PLC0415  (see above)

        everybody = []
        for student in students:
            if student.name not in self._written and (only is None or student.name in only):
                self.write_student(student)
            everybody.append(student.abridged())
        self._write_shared()
        formats.write(self.out / "gradebook.csv", gradebook.as_csv(everybody))
        formats.write(self.out / "class.md", gradebook.as_markdown(everybody))
        pages = {each.name: f"students/{quote(slug(each.name))}.html" for each in everybody}
        site.write(self.out / "class.html", classbook.page(everybody, pages))
        self._write_book("json", lambda: gradebook.as_json(everybody))
        results = [result for each in everybody for result in each.results]
        self._write_book("junit", lambda: formats.as_junit(results))
        return everybody

    def remove_reports(self, names: Iterable[str]) -> None:
        """Remove the files of these students: they are called otherwise now."""
        for name in names:
            for suffix in ("txt", "html", *(suffix for suffix, _ in platforms.WRITERS.values())):
                self._of(name, suffix).unlink(missing_ok=True)

    def forget(self, names: Collection[str]) -> None:
        """Remove what is there of these students, their appeals, and what anybody's end has left."""
        self.remove_reports(names)
        for name in names:
            for file in self.out.glob(f"appeal-{glob.escape(slug(name))}-*.zip"):
                file.unlink()
        for left in (self.out / "students").glob(".*"):
            left.unlink()
        shutil.rmtree(self.out / "handed-in", ignore_errors=True)

    def evidence_of(self, student: str, requirement: str) -> Path:
        """A name for the evidence of an appeal that no file has yet."""
        stem = f"appeal-{slug(student)}-{requirement.replace('/', '-')}"
        numbers = itertools.count(2)
        path = self.out / f"{stem}.zip"
        while path.exists():
            path = self.out / f"{stem}-{next(numbers)}.zip"
        return path

    def _of(self, name: str, suffix: str) -> Path:
        return self.out / "students" / f"{slug(name)}.{suffix}"

    def _write_book(self, kind: str, write: Callable[[], str]) -> None:
        path = self.out / f"gradebook.{'xml' if kind == 'junit' else kind}"
        if kind in self._chosen or path.exists():
            formats.write(path, write())

    def _write_shared(self) -> None:
        """What all pages refer to, once."""
        from harness.report.html import write_pages as folder  # noqa: PLC0415  (see above)

        if not self._has_shared:
            folder.write_shared(self.out, catalogue.every_requirement(), references.killers_of)
            self._has_shared = True


def slug(name: str) -> str:
    """A file's name for a student, whatever the name."""
    plain = re.sub(r"[^\w.()@ -]", "_", name).strip(". ")
    short = plain.encode()[:_LONGEST].decode(errors="ignore")
    return short if short == name else f"{short or '_'}-{contents.digest(name)[:6]}"


def moment() -> str:
    """Now, where this machine is; ISO 8601."""
    return dt.datetime.now().astimezone().replace(tzinfo=None).isoformat(timespec="seconds")
