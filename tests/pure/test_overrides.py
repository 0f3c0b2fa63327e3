"""Points given by hand: they settle what is pending, stay within the rubric, and can be taken back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import harness
from harness.cohort.store import Store
from harness.cohort.student_work import StudentWork
from harness.engine import catalogue
from harness.judge.verdict import inconclusive, passed
from harness.report.formats.registry import formats
from harness.results.marking import Award, Feedback, Marking, Marks, Override, mark
from harness.results.overriding import bounded
from harness.results.student import Student

REQUIREMENTS = catalogue.load().requirements
MARKING = Marking((Award("reply", 3, ("service/reply",)), Award("style", 2)))


def marks(*given: Override) -> Marks:
    verdicts = {each.id: passed("fine") for each in REQUIREMENTS}
    return mark(MARKING, REQUIREMENTS, verdicts | {"service/reply": inconclusive("busy")}, given)


def test_what_is_pending_is_settled_by_hand() -> None:
    assert not marks().is_published
    settled = marks(Override("reply", 2, "seen in the lab", sets=True))
    assert (settled.earned, settled.pending, settled.is_published) == (2, 0, True)
    by_requirement = marks(Override("service/reply", 3, "seen in the lab"))
    assert (by_requirement.earned, by_requirement.pending) == (3, 0)


def test_who_handed_in_nothing_gets_a_total() -> None:
    def student(*given: Override) -> Student:
        return Student("kim", {}, (), "nothing to run", (), marks(*given))

    assert student().total is None
    assert student(Override("total", 0, "an empty file", sets=True)).total == 0


def test_one_line_for_each_name() -> None:
    told = marks(Override("style", 1, "neat"), Override("style", 1, "tests"))
    assert told.overrides == (Override("style", 2, "neat; tests"),)
    assert told.earned == 2
    later = marks(Override("style", 1, "neat"), Override("style", 0, "copied", sets=True))
    assert [each.told for each in later.overrides] == ["=0"]


def test_nothing_of_two_has_not_passed() -> None:
    student = Student("kim", {}, (), "", (), marks(Override("style", 0, "none", sets=True)))
    write = formats()["classroom50"].of_student
    assert write
    tests = json.loads(write(student, Feedback(), "2027-01-01"))["tests"]
    assert [test["passed"] for test in tests] == [False, False]


@pytest.mark.parametrize(
    ("name", "points", "said"),
    [
        ("style", "+3", "there are 0 to 2 points"),
        ("style", "-1", "there are 0 to 2 points"),
        ("style", "two", "no points, such as"),
        ("total", "+1", "say what it is"),
        ("total", "=6", "there are 0 to 5 points"),
        ("reaping/burst", "=1", "is for a line of the rubric"),
        ("reaping/burst", "+9", "there are 0 to 5 points"),
    ],
)
def test_points_stay_within_the_rubric(name: str, points: str, said: str) -> None:
    with pytest.raises(harness.HarnessError, match=said):
        bounded(marks(), name, points, "why")


def test_what_was_given_can_be_taken_back(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        store.keep(StudentWork("Kim", {}, {"id": "7"}), "d", [], refused="", seconds=1)
        first, second = Override("style", 1, "neat"), Override("style", 2, "all", sets=True)
        store.override(("7", first))
        assert store.undo_override("7", "style")
        assert not store.undo_override("7", "style")
        store.override(("7", first), ("7", second))
        assert store.overrides("7") == [second]
