"""No student is lost or listed twice: classes as ten exports give them, in four packings."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path
from typing import Final

import pytest

import harness
from harness.cohort import class_list, roster
from harness.cohort.grade import Grading
from harness.cohort.packed_work import packed, target_of
from harness.cohort.store import Store, stale_absences
from harness.cohort.student_work import StudentWork
from harness.engine.assignment_file import AssignmentFile
from harness.engine.targets import prepare
from harness.subject.content_store import digest
from harness.subject.folder import work_in
from harness.subject.submission import recognise

from .exports_of_systems import SYSTEMS, Export, Person, canvas
from .packing import tarred, zipped

pytestmark = pytest.mark.xdist_group("class")

MAIN: Final = b'#include "net.h"\nint main(void) { return net(); }\n'
NET: Final = b'#include "net.h"\nint net(void) { return 0; }\n'
SEVERAL: Final = {
    "server.c": MAIN,
    "net.c": NET,
    "net.h": b"int net(void);\n",
    "Makefile": b"server: server.c net.c\n\t$(CC) -o $@ $^\n",
}
REPORT: Final = {"report.pdf": b"%PDF-1.7"}


OTHERS: Final = [
    Person("Ada Lovelace", 40712, ({"server.c": MAIN},), login="ada_l"),
    Person("Grace Hopper", 40713, (SEVERAL,), login="ghopper"),
]
ODD: Final = {
    "one file": Person("Alan Turing", 40811, ({"server.c": MAIN},)),
    "several files": Person("Alan Turing", 40811, (SEVERAL,)),
    "a second attempt": Person("Alan Turing", 40811, ({"server.c": MAIN}, SEVERAL)),
    "a third attempt": Person("Alan Turing", 40811, ({}, {}, SEVERAL)),
    "an archive": Person("Alan Turing", 40811, ({"work.zip": zipped(SEVERAL)},)),
    "an archive again": Person("Alan Turing", 40811, ({}, {"work.tar.gz": tarred(SEVERAL)})),
    "an archive and a report": Person("Alan Turing", 40811, ({"work.zip": zipped(SEVERAL), **REPORT},)),
    "text beside": Person("Alan Turing", 40811, (SEVERAL,), text="<p>Hello</p>"),
    "text alone": Person("Alan Turing", 40811, (), text="<p>int main</p>"),
    "late": Person("Alan Turing", 40811, (SEVERAL,), is_late=True),
    "late, text alone": Person("Alan Turing", 40811, (), text="<p>int main</p>", is_late=True),
    "a file called text.html": Person("Alan Turing", 40811, ({**SEVERAL, "text.html": b"<p>"},)),
    "a group": Person("Lab_Group7", 40811, (SEVERAL,)),
    "a group that ends in a number": Person("Group_2", 40811, (SEVERAL,)),
    "an accent, composed": Person(unicodedata.normalize("NFC", "Jörg Groß"), 40811, (SEVERAL,)),
    "an accent of macOS": Person(unicodedata.normalize("NFD", "Jörg Groß"), 40811, (SEVERAL,)),
    "right to left": Person("دانا سمير", 40811, (SEVERAL,)),
    "a hyphen": Person("Mary-Ann O'Neil", 40811, (SEVERAL,), login="mo-neil_2"),
    "two of one name": Person("Ada Lovelace", 40811, (SEVERAL,)),
    "a file that begins with a number": Person("Alan Turing", 40811, ({"1_server.c": MAIN},)),
    "files that count": Person("Alan Turing", 40811, ({"task-1.c": MAIN, "task-2.c": NET},)),
}  # fmt: skip
UNTOLD: Final = {  # what an export has no way to say
    ("plain", "two of one name"),
    ("brightspace", "text alone"), ("brightspace-other-order", "text alone"),
    ("brightspace", "late, text alone"), ("brightspace-other-order", "late, text alone"),
}  # fmt: skip
PACKINGS: Final = ("folder", "zip", "zip of a folder", "tar.gz")


def laid(export: Export, place: Path, packing: str) -> Path:
    """What a teacher has: the export as a folder, or packed."""
    if packing == "folder":
        for name, data in export.entries.items():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_bytes(data)
        return place
    inside = {
        f"submissions/{name}" if "of a" in packing else name: d for name, d in export.entries.items()
    }
    file = place / ("class.tar.gz" if packing == "tar.gz" else "class.zip")
    file.write_bytes(tarred(inside) if packing == "tar.gz" else zipped(inside))
    return file


def known_by(work: StudentWork, keys: set[str]) -> str:
    """The key of the expected student that this is."""
    found = {work.student, *work.identity.values()}
    found |= {unicodedata.normalize("NFD", each) for each in found}
    found |= {each.partition(" (")[0] for each in found}
    (key,) = found & keys
    return key


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("system", SYSTEMS)
def test_nobody_is_missing_and_nobody_is_there_twice(
    tmp_path: Path, system: str, odd: str, packing: str
) -> None:
    if (system, odd) in UNTOLD:
        pytest.skip("this export cannot say it")
    export = SYSTEMS[system]([*OTHERS, ODD[odd]])
    with roster.opened(laid(export, tmp_path, packing)) as folder:
        found = roster.read(folder)
        named = [(known_by(each, set(export.files)), each) for each in found.students]
        assert sorted(key for key, _ in named) == sorted(export.files)
        assert {key: set(each.files) for key, each in named} == export.files
        assert {key for key, each in named if each.refused} == export.nothing
        taken = {path.name for _, each in named for path in each.files.values()}
        aside = {each.name for each in found.aside}
        tops = {name.partition("/")[0] for name in export.entries}
        assert {unicodedata.normalize("NFC", each) for each in taken | aside} == {
            unicodedata.normalize("NFC", each) for each in tops
        }
        assert not taken & aside
        for _, work in named:
            if not work.refused and odd not in {"files that count", "text alone", "late, text alone"}:
                assert_holds_source(work, tmp_path / "unpacked")


def assert_holds_source(work: StudentWork, place: Path) -> None:
    """What is judged is what was handed in: after packing and unpacking, the source and its header."""
    target = Path(target_of(packed(work), place / work.key.replace("/", "_")))
    path = recognise(str(target)).path
    assert path is not None
    inside = {each.name for each in work_in(path).files} if path.is_dir() else {path.name}
    assert {"server.c", "net.h"} <= inside or inside & {"server.c", "1_server.c"}


@pytest.mark.parametrize("system", ["canvas", "moodle", "moodle-flat", "blackboard", "gradescope"])
@pytest.mark.parametrize("odd", ["a second attempt", "an archive and a report", "late"])
def test_what_was_handed_in_can_be_built(tmp_path: Path, system: str, odd: str) -> None:
    found = roster.read(laid(SYSTEMS[system]([*OTHERS, ODD[odd]]), tmp_path, "folder")).students
    (work,) = (each for each in found if "uring" in each.student)
    subject = prepare(target_of(packed(work), tmp_path / "unpacked"))
    assert not subject.failure
    assert Path(subject.argv[0]).name == "server"


@pytest.mark.parametrize("anonymous", [False, True])
def test_the_number_in_a_canvas_name_is_not_an_id(tmp_path: Path, anonymous: bool) -> None:  # noqa: FBT001
    people = [Person("Group_2", 7, (SEVERAL,)), Person("Group_3", 8, ({"9_a.c": MAIN},))]
    found = roster.read(laid(canvas(people, anonymous=anonymous), tmp_path, "folder")).students
    assert [len(each.files) for each in found] == [4, 1]


def test_a_canvas_name_that_another_file_asks_for_stays(tmp_path: Path) -> None:
    files = {"main.c": b'#include "net-2.h"\n', "net-2.h": b"\n"}
    (work,) = roster.read(laid(canvas([Person("A B", 7, (files,))]), tmp_path, "folder")).students
    assert set(work.files) == set(files)


@pytest.mark.parametrize("name", ["x" * 250, "a\nb", "\u202eadA", ".hidden-no", "Ünï çödé"])
def test_odd_names_are_one_student_each(tmp_path: Path, name: str) -> None:
    put = tmp_path / name
    put.mkdir()
    (put / "server.c").write_bytes(MAIN)
    (tmp_path / "bob.c").write_bytes(MAIN)
    found = roster.read(tmp_path)
    assert len(found.students) + len(found.aside) == 2
    assert all(each.student.isprintable() for each in found.students)


def test_a_name_of_300_bytes_is_shortened_and_not_lost(tmp_path: Path) -> None:
    names = [f"{'n' * 300}{number}.c" for number in range(2)]
    (tmp_path / "class.zip").write_bytes(zipped(dict.fromkeys(names, MAIN)))
    with roster.opened(tmp_path / "class.zip") as folder:
        assert len(roster.read(folder).students) == 2


def test_two_thousand_hand_ins(tmp_path: Path) -> None:
    people = [Person(f"Kim Lee{n}", 40_000 + n, ({"server.c": MAIN},)) for n in range(2000)]
    with roster.opened(laid(canvas(people), tmp_path, "zip")) as folder:
        assert len({each.key for each in roster.read(folder).students}) == 2000


def test_two_courses_in_one_folder_are_both_read(tmp_path: Path) -> None:
    for course in ("a", "b"):
        (tmp_path / course).mkdir()
        numbers = range(40_000 + 10 * ord(course), 40_003 + 10 * ord(course))
        people = [Person(f"Kim {course}{n}", n, ({"server.c": MAIN},)) for n in numbers]
        laid(canvas(people), tmp_path / course, "folder")
    assert len(roster.read(tmp_path).students) == 6
    (tmp_path / "eve.c").write_bytes(MAIN)
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "server.c").write_bytes(MAIN)
    among = roster.read(tmp_path).students
    assert {each.student for each in among} == {"a", "b", "eve", "one"}, "nobody hands in for others"


def test_classes_that_are_still_packed_are_told(tmp_path: Path) -> None:
    for course in ("a", "b"):
        (tmp_path / f"{course}.zip").write_bytes(zipped(canvas(OTHERS).entries))
    with pytest.raises(harness.HarnessError, match=r"a whole class in one archive: .* forkspec grade"):
        roster.read(tmp_path)


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("inside", ["", "download/"])
def test_a_class_in_an_archive_in_an_archive_is_read(tmp_path: Path, system: str, inside: str) -> None:
    entries = {f"{inside}{name}": data for name, data in SYSTEMS[system](OTHERS).entries.items()}
    thrice = zipped({"b.zip": zipped({"c.zip": zipped(entries)})})
    (tmp_path / "class.zip").write_bytes(thrice if system != "plain" else zipped(entries))
    with roster.opened(tmp_path / "class.zip") as folder:
        assert len(roster.read(folder).students) == 2


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 and nothing", b"words"])
def test_what_is_no_class_is_told_in_one_sentence(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "class.zip").write_bytes(data)
    with (
        pytest.raises(harness.HarnessError, match=r"class\.zip") as told,
        roster.opened(tmp_path / "class.zip"),
    ):
        pass
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("bob.pdf", "a document"), ("notes.txt", "a document"), ("Makefile", "a build file"),
        (".env", "hidden"), ("net.h", "a header"), ("gone", "leads nowhere"),
        ("alice.ipynb", "beside alice.c"),
        ("LICENSE", "no known kind"),
    ],
)  # fmt: skip
def test_what_is_no_hand_in_is_listed_with_the_reason(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "alice.c").write_bytes(MAIN)
    if name == "gone":
        (tmp_path / name).symlink_to("nowhere")
    else:
        (tmp_path / name).write_text("words")
    found = roster.read(tmp_path)
    assert [each.student for each in found.students] == ["alice"]
    assert [(each.name, said in each.because) for each in found.aside] == [(name, True)]


@pytest.mark.parametrize("name", ["bob.ipynb", "bob.swift", "bob.rar", "bob.7z"])
def test_what_nobody_can_judge_is_a_hand_in_all_the_same(tmp_path: Path, name: str) -> None:
    (tmp_path / "alice.c").write_bytes(MAIN)
    (tmp_path / name).write_text("words")
    assert [each.student for each in roster.read(tmp_path).students] == ["alice", "bob"]


def test_times_are_kept_and_are_no_part_of_the_content(tmp_path: Path) -> None:
    file = tmp_path / "alice" / "server.c"
    file.parent.mkdir()
    file.write_bytes(MAIN)
    digests = set()
    for when in (1_600_000_000, 1_700_000_000):
        os.utime(file, (when, when))
        (work,) = roster.read(tmp_path).students
        parcel = packed(work)
        digests.add(parcel.digest)
        copy = Path(target_of(parcel, tmp_path.parent / f"{tmp_path.name}-{when}"))
        assert (copy / "server.c").stat().st_mtime == when
    assert len(digests) == 1


LISTS: Final = {
    "canvas": """\
Student,ID,SIS User ID,SIS Login ID,Section,Week 3
    Points Possible,,,,,10
"Lovelace, Ada",40712,s1,ada,1,
"Hopper, Grace",40713,s2,grace,1,
"Turing, Alan",40811,s3,alan,1,
"Student, Test",9,,,1,
""",
    "names": "name\nLovelace Ada\nGRACE HOPPER\nAlan Turing\n",
    "moodle": """\
Identifier,Full name,Email address
Participant 40712,Ada L.,a@x
Participant 40713,G. H.,g@x
Participant 40811,Alan Turing,t@x
""",
    "brightspace": """\
OrgDefinedId,Username,Last Name,First Name,Email
#1,ada,Lovelace,Ada,a@x
#2,g,Hopper,Grace,g@x
#3,alan,Turing,Alan,t@x
""",
    "semicolons": "Name;ID\nAda Lovelace;40712\nGrace Hopper;40713\nAlan Turing;40811\n",
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("columns", LISTS)
@pytest.mark.parametrize("system", ["canvas", "moodle"])
def test_a_class_list_says_who_is_missing_and_who_is_not_on_it(
    tmp_path: Path, system: str, columns: str, encoding: str
) -> None:
    eve = Person("Eve Stranger", 40999, ({"server.c": MAIN},))
    (tmp_path / "class").mkdir()
    laid(SYSTEMS[system]([*OTHERS, eve]), tmp_path / "class", "folder")
    (tmp_path / "list.csv").write_text(LISTS[columns], encoding=encoding)
    students = roster.read(tmp_path / "class").students
    told = class_list.compared(students, class_list.read(tmp_path / "list.csv"), tmp_path / "list.csv")
    assert told.missing == ("Alan Turing",)
    assert [each.casefold().replace(" ", "") for each in told.unlisted] in (
        ["evestranger"],
        ["strangereve"],
    )
    assert [each.refused for each in told.students if each.refused] == ["handed in nothing"]
    assert [each.key for each in told.students][: len(students)] == [each.key for each in students]


def test_who_is_missing_has_the_id_of_a_later_hand_in(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(LISTS["canvas"])
    laid(canvas(OTHERS), tmp_path, "folder")
    listed = class_list.read(tmp_path / "list.csv")
    told = class_list.compared(roster.read(tmp_path).students, listed, tmp_path / "list.csv")
    assert told.students[-1].key == "40811"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "no class list"),
        (b"\xff\xfe\x00", "no text"),
        (b"points,remarks\n1,2\n", "names no column such as"),
        (b"name,id\n", "nobody stands on"),
        (b"name,id\nSomebody Else,5\n", "nobody on this class list has handed in"),
    ],
)
def test_a_list_that_cannot_be_meant_is_told(tmp_path: Path, text: bytes, said: str) -> None:
    (tmp_path / "list.csv").write_bytes(text)
    (tmp_path / "alice.c").write_bytes(MAIN)
    students = roster.read(tmp_path).students
    with pytest.raises(harness.HarnessError, match=said) as told:
        class_list.compared(students, class_list.read(tmp_path / "list.csv"), tmp_path / "list.csv")
    assert "\n" not in str(told.value)


def test_who_was_missing_and_hands_in_is_one_student(tmp_path: Path) -> None:
    grace, *others = roster.read(laid(canvas(OTHERS), tmp_path, "folder")).students
    absent = StudentWork("Grace Hopper", {}, {"ID": "x9"}, refused=class_list.NOTHING)
    with Store(tmp_path / "out") as store:
        for each in (absent, *others):
            store.keep(each, "", (), refused=each.refused, seconds=0)
        assert stale_absences(store, [absent, *others]) == []
        assert stale_absences(store, [grace, *others]) == ["Grace Hopper"]


def test_a_student_is_found_however_the_name_is_spelt(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        store.keep(StudentWork("J\u00f6rg Gro\u00df", {}), "", (), refused="why", seconds=0)
        grading = Grading(store, AssignmentFile())
        for name in ("J\u00f6rg Gro\u00df", "jo\u0308rg gro\u00df", "J\u00d6RG GROSS"):
            assert grading.row(name).name == "J\u00f6rg Gro\u00df"
        with pytest.raises(harness.HarnessError, match="did you mean 'J\u00f6rg Gro\u00df'"):
            grading.row("Jorg Gross")


def test_a_student_cannot_hand_in_for_others(tmp_path: Path) -> None:
    (tmp_path / "ada.c").write_bytes(MAIN)
    for name in ("ada_1_2_server.c", "grace_3_4_server.c"):
        (tmp_path / "eve").mkdir(exist_ok=True)
        (tmp_path / "eve" / name).write_bytes(MAIN)
    (tmp_path / "bob").mkdir()
    (tmp_path / "bob" / "server.c").write_bytes(MAIN)
    assert [each.student for each in roster.read(tmp_path).students] == ["ada", "bob", "eve"]


@pytest.mark.parametrize("name", ["server.c", "n" * 180 + ".c", "Gr\u00f6\u00dfe.c"])
def test_a_digest_is_that_of_results_before_times_were_kept(tmp_path: Path, name: str) -> None:
    file = tmp_path / "alice" / name
    file.parent.mkdir()
    file.write_bytes(MAIN)
    for each in (file, file.parent):
        os.utime(each, (0, 0))
    parcel = packed(StudentWork("alice", {"alice": file.parent}))
    os.utime(file)
    assert packed(StudentWork("alice", {"alice": file.parent})).digest == digest(parcel.archive, "")
