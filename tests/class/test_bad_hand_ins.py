"""Odd hand-ins: each belongs to a student, or is refused with one clear sentence; nothing is lost."""

from __future__ import annotations

import os
import shutil
import unicodedata
from pathlib import Path
from typing import Final

import pytest

import harness
from harness.cohort import class_list, roster
from harness.cohort.examine import why_refused
from harness.cohort.grade import Grading, without_folder
from harness.cohort.packed_work import packed, target_of
from harness.cohort.results_folder import ResultsFolder, slug
from harness.cohort.store import Store
from harness.cohort.student_work import StudentWork
from harness.engine.assignment_file import AssignmentFile
from harness.subject.folder import MOST_FILES, UnusableTarget, work_in
from harness.subject.packed_folder import opened
from harness.subject.submission import recognise

from .exports_of_systems import SYSTEMS, Person
from .packing import tarred, zipped

MAIN: Final = b"int main(void) { return 0; }\n"
C: Final = {"server.c": MAIN}
LONG: Final = "ä" * 150  # 300 bytes, more than a file's name may have here
NAMES: Final = {
    "NFD": unicodedata.normalize("NFD", "Zoë Müller"),
    "right to left": "دانا سمير",
    "a newline": "Ada\nLovelace",
    "a tab": "Ada\tLovelace",
    "turned around": "Ada \u202eecalevoL",
    "an option": "-rf",
    "a home": "~root",
    "a command": "$(id)",
    "quotes": "'Ada' \"L\"",
    "no UTF-8": os.fsdecode(b"Ad\xe4"),
    "as long as can be": "a" * 255,
    "as long as can be, in UTF-8": "é" * 127,
}


@pytest.mark.parametrize("kind", NAMES)
def test_a_student_may_be_called_anything(tmp_path: Path, kind: str) -> None:
    for name in (NAMES[kind], "Grace Hopper"):
        (tmp_path / "class" / name).mkdir(parents=True)
        (tmp_path / "class" / name / "server.c").write_bytes(MAIN)
    found = roster.read(tmp_path / "class")
    assert len(found.students) == 2
    assert not found.aside
    out, written = tmp_path / "out", []
    with Store(out) as store:
        for each in found.students:
            assert each.student.isprintable()
            assert recognise(target_of(packed(each), tmp_path / slug(each.student)))
            store.keep(each, each.student, [], refused="", seconds=1)
        results = ResultsFolder(out, AssignmentFile())
        written = results.write_class(Grading(store, AssignmentFile()).everybody())
        for each in found.students:
            assert store.student(each.student) is not None
    assert len(list((out / "students").glob("*.txt"))) == len(written) == 2


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_a_name_that_no_file_can_have_here_is_shortened(tmp_path: Path, pack: type) -> None:
    (tmp_path / "class.zip").write_bytes(pack({f"{LONG}.c": MAIN, "grace.c": MAIN}))
    with roster.opened(tmp_path / "class.zip") as folder:
        found = roster.read(folder).students
        assert len(found) == 2
        assert all(each.first.read_bytes() == MAIN for each in found)


@pytest.mark.parametrize("depth", [1, 2, 3, 4])
def test_an_archive_in_an_archive_in_an_archive(tmp_path: Path, depth: int) -> None:
    data = zipped(C)
    for level in range(1, depth):
        data = zipped({f"level{level}/work{level}.zip": data})
    (tmp_path / "ada").mkdir()
    (tmp_path / "ada" / "work.zip").write_bytes(data)
    assert [str(each) for each in work_in(opened(tmp_path / "ada")).files] == ["server.c"]


def test_files_are_counted_and_the_limit_is_told(tmp_path: Path) -> None:
    for number in range(MOST_FILES - 1):
        (tmp_path / f"{number}.txt").touch()
    (tmp_path / "server.c").write_bytes(MAIN)
    assert len(work_in(tmp_path).files) == MOST_FILES
    (tmp_path / "one-more.txt").touch()
    with pytest.raises(UnusableTarget, match="more than 2000 files") as told:
        work_in(tmp_path)
    assert "\n" not in str(told.value)
    (tmp_path / "one-more.txt").unlink()
    shutil.copytree(tmp_path, tmp_path / "node_modules" / "left-pad")
    assert work_in(tmp_path).files, "others' packages do not count"


@pytest.mark.parametrize("system", ["canvas", "moodle", "brightspace"])
def test_two_courses_in_one_folder_are_read_both(tmp_path: Path, system: str) -> None:
    people = {
        "monday": [Person("Ada Lovelace", 40712, (C,)), Person("Grace Hopper", 40713, (C,))],
        "friday": [Person("Alan Turing", 40714, (C,)), Person("Edsger Dijkstra", 40715, (C,))],
    }
    for course, who in people.items():
        for name, data in SYSTEMS[system](who).entries.items():
            (tmp_path / course / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / course / name).write_bytes(data)
    found = roster.read(tmp_path)
    assert len(found.students) == 4
    assert not [each for each in found.students if each.refused]


def test_who_is_in_two_courses_is_one_student_and_it_is_said(tmp_path: Path) -> None:
    for course, number in (("monday", 40713), ("friday", 40714)):
        people = [Person("Ada Lovelace", 40712, (C,)), Person("Grace Hopper", number, (C,))]
        for name, data in SYSTEMS["moodle"](people).entries.items():
            (tmp_path / course / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / course / name).write_bytes(data)
    found = roster.read(tmp_path)
    assert sorted(each.key for each in found.students) == ["40712", "40713", "40714"]
    (ada,) = (each for each in found.students if each.key == "40712")
    assert "handed in 2 times" in ada.remarks[0]


def test_a_class_list_with_other_ids_goes_by_names(tmp_path: Path) -> None:
    people = [Person("Ada Lovelace", 40712, (C,)), Person("Grace Hopper", 40713, (C,))]
    for name, data in SYSTEMS["canvas"](people).entries.items():
        (tmp_path / name).write_bytes(data)
    students, file = roster.read(tmp_path).students, tmp_path / "list.csv"
    file.write_text("name,id\nAda Lovelace,s1\nHopper Grace,s2\nAlan Turing,s3\n")
    told = class_list.compared(students, class_list.read(file), file)
    assert (told.missing, told.unlisted) == (("Alan Turing",), ())
    file.write_text("id\ns1\ns2\n")
    with pytest.raises(harness.HarnessError, match="one with other ids and names") as refused:
        class_list.compared(students, class_list.read(file), file)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.zip", b"I could not finish\n", "its name ends in .zip, and it is no archive"),
        ("a.zip", zipped({"server.c": MAIN * 500})[:100], "it is cut off or damaged"),
        ("a.tar.gz", tarred(C)[:40], "it is cut off or damaged"),
        ("a.zip", b"", "the file is empty"),
        ("a.tar", b"hello", "its name ends in .tar, and it is no archive"),
    ],
    ids=["no zip", "half a zip", "half a tar.gz", "empty", "no tar"],  # an archive's bytes tell the time
)
def test_a_broken_archive_is_one_sentence_and_keeps_the_others(
    tmp_path: Path, name: str, data: bytes, said: str
) -> None:
    (tmp_path / "ada").mkdir()
    (tmp_path / "ada" / name).write_bytes(data)
    with pytest.raises(UnusableTarget) as told:
        recognise(str(tmp_path / "ada"))
    assert said in str(told.value)
    assert "\n" not in str(told.value)
    (tmp_path / "grace.c").write_bytes(MAIN)
    assert [each.student for each in roster.read(tmp_path).students] == ["ada", "grace"]


def test_a_reason_names_no_place_of_this_machine(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"no")
    with pytest.raises(UnusableTarget) as told:
        recognise(str(tmp_path / "a.zip"))
    assert str(tmp_path) not in why_refused(told.value, StudentWork("ada", {}).student)


@pytest.mark.parametrize("head", [b"PK\x03\x04", b"\xd0\xcf\x11\xe0"], ids=["xlsx", "xls"])
def test_a_workbook_is_no_class_list_and_it_is_said_why(tmp_path: Path, head: bytes) -> None:
    (tmp_path / "list.xlsx").write_bytes(head + b"\x14\0" * 40)
    with pytest.raises(harness.HarnessError, match="a workbook of a spreadsheet: save it as CSV"):
        class_list.read(tmp_path / "list.xlsx")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_table_is_read_as_spreadsheets_write_it(tmp_path: Path, encoding: str, delimiter: str) -> None:
    rows = [["student", "style"], ["Zoë", "1.5"]]
    text = "\r\n".join(delimiter.join(row) for row in rows)
    (tmp_path / "marks.csv").write_bytes(text.encode(encoding))
    assert class_list.rows_of(tmp_path / "marks.csv") == rows


@pytest.mark.parametrize("system", ["moodle", "brightspace"])
def test_a_reason_says_nothing_of_the_folder_that_a_system_made(tmp_path: Path, system: str) -> None:
    people = [Person("Ada Lovelace", 40712, ({"a.url": b"x"},)), Person("Bob B", 40713, ({"b.c": b""},))]
    for name, data in SYSTEMS[system](people).entries.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    (ada,) = (each for each in roster.read(tmp_path).students if each.student == "Ada Lovelace")
    assert without_folder(f"{ada.first.name}: nothing to run", ada) == "nothing to run"
    assert without_folder("a.rar: no tool", ada) == "a.rar: no tool"


def test_results_in_a_file_are_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("words")
    with pytest.raises(harness.HarnessError, match="results need a folder, and this is a file"):
        Store(tmp_path / "a.toml")
