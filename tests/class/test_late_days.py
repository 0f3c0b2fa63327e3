"""Late days, marks from a file, and students who handed in nothing: without a run."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import Final

import pytest

import harness
from harness.cohort import class_list, roster
from harness.cohort.grade import Grading
from harness.cohort.store import Store
from harness.cohort.student_work import StudentWork
from harness.engine.assignment_file import AssignmentFile, UnusableAssignment, of_text
from harness.results.lateness import HandedIn, Late, lateness
from harness.results.marking import Award, Marking, Marks, Override, mark
from harness.results.overriding import bounded
from tests.command import run_here

from .exports_of_systems import Person, blackboard, brightspace, canvas, gradescope, moodle

LATE: Final = Late("2026-11-02T00:00:00", 1, 10, 25)
C: Final = {"server.c": b"int main(void) { return 0; }\n"}
STYLE: Final = '[[award]]\nname = "style"\npoints = 2\n[[award]]\nname = "report"\npoints = 3\n'


def local(day: int, hour: int = 0) -> dt.datetime:
    return dt.datetime(2026, 11, day, hour)  # noqa: DTZ001  (this machine's time, as in a name)


def at(day: int, hour: int = 0) -> str:
    return local(day, hour).isoformat(timespec="seconds")


@pytest.mark.parametrize(
    ("when", "days", "percent"),
    [
        (at(1, 23), None, 0),
        (at(2), None, 0),
        (at(2, 1), 1, 0),
        (at(3), 1, 0),
        (at(3, 1), 2, 10),
        (at(4, 1), 3, 20),
        (at(9), 7, 25),
    ],
)
def test_each_day_begun_costs_after_the_free_ones(when: str, days: int | None, percent: float) -> None:
    found = lateness(LATE, HandedIn(when, "Blackboard"))
    assert (found.days if found else None) == days
    assert (found.percent if found else 0) == percent
    if found:
        assert when.replace("T", " ")[:16] in found.told
        assert "by Blackboard" in found.told


def test_a_mark_without_a_time_is_heeded_and_files_are_called_files() -> None:
    assert lateness(LATE, HandedIn(at(9), "Canvas", is_late=False)) is None
    marked = lateness(LATE, HandedIn(at(1), "Canvas", is_late=True))
    assert marked is not None
    assert marked.days == 1
    assert "late by Canvas, and how late by the newest file" in marked.told
    by_file = lateness(LATE, HandedIn(at(5)))
    assert by_file is not None
    assert "the time of the newest file, since no system tells it" in by_file.told
    assert lateness(LATE, HandedIn()) is None
    assert lateness(None, HandedIn(at(9))) is None


def points(*given: Override, days: int = 0) -> Marks:
    late = lateness(LATE, HandedIn(at(2 + days, 1))) if days else None
    return mark(Marking((Award("style", 10),)), [], {}, given, late=late)


def test_late_days_cost_a_part_of_what_was_earned() -> None:
    eight = Override("style", 8, "fine", sets=True)
    assert points(eight).earned == 8
    assert points(eight, days=2).earned == pytest.approx(6.4)
    assert points(eight, Override("total", 7, "agreed", sets=True), days=2).earned == 7


def test_a_person_says_how_many_days_it_was() -> None:
    waived = bounded(points(), "late", "=0", "ill")
    assert lateness(LATE, HandedIn(at(9)), waived.points) is None
    found = lateness(LATE, HandedIn(at(1)), bounded(points(), "late", "=2", "by mail").points)
    assert found is not None
    assert (found.days, found.percent) == (2, 10)
    for odd in ("+1", "=1.5", "-1"):
        with pytest.raises(harness.HarnessError, match="say how many days"):
            bounded(points(), "late", odd, "why")


@pytest.mark.parametrize(
    ("export", "by", "day"),
    [
        (canvas, "Canvas", 3),
        (moodle, "", 3),
        (blackboard, "Blackboard", 2),
        (brightspace, "Brightspace", 2),
        (gradescope, "Gradescope", 1),
    ],
)
def test_the_time_is_the_systems_where_it_tells_one(
    export: type, by: str, day: int, tmp_path: Path
) -> None:
    people = [Person("Ada Lovelace", 40712, (C, C)), Person("Grace Hopper", 40713, (C,))]
    for name, data in export(people).entries.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
        os.utime(tmp_path / name, (local(3, 10).timestamp(),) * 2)
    ada = next(each for each in roster.read(tmp_path).students if "ada" in each.student.casefold())
    assert ada.when_by == by
    assert ada.when
    assert local(day).timestamp() < ada.when < local(day + 1).timestamp()


def test_a_class_is_graded_with_late_days_and_who_handed_in_nothing(tmp_path: Path) -> None:
    work = [
        StudentWork("ada", {}, {"id": "1"}, local(4, 1).timestamp(), when_by="Moodle"),
        StudentWork("bob", {}, {"id": "2"}, refused=class_list.NOTHING),
        StudentWork("cleo", {}, {"id": "3"}, refused="nothing to run"),
    ]
    rubric = "missing_is_zero = true\n[late]\ndeadline = 2026-11-01\npercent_per_day = 10\n" + STYLE
    settings = of_text(rubric, "a.toml")
    with Store(tmp_path) as store:
        for each in work:
            store.keep(each, each.student, [], refused=each.refused, seconds=1)
            store.override((each.key, Override("style", 2, "neat", sets=True)))
        ada, bob, cleo = Grading(store, settings).everybody()
        assert ada.total == pytest.approx(2 * 0.7)
        assert ada.remarks == ("3 days late (2026-11-04 01:00, by Moodle): 30 % less",)
        assert (bob.total, cleo.total) == (0, None)
        store.override(("1", Override("late", 0, "ill", sets=True)))
        store.override(("2", Override("total", 1, "by mail", sets=True)))
        ada, bob, _ = Grading(store, settings).everybody()
        assert (ada.total, ada.remarks, bob.total) == (2, (), 1)
        _, bob, _ = Grading(store, AssignmentFile()).everybody()
        assert bob.total == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[late]\nfree_days = 2", "a.toml:1: [late] deadline: there is none"),
        ('[late]\ndeadline = "Monday"', "a.toml:2: [late] deadline: 'Monday' is no date"),
        (
            "[late]\ndeadline = 2026-11-01\npercent_per_day = 110",
            "percent_per_day: 110 is not from 0 to 100",
        ),
        ("[late]\ndeadline = 2026-11-01\nfree_days = -1", "free_days: -1 is not from 0"),
    ],
)
def test_settings_that_cannot_be_meant_are_told(text: str, said: str) -> None:
    with pytest.raises(UnusableAssignment) as told:
        of_text(text, "a.toml")
    assert said in str(told.value)


@pytest.fixture
def graded(tmp_path: Path) -> Path:
    """Two students whose style and report a person marks."""
    out = tmp_path / "results"
    with Store(out) as store:
        settings = of_text(STYLE, "")
        store.grounds.belongs_to(Grading(store, settings).terms, settings)
        for name in ("Zoë", "Bob"):
            store.keep(StudentWork(name, {}), name, [], refused="", seconds=1)
    return out


def totals(out: Path) -> dict[str, float | None]:
    with Store(out, new=False) as store:
        return {each.name: each.total for each in Grading(store, store.grounds.settings).everybody()}


def test_the_marks_of_a_class_come_from_a_file(graded: Path, tmp_path: Path) -> None:
    file = tmp_path / "hand.csv"
    file.write_text("\ufeffstudent,style,report\nzoë,1.5,\nBob,2,3\n\n", encoding="utf-8")
    done = run_here("marks", file, "--out", graded)
    assert (done.returncode, done.stderr) == (0, "")
    assert "3 marks of 2 students" in done.stdout
    assert totals(graded) == {"Zoë": 1.5, "Bob": 5}
    assert "from hand.csv" in (graded / "students" / "Bob.txt").read_text(encoding="utf-8")
    file.write_text("student,style\nBob,1\n", encoding="utf-8")
    assert run_here("marks", file, "--out", graded).returncode == 0
    assert totals(graded)["Bob"] == 4
    assert run_here("override", "Bob", "style", "--undo", "--out", graded).returncode == 0
    assert totals(graded)["Bob"] == 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name,style\nBob,1\n", "the first column is not 'student'"),
        ("student,style\nBob,3\n", "Bob: style: there are 0 to 2 points by the rubric, and not 3"),
        ("student,style\nZoë,2\nBob,two\n", "Bob: '=two': no points, such as"),
        ("student,style\nZoë,2\nBbo,1\n", "Bbo: nobody of that name has handed in; did you mean 'Bob'?"),
        ("student,stile\nZoë,2\n", "Zoë: stile: '=' is for a line of the rubric"),
        ("", "the first column is not 'student'"),
    ],
)
def test_all_marks_of_a_file_are_given_or_none(
    text: str, said: str, graded: Path, tmp_path: Path
) -> None:
    (tmp_path / "hand.csv").write_text(text, encoding="utf-8")
    done = run_here("marks", tmp_path / "hand.csv", "--out", graded)
    assert done.returncode == 3
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert totals(graded) == {"Zoë": 0, "Bob": 0}


def test_the_store_keeps_when_it_was_handed_in(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        moment = local(4, 1).timestamp()
        work = StudentWork("ada", {}, {"id": "1"}, moment, remarks=("late",), when_by="Canvas")
        store.keep(work, "d", [], refused="", seconds=1)
        assert store.of_key("1").handed_in == HandedIn("2026-11-04T01:00:00", "Canvas", is_late=True)


@pytest.mark.parametrize(("year", "asks"), [(2020, True), (2099, False)])
def test_a_class_that_was_copied_without_its_times_is_asked_about(
    tmp_path: Path, year: int, *, asks: bool
) -> None:
    for name in ("ada", "grace"):
        (tmp_path / "class" / name).mkdir(parents=True)
        (tmp_path / "class" / name / "words.txt").write_text("no program\n")
    (tmp_path / "a.toml").write_text(f"[late]\ndeadline = {year}-01-31\npercent_per_day = 10\n")
    words = ["--assignment", tmp_path / "a.toml", "--out", tmp_path / "out"]
    done = run_here("grade", tmp_path / "class", *words)
    assert done.returncode == 0
    assert ("2 of 2 are late by the times of their files" in done.stdout) is asks
