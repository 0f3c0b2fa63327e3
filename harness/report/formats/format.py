"""Outputs: a name, an option, a file's extension, and functions that write it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from harness.results.compare_result import CompareResult
from harness.results.marking import Feedback
from harness.results.result import Result
from harness.results.student import Student

LAST: Final = 100
OfResults = Callable[[Sequence[Result]], str]
PagesOfResults = Callable[[Path, Sequence[Result]], None]
OfComparison = Callable[[CompareResult], str]
OfClass = Callable[[Sequence[Student]], str]
OfStudent = Callable[[Student, Feedback, str], str]
OfGrades = Callable[[Sequence[Student], str], str]


@dataclass(frozen=True, slots=True)
class Option:
    """An option of `check`, `judge`, `compare` that takes a file: its `flag` is "--junit"."""

    flag: str
    help: str
    metavar: str | None = None


@dataclass(frozen=True, slots=True)
class CourseSystem:
    """A course system that starts forkspec, and reads one file that has to be valid all the time.

    `with_result` gives its text from one student's result. `without_result` gives it where there is none
    yet, or none at all: it is told the reason. `broken_rules` names the system's written rules that a
    file breaks, one sentence each. `points_in` reads a valid file as a person does, "3 of 3"; "" where
    it publishes none.
    """

    with_result: OfStudent
    without_result: Callable[[str], str]
    broken_rules: Callable[[str], list[str]]
    points_in: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class GoesBack:
    """Grades that a course system imports.

    `of_grades` gives the text of the file from all students and the assignment's name there; "" where
    nobody can be told by the system's own ids, and then `needs` says what is missing. The file is
    written unasked for a class of that `layout` (see harness/cohort/layouts). `where` is the place in
    the system that takes it. `feedback_folders` names a student's folders in the archive of reports that
    the system takes, if it takes one.
    """

    layout: str
    of_grades: OfGrades
    where: str
    needs: str
    feedback_folders: Callable[[Student], Iterator[str]] | None = None


@dataclass(frozen=True, slots=True)
class Format:
    """One output. What is None, this format does not write.

    `of_results` gives the text for the option's file, from the results of `check` or `judge`, one for
    each subject and run. `pages_of_results` is for a format that is more than one file: it is given the
    path that the user named, and one result for each subject. `of_comparison` gives the text for the
    option's file of `compare`.
    `of_class` gives the text of a class's file, `NAME.extension` in its results, where NAME is
    `class_file`. `of_student` gives that of `students/STUDENT.extension`, as the student may see it at
    a moment (ISO 8601). Both are written where `--format` asks for it, or always. `goes_back` gives
    `NAME.extension` in the class's results, where NAME is the format's own.
    `says` is its line in the documents, `place` where it stands in them and in the command's help.
    """

    name: str
    extension: str
    says: str
    option: Option | None = None
    of_results: OfResults | None = None
    pages_of_results: PagesOfResults | None = None
    of_comparison: OfComparison | None = None
    of_class: OfClass | None = None
    class_file: str = "gradebook"
    of_student: OfStudent | None = None
    is_always_written: bool = False
    goes_back: GoesBack | None = None
    course_system: CourseSystem | None = None
    place: int = LAST

    @property
    def is_of_results(self) -> bool:
        """Whether `check` and `judge` can write it."""
        return any((self.of_results, self.pages_of_results))

    @property
    def is_for_a_class(self) -> bool:
        """Whether `--format` of `grade` and `rejudge` knows it."""
        return any((self.of_class, self.of_student, self.goes_back))
