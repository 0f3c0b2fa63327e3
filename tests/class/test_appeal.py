"""What a class keeps: hand-ins as they were, pseudonyms, appeals; also on another day's disk."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
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
from harness.cohort.store import Store
from harness.engine.assignment_file import AssignmentFile
from harness.record.events import Started
from harness.subject.places import cache, shipped
from tests.command import GUARD_S, run

pytestmark = pytest.mark.xdist_group("class")


def test_identical_hand_ins_are_examined_beside_each_other(tmp_path: Path) -> None:
    for student, number in (("ann", 1), ("ben", 2), ("cem", 3)):
        (tmp_path / f"{student}_{number}_50{number}_server.py").write_text("print('no server')\n")
    with (tmp_path / "eve_4_504_server.zip").open("wb") as file:
        file.truncate(65 << 20)
    with Store(tmp_path / "out") as store:
        grading = Grading(store, AssignmentFile())
        grading.run(roster.read(tmp_path).students, tmp_path / "out", lambda _: None)
        refused = {each.name: each.refused for each in store.students()}
    assert [refused[name] for name in ("ann", "ben", "cem")] == ["", "", ""]
    assert "more than 2000 files or 64 MiB" in refused["eve"]


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


@pytest.mark.slow
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


@pytest.mark.slow
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


def test_who_is_purged_leaves_nothing(graded: Path, tmp_path: Path) -> None:
    out = tmp_path / "old"
    shutil.copytree(graded, out)
    with Store(out) as store:
        names = [each.name for each in store.students()]
        builds = {
            str(event.build)
            for each in store.students()
            for role in store.recordings(each.digest) or []
            for recording in role
            for event in recording.every(Started)
        }
    (out / f"appeal-{names[0]}-reaping-burst.zip").write_bytes(b"PK")
    assert any((cache() / "builds" / build).exists() for build in builds)
    assert run("purge", "--before", "2999-01-01", "--out", out).returncode == 0
    assert not list((out / "students").iterdir())
    assert not list(out.glob("appeal-*"))
    assert not any((cache() / "builds" / build).exists() for build in builds)


@pytest.mark.parametrize("size", ["4k", "16k", "48k"])
def test_a_disk_that_is_too_small_for_the_store_is_told(tmp_path: Path, size: str) -> None:
    here, small = tmp_path / "in", tmp_path / "small"
    here.mkdir()
    small.mkdir()
    (here / "ada.c").write_text("int main() { return 0; }\n")
    mounted = (
        'mount -t tmpfs -o size="$1" none "$2" && "$3" -m harness.cli grade "$4" --out "$2"; '
        'echo "status $?"'
    )
    words = ["sh", "-c", mounted, "sh", size, str(small), sys.executable, str(here)]
    done = subprocess.run(
        ["unshare", "--mount", *words], capture_output=True, text=True, timeout=GUARD_S, check=False
    )
    if "status" not in done.stdout:
        pytest.skip(f"no mount here: {done.stderr}")
    assert done.stdout.endswith("status 3\n")
    assert done.stderr.count("\n") == 1
    assert "make room" in done.stderr


@pytest.mark.one_in_turn("a class that is broken off")
@pytest.mark.skipif(os.getuid() != 0, reason="only root may mount a small disk")
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
