"""Grades as course systems import them: read again here by each importer's own written rules."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest

from harness.cohort import class_list, roster
from harness.cohort.results_folder import ResultsFolder
from harness.cohort.student_work import StudentWork
from harness.engine.assignment_file import AssignmentFile
from harness.engine.assignment_file import of_text as settings_of
from harness.report.formats.registry import formats, of_systems
from harness.results.marking import Award, Marking, Override, mark
from harness.results.student import Student

from .exports_of_systems import SYSTEMS, Person

C: Final = {"server.c": b"int main(void) { return 0; }\n"}
PEOPLE: Final = [
    Person("Ada Lovelace", 40712, (C,), login="ada_l"),
    Person("=Grace O'Hopper", 40713, (C,), login="ghopper"),
    Person("Jörg Groß", 40811, (C,), login="jg-2"),
]
LISTS: Final = {
    "canvas": "Student,ID,SIS User ID,SIS Login ID,Section\r\n    Points Possible,,,,\r\n"
    '"Lovelace, Ada",40712,S1,ada,A\r\n"Groß, Jörg",40811,S3,jg,B\r\n'
    '"Hamilton, Margaret",40999,S4,mh,A\r\n',
    "moodle": "Identifier,Full name,ID number,Grade\r\nParticipant 40712,Ada Lovelace,77,\r\n"
    "Participant 40999,Margaret Hamilton,88,\r\n",
    "brightspace": "OrgDefinedId,Username,Last Name,First Name,End-of-Line Indicator\r\n"
    "#2006,#ada,Lovelace,Ada,#\r\n#2007,#jg,Groß,Jörg,#\r\n#2008,#mh,Hamilton,Margaret,#\r\n",
    "blackboard": '"Last Name","First Name","Username"\r\n"Lovelace","Ada","ada_l"\r\n'
    '"Hamilton","Margaret","mh"\r\n',
}


@pytest.fixture
def work(request: pytest.FixtureRequest, tmp_path: Path) -> list[StudentWork]:
    """A class as its system exports it, with its list: who is on that alone has handed in nothing."""
    folder = tmp_path / "class"
    for name, data in SYSTEMS[request.param](PEOPLE).entries.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    handed_in = roster.read(folder)
    assert of_systems(handed_in.systems) == [request.param]
    file = tmp_path / "list.csv"
    file.write_text(LISTS[request.param], encoding="utf-8", newline="")
    return list(class_list.compared(handed_in.students, class_list.read(file), file).students)


def marked(work: Sequence[StudentWork], points: float | None = 12.345) -> list[Student]:
    given = () if points is None else (Override("total", points, "seen", sets=True),)
    marks = mark(Marking((Award("style", 18),)), [], {}, given)
    return [
        Student(each.student, each.identity, (), each.refused, (), marks, each.partners) for each in work
    ]


def written(
    out: Path, system: str, work: Sequence[StudentWork], settings: AssignmentFile | None = None
) -> list[dict[str, str]]:
    (out / "students").mkdir(parents=True, exist_ok=True)
    folder = ResultsFolder(out, settings or AssignmentFile(), [system])
    folder.write_class(marked(work))
    text = (out / f"{system}.csv").read_bytes().decode()
    assert "\ufeff" not in text
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("work", ["canvas"], indirect=True)
def test_canvas_finds_everybody_by_the_number_under_id(work: list[StudentWork], tmp_path: Path) -> None:
    settings = settings_of('name = "Week 3 (4711)"\n', "a.toml")
    first, *rows = written(tmp_path, "canvas", work, settings)
    head = list(first)
    assert "Student" in head[0]
    assert "ID" in head[1]
    assert re.search(r"SIS\s+User\s+ID", head[2])
    assert re.search(r"SIS\s+Login\s+ID", head[3])
    assert "Section" in head[4]
    assert head[5:] == ["Week 3 (4711)"]
    assert ("Points Possible" in first["Student"], first["Week 3 (4711)"]) == (True, "18")
    assert {row["ID"]: row["Week 3 (4711)"] for row in rows} == dict.fromkeys(
        ["40712", "40713", "40811", "40999"], "12.35"
    )
    assert rows[-1]["Student"] == "Hamilton, Margaret"
    assert not [row for row in rows if row["Student"].startswith("=")]


@pytest.mark.parametrize("work", ["moodle"], indirect=True)
def test_moodle_finds_everybody_by_the_participant(work: list[StudentWork], tmp_path: Path) -> None:
    rows = written(tmp_path, "moodle", work)
    found = {row["Identifier"][len("Participant ") :]: row["Grade"] for row in rows}
    assert found == dict.fromkeys(["40712", "40713", "40811", "40999"], "12.35")
    assert {row["Last modified (grade)"] for row in rows} == {"-"}
    with zipfile.ZipFile(tmp_path / "moodle-feedback.zip") as archive:
        names = archive.namelist()
    assert len(names) == 8
    for name in names:
        folder, file = name.split("/")
        _, number, *plugin = folder.split("_", 4)
        assert number in found
        assert plugin == ["assignfeedback", "file"]
        assert file in {"forkspec.txt", "forkspec.html"}


@pytest.mark.parametrize("work", ["brightspace"], indirect=True)
def test_brightspace_finds_everybody_by_the_class_list(work: list[StudentWork], tmp_path: Path) -> None:
    rows = written(tmp_path, "brightspace", work, settings_of('name = "Week 3"\n', "a.toml"))
    assert [*rows[0]] == ["OrgDefinedId", "Username", "Week 3 Points Grade", "End-of-Line Indicator"]
    assert {(row["OrgDefinedId"], row["Username"]) for row in rows} == {
        ("#2006", "#ada"),
        ("#2007", "#jg"),
        ("#2008", "#mh"),
    }
    assert {row["Week 3 Points Grade"] for row in rows} == {"12.35"}
    assert {row["End-of-Line Indicator"] for row in rows} == {"#"}


@pytest.mark.parametrize("work", ["blackboard"], indirect=True)
def test_blackboard_finds_everybody_by_the_user_name(work: list[StudentWork], tmp_path: Path) -> None:
    column = "Week 3 [Total Pts: 18 Score] |1234567"
    rows = written(tmp_path, "blackboard", work, settings_of(f'name = "{column}"\n', "a.toml"))
    assert {row["Username"]: row[column] for row in rows} == dict.fromkeys(
        ["ada_l", "ghopper", "jg-2", "mh"], "12.35"
    )
    text = (tmp_path / "blackboard.csv").read_text(encoding="utf-8")
    assert all(re.fullmatch(r'"[^"]*"(,"[^"]*")*', line) for line in text.splitlines())


@pytest.mark.parametrize("system", ["canvas", "moodle", "brightspace", "blackboard"])
def test_who_cannot_be_told_stands_in_no_file(system: str, tmp_path: Path) -> None:
    """Without a total a cell would delete a grade; without an id a new student would be made."""
    nameless = [StudentWork("alice", {}), StudentWork("anon_40712", {}, {"name": "anon_40712"})]
    for students in (
        marked(nameless),
        marked([StudentWork("Ada", {}, {"id": "407"}, refused="no file")], None),
    ):
        (tmp_path / f"{system}.csv").write_text("stale\n")
        folder = ResultsFolder(tmp_path, AssignmentFile(), [system])
        folder.write_class(students, only=())
        assert not (tmp_path / f"{system}.csv").exists()
        goes_back = formats()[system].goes_back
        assert goes_back
        assert folder.gone_back() == [f"no grades for {goes_back.layout}: {goes_back.needs}"]
