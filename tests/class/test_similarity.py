"""Hand-ins that are alike: identical after formatting and renaming, nearly identical, and others."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from harness.cohort.packed_work import packed
from harness.cohort.similarity import Alike, alike, in_store, source_of
from harness.cohort.store import Store
from harness.cohort.student_work import StudentWork
from harness.subject.places import shipped
from tests.command import run_here

from .packing import zipped

LECTURE: Final = shipped("servers") / "lecture"
THIRD: Final = (LECTURE / "tcpserver3.cpp").read_text(encoding="utf-8")
PYTHON: Final = (LECTURE / "tcpserver3.py").read_text(encoding="utf-8")


def found(**sources: dict[str, str]) -> list[tuple[tuple[str, ...], bool]]:
    return [(each.students, each.share == 1) for each in alike(sources)]


@pytest.mark.parametrize(
    "other",
    [
        {"server.cpp": THIRD},
        {"mine.cpp": "/* by Bob */\n" + THIRD.replace("    ", "\t").replace("\n\n", "\n")},
        {"server.cpp": THIRD.replace("listenfd", "door").replace("connfd", "guest") + "\n// done\n"},
    ],
)
def test_comments_layout_and_names_do_not_count(other: dict[str, str]) -> None:
    assert found(ada={"server.cpp": THIRD}, bob=other) == [(("ada", "bob"), True)]


def test_a_line_more_is_nearly_identical() -> None:
    more = THIRD.replace("listen(", 'puts("I am here, and I listen now"); listen(', 1)
    ((who, is_identical),) = found(ada={"s.cpp": THIRD}, bob={"s.cpp": more})
    assert (who, is_identical) == (("ada", "bob"), False)
    (pair,) = alike({"ada": {"s.cpp": THIRD}, "bob": {"s.cpp": more}})
    assert "nearly identical: 9" in str(pair)


def test_different_designs_are_not_alike() -> None:
    designs = sorted((shipped("servers") / "designs").rglob("*.c"))[:8]
    sources = {each.stem: {each.name: each.read_text(encoding="utf-8")} for each in designs}
    assert alike(sources) == []


def test_what_half_the_class_has_is_the_template() -> None:
    given = "".join(f"int given_{n}(int a) {{ return a + {n}; }}\n" for n in range(200))
    own = {
        name: {
            "s.c": given + "".join(f"int {name}{n}(void) {{ return {n} * {k}; }}\n" for n in range(9))
        }
        for k, name in enumerate(["ada", "bob", "cleo", "dora", "emil", "fay"])
    }
    assert alike(own) == []
    copied = own["ada"]["s.c"].replace("ada8", "bob8x(); ada8", 1)
    (pair,) = alike({**own, "zed": {"s.c": copied}})
    assert pair.students == ("ada", "zed")


def test_short_or_empty_work_is_alike_by_chance_only() -> None:
    assert found(ada={}, bob={}) == []
    assert found(ada={"s.c": "int main;"}, bob={"s.c": "int main;"}) == []
    assert found(a={"s.py": "print(1, 2, 3, 4, 5)"}, b={"s.py": "print(1, 2, 3, 4, 6)"}) == []


def test_archives_are_opened_and_files_may_be_called_otherwise(tmp_path: Path) -> None:
    (tmp_path / "ada.py").write_text(PYTHON, encoding="utf-8")
    (tmp_path / "bob").mkdir()
    inside = zipped({"src/my_server.py": b"# mine\n" + PYTHON.encode(), "report.pdf": b"%PDF"})
    (tmp_path / "bob" / "work.zip").write_bytes(inside)
    work = {name: StudentWork(name, {name: tmp_path / name}) for name in ("ada.py", "bob")}
    sources = {name: source_of(packed(each).archive) for name, each in work.items()}
    assert set(sources["bob"]) == {"src/my_server.py"}
    assert alike(sources) == [Alike(("ada.py", "bob"), 1.0)]
    assert source_of(b"no archive") == {}


def test_a_class_says_whose_work_is_alike_and_who_is_purged_is_not_named(tmp_path: Path) -> None:
    for name, text in (("ada", THIRD), ("bob", f"// mine\n{THIRD}"), ("cleo", "int main(void);\n")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "server.cpp").write_text(text, encoding="utf-8")
    with Store(tmp_path / "out") as store:
        for name in ("ada", "bob", "cleo"):
            parcel = packed(StudentWork(name, {name: tmp_path / name}))
            work = StudentWork(name, {})
            store.keep(work, parcel.digest, [], refused="", seconds=1, parcel=parcel.archive)
        assert [str(each) for each in in_store(store)] == [
            "ada, bob: identical but for names, comments and layout"
        ]
    done = run_here("purge", "--student", "bob", "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "alike.txt").read_text(encoding="utf-8") == ""


@pytest.mark.parametrize("command", [["rejudge"], ["override", "ada", "total", "=1", "words"]])
def test_who_is_alike_stays_on_the_page_when_points_change(tmp_path: Path, command: list[str]) -> None:
    with Store(tmp_path / "out") as store:
        for name in ("ada", "bob"):
            store.keep(StudentWork(name, {}), name, [], refused="words", seconds=1)
    (tmp_path / "out" / "alike.txt").write_text("ada, bob: identical\n", encoding="utf-8")
    done = run_here(*command, "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert "ada, bob: identical" in (tmp_path / "out" / "class.html").read_text(encoding="utf-8")
