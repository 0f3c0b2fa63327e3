"""Pages where users look for them: the file they named, or the folder of a class."""

import re
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path

from harness.judge.requirement import Requirement
from harness.report import output_file
from harness.results.marking import Feedback
from harness.results.result import Result
from harness.results.student import Student

from . import requirement_pages, site, student_page

Killers = Callable[[str], Sequence[str]]


def write_shared(folder: Path, known: Sequence[Requirement], killers: Killers) -> None:
    """The script and the requirements' pages below a folder; raises UnwritableFile."""
    site.write_assets(folder)
    write_requirements(folder / "requirements", known, killers)


def write_requirements(folder: Path, known: Sequence[Requirement], killers: Killers) -> None:
    """The requirements' pages alone; raises as `write_shared`."""
    for name, text in requirement_pages.pages(known, killers).items():
        site.write(folder / name, text)


def write_results(path: Path, results: Sequence[Result]) -> None:
    """One result as the page `path`, several as an overview with pages; raises as `write_shared`."""
    if len(results) == 1:
        site.write(path, student_page.of_result(results[0]))
        return
    output_file.refuse_standard_output(path, "several servers make several pages; name a file")
    names = _names(path, results)
    for name, result in zip(names, results, strict=True):
        site.write(path.with_name(name), student_page.of_result(result))
    rows = [
        {
            "page": name,
            "subject": result.subject,
            "level": result.level_told,
            "means": result.level_means,
            "diagnosis": result.diagnosis.sentence,
            "tally": student_page.tally(result),
        }
        for name, result in zip(names, results, strict=True)
    ]
    site.write(path, site.render("several.html", rows=rows))


def write_student(path: Path, told: Student, feedback: Feedback, now: str) -> None:
    """The page of one student of a class; raises as `write_shared`."""
    site.write(path, student_page.of_student(told, feedback, now))


def _names(path: Path, results: Sequence[Result]) -> list[str]:
    """A file's name for each, none twice."""
    names: list[str] = []
    for result in results:
        plain = re.sub(r"[^\w.-]+", "-", result.subject).strip("-.") or "_"
        first = f"{path.stem}-{plain}"
        numbered = (f"{first}-{number}{path.suffix}" for number in count(2))
        name = f"{first}{path.suffix}"
        names.append(name if name not in names else next(n for n in numbered if n not in names))
    return names
