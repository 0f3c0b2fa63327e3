"""Writes the files of a class's results, for people and for course systems.

All of them can be made again from the store. Each file is written whole or not at all. This file knows
neither store nor command.
"""

import datetime as dt
import glob
import io
import itertools
import re
import shutil
import zipfile
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import quote

from harness.engine import catalogue, references
from harness.engine.assignment_file import AssignmentFile
from harness.report import output_file, student_text
from harness.report.formats.format import Format
from harness.report.formats.registry import formats
from harness.results.student import Student
from harness.subject import content_store as contents

_ALIKE: Final = "alike.txt"
_LONGEST: Final = 120  # bytes, of the 255 that a file's name may have


class ResultsFolder:
    """The files of one class, as its assignment lets students see them now.

    The chosen formats are written, and those that exist already: none becomes stale.
    """

    def __init__(self, out: Path, settings: AssignmentFile, chosen: Sequence[str] = ()) -> None:
        self.out = out
        self._feedback = settings.assignment.feedback
        self._name = settings.assignment.name
        self._chosen = frozenset(chosen)
        self._has_shared = False
        self._written: set[str] = set()
        self._grades: dict[str, list[Path]] = {}

    def write_student(self, student: Student) -> None:
        """Write the files of one student; raises UnwritableFile."""
        from harness.report.html import write_pages  # noqa: PLC0415  (what shows no page is quicker)

        (self.out / "students").mkdir(parents=True, exist_ok=True)
        self._write_shared()
        self._written.add(student.name)
        now = moment()
        text = student_text.as_text(student, self._feedback, now)
        output_file.write(self._of(student.name, "txt"), text)
        write_pages.write_student(self._of(student.name, "html"), student, self._feedback, now)
        for each in formats().values():
            if each.of_student and self._is_wanted(each, path := self._of(student.name, each.extension)):
                output_file.write(path, each.of_student(student, self._feedback, now))

    def write_class(
        self,
        students: Iterable[Student],
        *,
        only: Collection[str] | None = None,
        aside: Sequence[str] = (),
        alike: Sequence[str] | None = None,
    ) -> list[Student]:
        """Write the grade book, the class page, and the students' files: all, or those not written yet.

        `aside` is what was not a hand-in, each with the reason; `alike` says whose work is alike; None
        where that was not looked at again: then what was found before stands.

        Returns all students, abridged, since only one is held whole at a time. Raises as
        `write_student`.
        """
        from harness.report.html import class_page, site  # noqa: PLC0415  (see above)

        everybody = []
        for student in students:
            if student.name not in self._written and (only is None or student.name in only):
                self.write_student(student)
            everybody.append(student.abridged())
        self._write_shared()
        pages = {each.name: f"students/{quote(slug(each.name))}.html" for each in everybody}
        told = self._alike_before() if alike is None else alike
        page = class_page.page(everybody, pages, aside, told, self._name)
        site.write(self.out / "class.html", page)
        for each in formats().values():
            path = self.out / f"{each.class_file}.{each.extension}"
            if each.of_class and self._is_wanted(each, path):
                output_file.write(path, each.of_class(everybody))
        self._write_grades(everybody)
        output_file.write(self.out / "not-handed-in.txt", "".join(f"{each}\n" for each in aside))
        if alike is not None:
            output_file.write(self.out / _ALIKE, "".join(f"{each}\n" for each in alike))
        return everybody

    def _alike_before(self) -> list[str]:
        try:
            return (self.out / _ALIKE).read_text(encoding="utf-8").splitlines()
        except OSError:
            return []

    def gone_back(self) -> list[str]:
        """What was written for course systems to import, and where each takes it; or what is missing."""
        told = []
        for name, each in self._grades.items():
            goes_back = formats()[name].goes_back
            if goes_back and each:
                told.append(f"{', '.join(map(str, each))}: {goes_back.layout}, {goes_back.where}")
            elif goes_back:
                told.append(f"no grades for {goes_back.layout}: {goes_back.needs}")
        return told

    def _write_grades(self, students: Sequence[Student]) -> None:
        """Write the grades that systems import; a file without any student is removed."""
        for each in formats().values():
            path = self.out / f"{each.name}.{each.extension}"
            if each.goes_back is None or not self._is_wanted(each, path):
                continue
            text = each.goes_back.of_grades(students, self._name)
            self._grades[each.name] = [path] if text else []
            if not text:
                path.unlink(missing_ok=True)
                continue
            output_file.write(path, text)
            if each.goes_back.feedback_folders:
                archive = self.out / f"{each.name}-feedback.zip"
                output_file.write(archive, self._feedback_zip(students, each.goes_back.feedback_folders))
                self._grades[each.name].append(archive)

    def _feedback_zip(
        self, students: Sequence[Student], folders: Callable[[Student], Iterator[str]]
    ) -> bytes:
        """The reports of all students with a total, in folders as the system names them."""
        whole = io.BytesIO()
        with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
            for student in students:
                for folder in folders(student) if student.total is not None else ():
                    for suffix in ("txt", "html"):
                        if (report := self._of(student.name, suffix)).exists():
                            archive.write(report, f"{folder}/forkspec.{suffix}")
        return whole.getvalue()

    def remove_reports(self, names: Iterable[str]) -> None:
        """Remove the files of students whose names have changed."""
        suffixes = ["txt", "html", *(each.extension for each in formats().values() if each.of_student)]
        for name in names:
            for suffix in suffixes:
                self._of(name, suffix).unlink(missing_ok=True)

    def forget(self, names: Collection[str]) -> None:
        """Remove the files of these students, their appeals, and what an interrupted run has left."""
        self.remove_reports(names)
        for name in names:
            for file in self.out.glob(f"appeal-{glob.escape(slug(name))}-*.zip"):
                file.unlink()
        for left in (self.out / "students").glob(".*"):
            left.unlink()
        shutil.rmtree(self.out / "handed-in", ignore_errors=True)

    def evidence_of(self, student: str, requirement: str) -> Path:
        """A file name for the evidence of an appeal that no file has yet."""
        stem = f"appeal-{slug(student)}-{requirement.replace('/', '-')}"
        numbers = itertools.count(2)
        path = self.out / f"{stem}.zip"
        while path.exists():
            path = self.out / f"{stem}-{next(numbers)}.zip"
        return path

    def _of(self, name: str, suffix: str) -> Path:
        return self.out / "students" / f"{slug(name)}.{suffix}"

    def _is_wanted(self, format_: Format, path: Path) -> bool:
        return format_.is_always_written or format_.name in self._chosen or path.exists()

    def _write_shared(self) -> None:
        """Write once what all pages refer to."""
        from harness.report.html import write_pages  # noqa: PLC0415  (see above)

        if not self._has_shared:
            write_pages.write_shared(self.out, catalogue.every_requirement(), references.killers_of)
            self._has_shared = True


def slug(name: str) -> str:
    """A file name for a student, whatever the student's name."""
    plain = re.sub(r"[^\w.()@ -]", "_", name).strip(". ")
    short = plain.encode()[:_LONGEST].decode(errors="ignore")
    return short if short == name else f"{short or '_'}-{contents.digest(name)[:6]}"


def moment() -> str:
    """The time now in this machine's time zone; ISO 8601."""
    return dt.datetime.now().astimezone().replace(tzinfo=None).isoformat(timespec="seconds")
