"""What a class keeps for later: hand-ins as they were, who is who, appeals, another day's disk."""

from __future__ import annotations

import asyncio
import csv
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Final

import pytest

import harness
from harness.cell.cells import Cells
from harness.cohort import examine, roster
from harness.cohort.examine import ExamSettings, shelter
from harness.cohort.grade import Grading
from harness.cohort.packed_work import packed, target_of
from harness.cohort.pseudonyms import under_pseudonyms
from harness.cohort.results_folder import slug
from harness.cohort.roster import STORE, StudentWork
from harness.cohort.store import Store, StoreError
from harness.engine.assignment_file import AssignmentFile
from harness.engine.assignment_file import read as read_settings
from harness.record.recording import Kind
from harness.results.marking import Override
from harness.subject.places import cache, shipped
from tests.command import GUARD_S, run

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

pytestmark = pytest.mark.xdist_group("class")


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
        store.override("7", Override("style", 2, "neat"))
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
    names = [each.student for each in roster.read(tmp_path)]
    assert {"m?ller", "two lines"} <= set(names)
    assert all(len(slug(name).encode()) < 140 for name in names)
    who = tmp_path / "who.csv"
    assert under_pseudonyms(roster.read(tmp_path), who) == under_pseudonyms(roster.read(tmp_path), who)


def test_identical_hand_ins_are_examined_beside_each_other(tmp_path: Path) -> None:
    for student, number in (("ann", 1), ("ben", 2), ("cem", 3)):
        (tmp_path / f"{student}_{number}_50{number}_server.py").write_text("print('no server')\n")
    with (tmp_path / "eve_4_504_server.zip").open("wb") as file:
        file.truncate(65 << 20)
    with Store(tmp_path / "out") as store:
        grading = Grading(store, AssignmentFile())
        grading.run(roster.read(tmp_path), tmp_path / "out", lambda _: None)
        refused = {each.name: each.refused for each in store.students()}
    assert [refused[name] for name in ("ann", "ben", "cem")] == ["", "", ""]
    assert "more than 2000 files or 64 MiB" in refused["eve"]


def test_one_class_is_judged_on_the_same_grounds(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        store.observed_in({"bubblewrap"})
        store.observed_in({"bubblewrap"})
        with pytest.raises(StoreError, match=r"begun by forkspec .* in the bubblewrap cell, .* plain"):
            store.observed_in({"plain"})
        store.has_names(True)
        with pytest.raises(StoreError, match="begun with the names of students"):
            store.has_names(False)


def test_the_rubric_of_the_last_grade_counts(tmp_path: Path) -> None:
    rubric = tmp_path / "a.toml"
    rubric.write_text("[points]\nlecture = 10\n")
    with Store(tmp_path) as store:
        store.belongs_to("terms", read_settings(rubric))
        rubric.write_text("[points]\nlecture = 99\n")
        marking = store.settings.assignment.marking
        assert marking is not None
        assert [each.points for each in marking.awards] == [10]
        assert store.source == rubric


def test_pseudonyms_leave_no_name(tmp_path: Path) -> None:
    there = tmp_path / "in"
    (there / "Ada Lovelace").mkdir(parents=True)
    (there / "Ada Lovelace" / "a.c").write_text("")
    for name in ("Bob.c", "bob.zip"):
        (there / name).write_text("PK")
    who = tmp_path / "who.csv"
    given = under_pseudonyms(roster.read(there), who)
    told = repr([(each.student, list(each.files), each.identity, each.remarks) for each in given])
    assert "ada" not in told.lower()
    assert "bob" not in told.lower()
    assert who.stat().st_mode & 0o077 == 0
    with who.open() as file:
        rows = {row["student"]: row["pseudonym"] for row in csv.DictReader(file)}
    assert sorted(rows) == ["Ada Lovelace", "bob"]
    assert [each.student for each in under_pseudonyms(roster.read(there), who)] == sorted(rows.values())
    who.write_text("name,points\n")
    with pytest.raises(harness.HarnessError, match="no list of pseudonyms"):
        under_pseudonyms([], who)


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    there = tmp_path_factory.mktemp("appeal") / "in"
    there.mkdir()
    shutil.copyfile(shipped("servers") / "lecture" / "tcpserver2.cpp", there / "ada.cpp")
    (there / "bob").mkdir()
    (there / "bob" / "server.c").write_text("int main( {\n")
    return there


@pytest.fixture(scope="module")
def graded(handed_in: Path) -> Path:
    out = handed_in.parent / "out"
    who = handed_in.parent / "who.csv"
    done = run("grade", handed_in, "--out", out, "--pseudonyms", who)
    assert done.returncode == 0, done.stderr
    return out


def test_a_class_under_pseudonyms_holds_no_name(graded: Path) -> None:
    told = [path for path in graded.rglob("*") if path.suffix in {".csv", ".md", ".txt"}]
    said = [path.read_text(encoding="utf-8-sig") for path in told]
    assert len(said) >= 4
    assert not [text for text in said if re.search(r"\b(ada|bob)\b", text)]
    with Store(graded) as store:
        seen = repr([store.recordings(each.digest) for each in store.students()])
    assert "'ada" not in seen
    done = run("grade", graded.parent / "in", "--out", graded)
    assert done.returncode == 3
    assert "begun with the pseudonyms of students" in done.stderr


def test_an_appeal_repeats_what_was_judged_and_packs_it(graded: Path, tmp_path: Path) -> None:
    with Store(graded) as store:
        name = next(each.name for each in store.students() if each.level == 2)
    shutil.rmtree(graded.parent / "in")
    file = tmp_path / "evidence.zip"
    words: list[str | Path] = [
        "appeal",
        name,
        "--only",
        "reaping/sequential",
        "--repeat",
        "2",
        "--out",
        graded,
    ]
    done = run(*words, "--pack", file)
    assert done.returncode == 0, done.stderr
    assert "2 times again: FAIL 2: the same every time" in done.stdout
    with zipfile.ZipFile(file) as archive:
        names = set(archive.namelist())
        assert {"summary.txt", "then.jsonl", "again/02.jsonl", "handed-in.tar.gz"} <= names
        summary = archive.read("summary.txt").decode()
        assert "; the same build" in summary
        results = json.loads(archive.read("again/results.json"))
        (tmp_path / "then.jsonl").write_bytes(archive.read("then.jsonl"))
    assert len(results) == 2
    told = run("judge", tmp_path / "then.jsonl", "--only", "reaping/sequential").stdout
    assert "You fork a child per connection and reap none of them" in told
    odd = run("appeal", name, "--only", "client/reply", "--out", graded)
    assert odd.returncode == 3
    assert run("appeal", "nobody", "--only", "reaping/burst", "--out", graded).returncode == 3


def test_a_class_is_not_graded_where_others_could_be_reached(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def granted(terms: ExamSettings) -> str:
        with Cells("plain") as cells:
            return await shelter(cells, terms)

    monkeypatch.setattr(examine, "is_in_container", lambda: False)
    with pytest.raises(harness.HarnessError, match="only the plain cell is to be had here"):
        asyncio.run(granted(ExamSettings()))
    assert asyncio.run(granted(ExamSettings(forced=True))) == "plain"
    monkeypatch.setattr(examine, "is_in_container", lambda: True)
    assert asyncio.run(granted(ExamSettings())) == "plain"


FULL: Final = """\
mount -t tmpfs -o size=160k,mode=755 tmpfs "$1" || exit 99
"$2" -m harness.cli grade "$3" --out "$1"; echo "status $?"
mount -o remount,size=64m "$1"
"$2" -c 'import sys; from pathlib import Path; from harness.cohort.store import Store
with Store(Path(sys.argv[1])) as store: print("finished", len(store.students()))' "$1"
"$2" -m harness.cli grade "$3" --out "$1"; echo "status $?"
"""


@pytest.mark.skipif(os.getuid() != 0, reason="only root may mount a small disk")
def test_who_is_purged_leaves_nothing(graded: Path, tmp_path: Path) -> None:
    out = tmp_path / "old"
    shutil.copytree(graded, out)
    with Store(out) as store:
        names = [each.name for each in store.students()]
        builds = {
            str(event.detail["build"])
            for each in store.students()
            for role in store.recordings(each.digest) or []
            for recording in role
            for _, event in recording.all(Kind.STARTED)
        }
    (out / f"appeal-{names[0]}-reaping-burst.zip").write_bytes(b"PK")
    assert any((cache() / "builds" / build).exists() for build in builds)
    assert run("purge", "--before", "2999-01-01", "--out", out).returncode == 0
    assert not list((out / "students").iterdir())
    assert not list(out.glob("appeal-*"))
    assert not any((cache() / "builds" / build).exists() for build in builds)


def test_a_full_disk_is_told_and_nothing_is_lost(tmp_path: Path) -> None:
    here, small = tmp_path / "in", tmp_path / "small"
    here.mkdir()
    small.mkdir()
    for name in ("ada.cpp", "bob.cpp", "cyd.cpp"):
        shutil.copyfile(shipped("servers") / "lecture" / "tcpserver.cpp", here / name)
        with (here / name).open("a") as file:
            file.write(f"/* {name} */\n")
    words = ["unshare", "--mount", "sh", "-c", FULL, "sh", str(small), sys.executable, str(here)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=GUARD_S, check=False)
    if "status" not in done.stdout:
        pytest.skip(f"no mount here: {done.stderr}")
    first, _, rest = done.stdout.partition("status 3\n")
    finished, _, second = rest.partition("\n")
    assert "make room, and give the same command again" in done.stderr
    assert "Traceback" not in done.stderr
    assert first.count("] ") < 3
    assert finished == f"finished {3 - second.count('] ')}", "what was kept is not judged again"
    assert "3 students" in second
