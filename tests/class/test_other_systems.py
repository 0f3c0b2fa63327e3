"""Classes as Sakai, ILIAS, Submitty, Autolab, OpenOlat and GitHub Classroom name them, and a drive.

Nobody is missing, nobody is there twice, and of several attempts the one counts that the system says.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pytest

from harness.cohort import class_list, roster
from harness.cohort.packed_work import packed, target_of
from harness.cohort.store import Store
from harness.cohort.student_work import StudentWork
from harness.subject.folder import work_in
from harness.subject.submission import recognise

from .packing import zipped

pytestmark = pytest.mark.xdist_group("class")

Files = dict[str, bytes]
NEW: Final = b"#include <sys/socket.h>\nint main(void) { listen(3, 5); return 0; }\n"
OLD: Final = b"#include <sys/socket.h>\nint main(void) { listen(3, 1); return 1; }\n"


def sakai(name: str, files: Files, text: str = "", attached: str = "Submission attachment(s)") -> Files:
    made = {f"{attached}/{file}": data for file, data in files.items()}
    made |= {"timestamp.txt": b"20261102101500000", "comments.txt": b"", "feedbackText.html": b"seen"}
    made |= {f"{name}_submissionText.html": text.encode(), "Feedback Attachment(s)/seen.c": OLD}
    return {f"Lab 3/{name}/{file}": data for file, data in made.items()}


def submitty(login: str, versions: list[Files], active: int) -> Files:
    made: Files = {"user_assignment_settings.json": json.dumps({"active_version": active}).encode()}
    for number, files in enumerate(versions, start=1):
        made |= {f"{number}/{file}": data for file, data in files.items()}
        made[f"{number}/.submit.timestamp"] = f"2026-11-0{number} 10:00:00-0500\n".encode()
    return {f"submissions/{login}/{file}": data for file, data in made.items()}


def checkout(name: str, files: Files) -> Files:
    return {f"{name}/{file}": data for file, data in {".git/HEAD": b"ref: x\n", **files}.items()}


# Each: what lies there, and by the key of each student whether there is something to judge.
CLASSES: Final[dict[str, tuple[Files, dict[str, bool]]]] = {
    "sakai": (
        {"Lab 3/grades.csv": b"Lab 3,SCORE_GRADE_TYPE\n"}
        | sakai("Lovelace, Ada(alov)", {"server.c": NEW})
        | sakai("de la Cruz, Ana (B.)(acruz)", {"server.c": NEW}, "<p>hello</p>")
        | sakai("Turing, Alan(atur)", {}, "<p>forgotten</p>")
        | sakai("Hopper, Grace(ghop)", {}),
        {"alov": True, "acruz": True, "atur": False, "ghop": False},
    ),
    "sakai in Japanese": (
        sakai("Lovelace, Ada(alov)", {"server.c": NEW}, attached="提出物の添付ファイル")
        | sakai("Hopper, Grace(ghop)", {"server.c": NEW}, attached="提出物の添付ファイル"),
        {"alov": True, "ghop": True},
    ),
    "ilias": (
        {
            "Submissions/Lovelace_Ada_alov_30211/server.c": NEW,
            "Submissions/Mueller_Juergen_jm_30212/Verspaetete Abgabe - server.c": NEW,
            "Submissions/van Dyk_Jan Piet_vd_30213/server.c": OLD,
            "Submissions/van Dyk_Jan Piet_vd_30213/server (2).c": NEW,
            "Lab_3.xlsx": b"PK",
        },
        {"30211": True, "30212": True, "30213": True},
    ),
    "ilias, late and again": (
        {
            "Lovelace_Ada_alov_30211/server.c": OLD,
            "Lovelace_Ada_alov_30211/Late Submission - server (2).c": NEW,
            "Hopper_Grace_gh_30212/net (1).h": b"",
            "Hopper_Grace_gh_30212/server.c": NEW,
        },
        {"30211": True, "30212": True},
    ),
    "submitty": (
        submitty("alov", [{"server.c": OLD}, {"server.c": NEW}], 2)
        | submitty("ghop", [{"server.c": NEW}, {"server.c": OLD}, {"a.txt": b""}], 1)
        | submitty("00012_atur", [{"server.c": NEW}], 1)
        | submitty("taken-back", [{"server.c": OLD}], 0),
        {"alov": True, "ghop": True, "00012_atur": True, "taken-back": False},
    ),
    "autolab": (
        {
            "alov@uni.edu_1_server.c": OLD,
            "alov@uni.edu_2_server.c": NEW,
            "ghop@uni.edu_9_server.c": OLD,
            "ghop@uni.edu_10_server.c": NEW,
            "a_tur@uni.edu_a_tur@uni.edu_1_server.c": NEW,
        },
        {"alov@uni.edu": True, "ghop@uni.edu": True, "a_tur@uni.edu": True},
    ),
    "openolat": (
        {
            "Lab_3/Lovelace_Ada_alov/1_task/task.pdf": b"%PDF",
            "Lab_3/Lovelace_Ada_alov/2_submissions/server.c": OLD,
            "Lab_3/Lovelace_Ada_alov/3_corrections/server.c": OLD,
            "Lab_3/Lovelace_Ada_alov/4_revisions/1/server.c": OLD,
            "Lab_3/Lovelace_Ada_alov/4_revisions/2/server.c": NEW,
            "Lab_3/Hopper_Grace_ghop/2_submissions/server.c": NEW,
            "Lab_3/Turing_Alan_atur/1_task/task.pdf": b"%PDF",
        },
        {"alov": True, "ghop": True, "atur": False},
    ),
    "github classroom": (
        checkout("lab-3-submissions/lab-3-adalovelace", {"server.c": NEW})
        | checkout("lab-3-submissions/lab-3-ghopper-2", {"server.c": NEW, "README.md": b"# x"}),
        {"adalovelace": True, "ghopper-2": True},
    ),
    "checkouts beside each other": (
        checkout("lab-3-team-1", {"server.c": NEW}) | checkout("lab-3-team-2", {"server.c": NEW}),
        {"team-1": True, "team-2": True},
    ),
    "a drive": (
        {
            "Lab 3/server.c": NEW,
            "Lab 3/server(1).c": NEW,
            "Lab 3/Grace.c.txt": NEW,
            "Lab 3/Ada - lab.zip": zipped({"lab/server.c": NEW}),
            "Lab 3/._server.c": b"\0",
        },
        {"server": True, "server(1)": True, "grace": True, "ada - lab": True},
    ),
    "one folder of files": (
        {"hand-ins/ada.c": NEW, "hand-ins/grace.c": NEW, "hand-ins/notes.md": b"# x"},
        {"ada": True, "grace": True},
    ),
}  # fmt: skip


def laid(files: Files, place: Path, *, packing: str) -> Path:
    if packing == "zip":
        place.mkdir()
        (place / "class.zip").write_bytes(zipped(files))
        return place / "class.zip"
    for name, data in files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(data)
    return place


def judged(work: StudentWork, place: Path) -> dict[str, bytes]:
    """The sources that are judged, by their names."""
    path = recognise(target_of(packed(work), place)).path
    assert path is not None
    held = work_in(path) if path.is_dir() else None
    files = [held.folder / each for each in held.files] if held else [path]
    return {each.name: each.read_bytes() for each in files if each.suffix == ".c"}


@pytest.mark.parametrize("packing", ["folder", "zip"])
@pytest.mark.parametrize("kind", CLASSES)
def test_everybody_is_there_once_with_the_newest_work(tmp_path: Path, kind: str, packing: str) -> None:
    files, expected = CLASSES[kind]
    with roster.opened(laid(files, tmp_path / "given", packing=packing)) as folder:
        found = roster.read(folder)
        assert {each.key: not each.refused for each in found.students} == expected
        for number, work in enumerate(found.students):
            if not work.refused:
                assert set(judged(work, tmp_path / str(number)).values()) == {NEW}


def test_a_single_hand_in_of_several_sources_stays_one(tmp_path: Path) -> None:
    files = {
        "ada/server.c": NEW,
        "ada/client.c": b"int main(void) { connect(3, 0, 0); return 0; }\n",
        "ada/net.c": b"int net;\n",
    }
    (only,) = roster.read(laid(files, tmp_path, packing="folder")).students
    assert only.student == "ada"


ROSTERS: Final = {
    "github classroom": """\
"identifier","github_username","github_id","name"
"Lovelace, Ada","adalovelace","1",""
"Hopper, Grace","ghopper-2","2",""
"Turing, Alan","","",""
""",
    "sakai": """\
Lab 3,SCORE_GRADE_TYPE

Display ID,ID,Last Name,First Name,grade
"alov","alov","Lovelace","Ada",""
"acruz","acruz","de la Cruz","Ana",""
"x","x","Turing","Alan",""
"ghop","ghop","Hopper","Grace",""
"atur","atur","Mathison","Alan",""
""",
}


@pytest.mark.parametrize("kind", ROSTERS)
def test_a_systems_own_list_tells_names_and_who_is_missing(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "list.csv"
    file.write_text(ROSTERS[kind])
    students = roster.read(laid(CLASSES[kind][0], tmp_path / "class", packing="folder")).students
    told = class_list.compared(students, class_list.read(file), file)
    assert (told.missing, told.unlisted) == (("Alan Turing",), ())
    assert {"Ada Lovelace", "Grace Hopper"} <= {each.student for each in told.students}


def test_ilias_says_who_is_late_and_the_files_say_when(tmp_path: Path) -> None:
    place = laid(CLASSES["ilias"][0], tmp_path / "class", packing="folder")
    told = {each.key: each for each in roster.read(place).students}
    assert (told["30212"].remarks, told["30212"].when_by) == (("late",), "ILIAS")
    assert (told["30211"].remarks, told["30211"].when_by) == ((), "")
    with Store(tmp_path / "out") as store:
        for each in told.values():
            store.keep(each, each.key, [], refused="", seconds=1)
        assert store.of_key("30212").handed_in.is_late
        assert store.of_key("30211").handed_in.is_late is None
