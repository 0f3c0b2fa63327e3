"""What a class keeps: hand-ins as they were, the students, the grounds on which they are judged."""

from __future__ import annotations

import csv
import os
import sqlite3
from pathlib import Path
from typing import Final

import pytest

import harness
from harness.cohort import roster
from harness.cohort.packed_work import packed, target_of
from harness.cohort.pseudonyms import under_pseudonyms
from harness.cohort.results_folder import slug
from harness.cohort.store import Store
from harness.cohort.store_file import StoreError
from harness.cohort.student_work import STORE, StudentWork
from harness.engine.assignment_file import read as read_settings
from harness.results.marking import Override

VERSION_1: Final = """
create table meta (key text primary key, value text not null);
create table recorded (digest text primary key, forkspec text not null, data blob not null);
create table student (
    name text primary key, identity text not null, remarks text not null, digest text not null,
    refused text not null, seconds real not null, at text not null,
    earned real, total real, level integer
);
create table override (
    number integer primary key, student text not null, name text not null, points real not null,
    reason text not null, at text not null
);
insert into student values ('Kim', '{"id": "7"}', '["late"]', 'd', '', 1, '2026-01-01', 2, 3, 2);
insert into override values (1, 'Kim', 'style', 2, 'neat', '2026-01-02');
pragma user_version = 1;
"""


def test_a_parcel_holds_what_was_handed_in(tmp_path: Path) -> None:
    (tmp_path / "kim" / "src").mkdir(parents=True)
    (tmp_path / "kim" / "src" / "a.c").write_text("int main(void) { return 0; }\n")
    (tmp_path / "kim" / "run.sh").write_text("#!/bin/sh\n")
    (tmp_path / "kim" / "run.sh").chmod(0o700)
    (tmp_path / "kim" / ".git").mkdir()
    parcel = packed(StudentWork("Kim", {"kim": tmp_path / "kim"}))
    assert parcel == packed(StudentWork("Kim", {"kim": tmp_path / "kim"}))
    kim = Path(target_of(parcel, tmp_path / "again"))
    files = sorted(path.relative_to(kim).as_posix() for path in kim.rglob("*") if path.is_file())
    assert files == ["run.sh", "src/a.c"]
    assert os.access(kim / "run.sh", os.X_OK)
    (tmp_path / "lee").mkdir()
    lee = target_of(packed(StudentWork("Lee", {"lee": tmp_path / "lee"})), tmp_path / "nothing")
    assert Path(lee).name == "lee"
    (tmp_path / "kim" / "src" / "a.c").chmod(0o755)
    assert packed(StudentWork("Kim", {"kim": tmp_path / "kim"})).digest != parcel.digest


def test_a_store_of_the_first_version_is_brought_up_to_date(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / STORE).executescript(VERSION_1)
    with Store(tmp_path) as store:
        (kim,) = store.students()
        assert (kim.key, kim.name, kim.remarks, kim.total) == ("7", "Kim", ("late",), 3)
        assert store.overrides("7") == [Override("style", 2, "neat")]


def test_a_student_may_be_called_otherwise_later(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        first = StudentWork("Kim", {}, {"id": "7"})
        store.keep(first, "d", [], refused="", seconds=1)
        store.override(("7", Override("style", 2, "neat")))
        store.recognise(StudentWork("Kim (7)", {}, {"id": "7"}, remarks=("late",)))
        (kim,) = store.students()
        assert (kim.name, kim.remarks) == ("Kim (7)", ("late",))
        assert store.overrides(kim.key) == [Override("style", 2, "neat")]
        store.keep(StudentWork("Kim", {}, {"id": "7"}), "e", [], refused="", seconds=1)
        assert [each.name for each in store.students()] == ["Kim"]


def test_two_of_one_name_are_told_apart_across_runs(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        store.keep(StudentWork("Alex Kim", {}, {"id": "101"}), "d", [], refused="", seconds=1)
        (second,) = store.names_apart([StudentWork("Alex Kim", {}, {"id": "102"})])
        assert second.student == "Alex Kim (102)"
        assert [each.name for each in store.students()] == ["Alex Kim (101)"]
        (alone,) = store.names_apart([StudentWork("Eve", {}, {"id": "103"})])
        assert alone.student == "Eve"


def test_a_refusal_takes_nothing_away(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        kim = StudentWork("Kim", {}, {"id": "7"})
        store.keep(kim, "d", [], refused="", seconds=1)
        store.keep(kim, "d", [], refused="our own fault", seconds=1)
        assert [each.refused for each in store.students()] == [""]
        store.keep(kim, "e", [], refused="nothing to run", seconds=1)
        assert [each.refused for each in store.students()] == ["nothing to run"]


def test_only_one_may_grade_at_a_time(tmp_path: Path) -> None:
    with Store(tmp_path, alone=True):
        with pytest.raises(StoreError, match="another forkspec is at work there"):
            Store(tmp_path, alone=True)
        Store(tmp_path).__exit__()


def test_odd_names_become_legible(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"m\xfcller")).mkdir()
    (tmp_path / "two\u2028lines.c").write_text("")
    (tmp_path / ("x" * 240)).mkdir()
    names = [each.student for each in roster.read(tmp_path).students]
    assert {"m?ller", "two lines"} <= set(names)
    assert all(len(slug(name).encode()) < 140 for name in names)
    who = tmp_path / "who.csv"
    assert under_pseudonyms(roster.read(tmp_path).students, who) == under_pseudonyms(
        roster.read(tmp_path).students, who
    )


def test_one_class_is_judged_on_the_same_grounds(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        store.grounds.observed_in({"bubblewrap"})
        store.grounds.observed_in({"bubblewrap"})
        with pytest.raises(StoreError, match=r"begun by forkspec .* in the bubblewrap cell, .* plain"):
            store.grounds.observed_in({"plain"})
        store.grounds.has_names(True)
        with pytest.raises(StoreError, match="begun with the names of students"):
            store.grounds.has_names(False)


def test_the_rubric_of_the_last_grade_counts(tmp_path: Path) -> None:
    rubric = tmp_path / "a.toml"
    rubric.write_text("[points]\nlecture = 10\n")
    with Store(tmp_path) as store:
        store.grounds.belongs_to("terms", read_settings(rubric))
        rubric.write_text("[points]\nlecture = 99\n")
        marking = store.grounds.settings.assignment.marking
        assert marking is not None
        assert [each.points for each in marking.awards] == [10]
        assert store.grounds.source == rubric


def test_pseudonyms_leave_no_name(tmp_path: Path) -> None:
    there = tmp_path / "in"
    (there / "Ada Lovelace").mkdir(parents=True)
    (there / "Ada Lovelace" / "a.c").write_text("")
    for name in ("Bob.c", "bob.zip"):
        (there / name).write_text("PK")
    who = tmp_path / "who.csv"
    given = under_pseudonyms(roster.read(there).students, who)
    told = repr([(each.student, list(each.files), each.identity, each.remarks) for each in given])
    assert "ada" not in told.lower()
    assert "bob" not in told.lower()
    assert who.stat().st_mode & 0o077 == 0
    with who.open() as file:
        rows = {row["student"]: row["pseudonym"] for row in csv.DictReader(file)}
    assert sorted(rows) == ["Ada Lovelace", "bob"]
    assert [each.student for each in under_pseudonyms(roster.read(there).students, who)] == sorted(
        rows.values()
    )
    who.write_text("name,points\n")
    with pytest.raises(harness.HarnessError, match="no list of pseudonyms"):
        under_pseudonyms([], who)
