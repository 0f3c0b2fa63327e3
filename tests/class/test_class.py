"""A class: who handed in, what is kept of it, what it is worth, what course systems read."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any, Final

import pytest

from harness.cohort.store import Store
from harness.cohort.student_work import STORE
from harness.engine.assignment_file import of_text
from harness.report.formats.registry import formats
from harness.subject.places import shipped
from tests.command import FORKSPEC, run

OF_STUDENT: Final = [name for name, each in formats().items() if each.of_student]

pytestmark = pytest.mark.xdist_group("class")


def put(path: Path, text: str = "int main(void) { return 0; }\n", when: int = 1_700_000_000) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.utime(path, (when, when))
    return path


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seven students, three of whom handed in what is no server."""
    folder = tmp_path_factory.mktemp("class")
    servers = shipped("servers") / "lecture"
    for student, server in (
        ("Zoë", "tcpserver3.py"),
        ("bob", "tcpserver2.py"),
        ("=cara", "tcpserver.py"),
    ):
        put(folder / student / "server.py", (servers / server).read_text(encoding="utf-8"))
    with zipfile.ZipFile(folder / "dora.zip", "w") as archive:
        archive.write(servers / "tcpserver.py", "dora/server.py")
    put(folder / "bob" / "forkspec.toml", '[contract]\ngreeting = "what counts is not his to say"\n')
    put(folder / "emil" / "notes.txt", "sorry")
    put(folder / "fay.py", "print('not a server')\n")
    put(folder / "gil" / "server.py", "print('not a server')\n")
    put(folder / "gil" / "forkspec.toml", "[submission]\nentri = 5\n")
    return folder


@pytest.fixture(scope="module")
def graded(handed_in: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("results") / "whole"
    words = [word for name in OF_STUDENT for word in ("--format", name)]
    done = run("grade", handed_in, "--out", out, "--format", "json", *words)
    assert done.returncode == 0, done.stderr
    assert "[7/7]" in done.stdout
    assert "to be looked at: emil, gil" in done.stdout
    return out


def book(out: Path) -> dict[str, dict[str, str]]:
    text = (out / "gradebook.csv").read_text(encoding="utf-8-sig")
    return {row["student"]: row for row in csv.DictReader(io.StringIO(text))}


def told_by_both(
    one: dict[str, dict[str, str]], other: dict[str, dict[str, str]]
) -> dict[str, dict[str, str]]:
    """A gradebook without what this machine was too busy to measure for the one or for the other."""
    return {
        student: {
            key: value for key, value in row.items() if "pending" not in (value, other[student][key])
        }
        for student, row in one.items()
    }


def test_everybody_gets_their_points(graded: Path) -> None:
    rows = book(graded)
    assert {name: row["points"] for name, row in rows.items()} == {
        "Zoë": "3", "bob": "2", "'=cara": "1", "dora": "1", "emil": "", "fay": "0", "gil": "",
    }  # fmt: skip
    assert "nothing to run" in rows["emil"]["remarks"]
    assert 'unknown key "entri"' in rows["gil"]["remarks"]
    assert rows["bob"]["reaping/sequential"] == "FAIL"
    page = (graded / "class.md").read_text(encoding="utf-8")
    assert page.index("- emil: nothing to run") < page.index("| bob | 2 of 3 | 2 |")
    report = (graded / "students" / "bob.txt").read_text(encoding="utf-8")
    assert report.startswith("bob: 2 of 3 points\n")
    assert "Zoë" not in report
    for file in graded.joinpath("students").iterdir():
        text = file.read_text(encoding="utf-8")
        assert str(graded) not in text
        assert "/class0" not in text, file


@pytest.mark.one_in_turn("a class that is broken off")
def test_a_class_that_is_killed_and_resumed_has_the_same_book(
    graded: Path, handed_in: Path, tmp_path: Path
) -> None:
    out = tmp_path / "killed"
    words = [*FORKSPEC, "grade", str(handed_in), "--out", str(out)]
    for seconds in (2.0, 4.0):
        running = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, start_new_session=True)
        time.sleep(seconds)
        running.send_signal(signal.SIGKILL)
        running.communicate()
    with Store(out) as store:
        finished = sum(not row.refused for row in store.students())
    done = run("grade", handed_in, "--out", out)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("] ") == 7 - finished, "nobody is judged twice"
    assert told_by_both(book(out), book(graded)) == told_by_both(book(graded), book(out))


@pytest.mark.slow
def test_another_rubric_moves_points_and_plays_nothing(graded: Path, tmp_path: Path) -> None:
    out = tmp_path / "again"
    shutil.copytree(graded, out)
    rubric = put(tmp_path / "r.toml", '[points]\n"service/reply" = 4\n"reaping/sequential" = 6\n')
    done = run("rejudge", "--out", out, "--assignment", rubric, FORKSPEC_CACHE="/proc/nowhere")
    assert done.returncode == 0, "where nothing can be built, nothing was played"
    assert "bob: 2 -> 4" in done.stdout
    assert {name: row["points"] for name, row in book(out).items()}["Zoë"] == "10"
    given = run("override", "bob", "reaping/sequential", "+2", "in the lab", "--out", out)
    assert given.stdout.strip() == "bob: 4 -> 6 of 10"
    odd = run("override", "bob", "reaping/sequentail", "+2", "x", "--out", out)
    assert "did you mean reaping/sequential" in odd.stderr
    assert "the points of 0 changed" in run("rejudge", "--out", out, "--assignment", rubric).stdout
    assert "+2" in run("show", "bob", "--out", out).stdout


def test_what_is_kept_back_is_in_no_file(graded: Path, tmp_path: Path) -> None:
    out = tmp_path / "early"
    shutil.copytree(graded, out)
    shutil.rmtree(out / "students")
    rubric = put(
        tmp_path / "r.toml",
        '[points]\nlecture = 5\n"abuse/*" = 5\n[feedback]\nbefore_deadline = "observed"\n'
        'deadline = 2999-01-01\nhidden = ["abuse/*"]\nuntil = 2999-01-01\n',
    )
    words = [word for name in OF_STUDENT for word in ("--format", name)]
    assert run("rejudge", "--out", out, "--assignment", rubric, *words).returncode == 0
    for file in (out / "students").glob("bob.*"):
        text = file.read_text(encoding="utf-8")
        assert "abuse/reset" not in text, file
        assert "waits for none of its children" not in text, file


def test_results_of_another_assignment_are_refused(
    graded: Path, handed_in: Path, tmp_path: Path
) -> None:
    other = put(tmp_path / "b.toml", '[contract]\ntransform = "echo"\n')
    done = run("grade", handed_in, "--out", graded, "--assignment", other)
    assert done.returncode == 3
    assert "these are results of another assignment (the lecture)" in done.stderr


def test_who_is_purged_is_gone(graded: Path, tmp_path: Path) -> None:
    out = tmp_path / "old"
    shutil.copytree(graded, out)
    assert "no day, such as 2027-01-31" in run("purge", "--before", "tomorrow", "--out", out).stderr
    assert run("purge", "--before", "2000-01-01", "--out", out).stdout.strip() == "0 students removed"
    assert run("purge", "--before", "2999-01-01", "--out", out).stdout.strip() == "7 students removed"
    assert not list((out / "students").iterdir())
    assert b"not a server" not in (out / STORE).read_bytes()
    assert run("show", "bob", "--out", out).returncode == 3


def told(graded: Path, name: str, kind: str) -> Any:
    suffix = formats()[kind].extension
    return json.loads((graded / "students" / f"{name}.{suffix}").read_text(encoding="utf-8"))


def test_gradescope_reads_it(graded: Path) -> None:
    seen = told(graded, "bob", "gradescope")
    assert seen["score"] == 2
    assert set(seen) <= {
        "score", "execution_time", "output", "output_format", "test_output_format", "test_name_format",
        "visibility", "stdout_visibility", "extra_data", "tests", "leaderboard",
    }  # fmt: skip
    for test in seen["tests"]:
        assert set(test) <= {
            "score", "max_score", "status", "name", "name_format", "number", "output", "output_format",
            "tags", "visibility", "extra_data",
        }  # fmt: skip
        assert test.get("status") in {"passed", "failed", None}
    assert told(graded, "emil", "gradescope")["visibility"] == "hidden"


def test_prairielearn_reads_it(graded: Path) -> None:
    seen = told(graded, "bob", "prairielearn")
    assert 0 <= seen["score"] <= 1
    assert all({"points", "max_points"} <= set(test) for test in seen["tests"]), (
        "or all points are hidden"
    )
    refused = told(graded, "emil", "prairielearn")
    assert refused["gradable"] is False
    assert refused["format_errors"]


def test_classroom50_reads_it(graded: Path) -> None:
    seen = told(graded, "bob", "classroom50")
    assert seen["schema"] == "classroom50/result/v1"
    scores = [seen["score"], seen["max-score"], *(t["score"] for t in seen["tests"])]
    assert all(isinstance(score, int) and score >= 0 for score in scores)
    assert seen["submitted_by"]["username"] == "bob"


def test_autolab_reads_the_last_line(graded: Path) -> None:
    text = (graded / "students" / "bob.autolab.txt").read_text(encoding="utf-8")
    shown, last = map(json.loads, text.splitlines())
    assert sum(last["scores"].values()) == 2
    assert shown["_presentation"] == "semantic"
    assert shown["stages"] == [key for key in shown if key not in {"_presentation", "stages"}]


def test_check50_reads_it(graded: Path) -> None:
    seen = told(graded, "bob", "check50")
    by_name = {each["name"]: each for each in seen["results"]}
    assert by_name["service/reply"]["passed"] is True
    assert by_name["reaping/sequential"]["passed"] is False
    assert by_name["reaping/burst"]["passed"] is None
    assert by_name["reaping/burst"]["dependency"] == "reaping/sequential"
    assert "results" not in told(graded, "emil", "check50")


THREADS: Final = """
import sys, threading
from concurrent.futures import ThreadPoolExecutor
sys.setswitchinterval(1e-6)
from harness.engine import catalogue
together = threading.Barrier(4)
def load(_):
    together.wait()
    return len(catalogue.load().scenarios)
with ThreadPoolExecutor(4) as pool:
    print(len(set(pool.map(load, range(4)))))
"""


def test_threads_that_ask_at_the_same_time_get_the_whole() -> None:
    done = subprocess.run(
        [sys.executable, "-c", THREADS], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.stdout.strip(), done.stderr) == ("1", "")


def test_a_class_keeps_the_seed_that_was_drawn_for_its_surprise(tmp_path: Path) -> None:
    surprised = of_text("surprise = 3\n", "")
    with Store(tmp_path / "plain") as store:
        assert store.grounds.seed(None, of_text("", "")) == 0
    with Store(tmp_path / "surprised") as store:
        drawn = store.grounds.seed(None, surprised)
        assert store.grounds.seed(None, surprised) == drawn
        assert store.grounds.seed(drawn + 1, surprised) == drawn + 1


def test_who_ends_it_by_ctrl_c_is_told_that_nothing_is_lost(tmp_path: Path) -> None:
    put(tmp_path / "class" / "ada" / "server.py", "import time\ntime.sleep(1000)\n")
    put(tmp_path / "class" / "bob" / "words.txt", "no program\n")
    words = [*FORKSPEC, "grade", str(tmp_path / "class"), "--out", str(tmp_path / "out")]
    with subprocess.Popen(
        words,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509
    ) as grading:
        assert grading.stdout is not None
        assert "bob: pending" in next(line for line in grading.stdout if line.startswith("[1/2]"))
        grading.send_signal(signal.SIGINT)
        said, _ = grading.communicate(timeout=60)
    assert grading.returncode == 130
    assert "interrupted: who is finished is kept; the same command goes on" in said
    assert "forkspec: interrupted" in said
    with Store(tmp_path / "out", new=False) as store:
        assert [each.name for each in store.students()] == ["bob"]
