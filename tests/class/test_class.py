"""A class: who handed in, what is kept of it, what it is worth, what course systems read."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import signal
import subprocess
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

import harness
from harness.cohort import roster
from harness.cohort.examine import ExamSettings, Observation, PendingWork
from harness.cohort.grade import Grading, Progress
from harness.cohort.roster import STORE
from harness.cohort.store import Store, StoreError
from harness.engine import catalogue
from harness.engine.assignment_file import AssignmentFile
from harness.engine.assignment_file import read as read_settings
from harness.judge.verdict import Verdict, blocked, failed, inconclusive, passed
from harness.report import platforms
from harness.results.marking import Award, Feedback, Marking, Override, mark, of_the_lecture
from harness.results.student import Student
from harness.subject.places import shipped
from tests.command import FORKSPEC, run

NOW: Final = "2026-11-22T12:00:00"
REQUIREMENTS: Final = catalogue.load().requirements
FAILED: Final = failed("it did not", expected="it does")
METADATA: Final = """\
---
submission_1:
  :submitters:
  - :name: Ada Lovelace
    :sid: '815'
    :email: ada@example.org
  :created_at: 2026-11-01 10:00:00.000000000 Z
submission_2:
  :submitters:
  - :name: Grace Hopper
    :email: grace@example.org
  - :name: Alan Turing
    :email: alan@example.org
  :created_at: 2026-11-02 10:00:00.000000000 Z
"""

pytestmark = pytest.mark.xdist_group("class")


def put(path: Path, text: str = "int main(void) { return 0; }\n", when: int = 1_700_000_000) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.utime(path, (when, when))
    return path


def test_canvas_files_of_one_student_belong_together(tmp_path: Path) -> None:
    put(tmp_path / "hopper_11_501_server.c")
    put(tmp_path / "hopper_11_502_helper.h")
    put(tmp_path / "hopper_LATE_11_503_server-1.c")
    put(tmp_path / "turing_12_504_server.c")
    hopper, turing = roster.read(tmp_path)
    assert sorted(hopper.files) == ["helper.h", "server.c"]
    assert hopper.files["server.c"].name == "hopper_LATE_11_503_server-1.c"
    assert hopper.remarks == ("late", "handed in again: the newest counts")
    assert hopper.identity == {"name": "hopper", "id": "11"}
    assert list(turing.files) == ["server.c"]


def test_moodle_and_gradescope_keep_the_identity(tmp_path: Path) -> None:
    put(tmp_path / "m" / "Jörg Groß_4711_assignsubmission_file_" / "server.c")
    (joerg,) = roster.read(tmp_path / "m")
    assert (joerg.student, joerg.identity["id"]) == ("Jörg Groß", "4711")
    put(tmp_path / "g" / "submission_1" / "server.c")
    put(tmp_path / "g" / "submission_2" / "server.c")
    put(tmp_path / "g" / "submission_metadata.yml", METADATA)
    ada, grace = roster.read(tmp_path / "g")
    assert (ada.student, ada.identity["sid"]) == ("Ada Lovelace", "815")
    assert grace.student == "Grace Hopper and Alan Turing"
    assert grace.remarks == ("handed in together",)
    put(tmp_path / "g" / "submission_metadata.yml", "submission_1: 5\n")
    with pytest.raises(harness.HarnessError, match="not as Gradescope writes it"):
        roster.read(tmp_path / "g")


def test_of_several_hand_ins_the_newest_counts(tmp_path: Path) -> None:
    put(tmp_path / "Alice.c", when=1_700_000_000)
    put(tmp_path / "alice.zip", "PK", when=1_700_000_900)
    put(tmp_path / "bob.py", "pass\n")
    put(tmp_path / "grades.csv", "name,points\n")
    put(tmp_path / ".DS_Store")
    alice, bob = roster.read(tmp_path)
    assert alice.first.name == "alice.zip"
    assert alice.remarks == ("handed in 2 times: alice.zip is the newest, not Alice.c",)
    assert bob.remarks == ()


def test_dots_belong_to_names(tmp_path: Path) -> None:
    put(tmp_path / "max.meier.zip", "PK")
    put(tmp_path / "max.mustermann.tar.gz", "PK")
    put(tmp_path / "doe_1_7_task-1.c")
    put(tmp_path / "doe_1_8_task-2.c")
    doe, meier, mustermann = roster.read(tmp_path)
    assert [meier.student, mustermann.student] == ["max.meier", "max.mustermann"]
    assert sorted(doe.files) == ["task-1.c", "task-2.c"]


def test_a_checkouts_own_settings_are_not_obeyed(tmp_path: Path) -> None:
    put(tmp_path / "eve" / "server.c")
    told = "0 1 Eve <eve@example.org> 1700000123 +0100\tcommit: done\n"
    put(tmp_path / "eve" / ".git" / "logs" / "HEAD", told)
    put(
        tmp_path / "eve" / ".git" / "config",
        "[log]\n\tshowSignature = true\n[gpg]\n\tprogram = /bin/false\n",
    )
    (eve,) = roster.read(tmp_path)
    assert eve.when == 1_700_000_123


def test_what_was_not_handed_in_counts() -> None:
    marking = Marking((Award("server", 1, ("lecture",)), Award("client", 5, ("client/*",))))
    told = mark(marking, REQUIREMENTS, verdicts(), named_count=True)
    assert (told.earned, told.of) == (1, 6)


def test_two_students_of_one_name_are_two(tmp_path: Path) -> None:
    put(tmp_path / "Kim_1_assignsubmission_file_" / "a.c")
    put(tmp_path / "Kim_2_assignsubmission_file_" / "a.c")
    assert [each.student for each in roster.read(tmp_path)] == ["Kim (1)", "Kim (2)"]


@pytest.mark.parametrize("name", ["", "nobody"])
def test_nothing_handed_in_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(harness.HarnessError):
        roster.read(tmp_path / name)


def verdicts(**odd: Verdict) -> dict[str, Verdict]:
    changed = {key.replace("__", "/").replace("_", "-"): value for key, value in odd.items()}
    return {each.id: changed.get(each.id, passed("fine")) for each in REQUIREMENTS}


def test_points_are_given_by_requirement_group_and_tier() -> None:
    abuse = [each for each in REQUIREMENTS if each.id.startswith("abuse/")]
    marking = Marking(
        (
            Award("service/reply", 2, ("service/reply",)),
            Award("abuse/*", len(abuse), ("abuse/*",)),
            Award("all of reaping", 3, ("reaping/*",), whole=True),
            Award("style", 1),
            Award("bonus", 5, ("stream/bytes",), bonus=True),
        ),
        most=12,
    )
    told = mark(
        marking,
        REQUIREMENTS,
        verdicts(
            abuse__reset=failed("dead", expected="life"),
            reaping__burst=failed("zombies", expected="none"),
        ),
        [Override("style", 1, "well written")],
    )
    earned = {each.award.name: each.earned for each in told.marks}
    assert earned == {
        "service/reply": 2, "abuse/*": len(abuse) - 1, "all of reaping": 0, "style": 0, "bonus": 5,
    }  # fmt: skip
    assert told.earned == 12, "nobody gets more"
    assert told.of == 2 + len(abuse) + 3 + 1
    assert {m.award.name: m.because for m in told.marks}["all of reaping"] == ("reaping/burst",)


@pytest.mark.parametrize("given", [(), (Override("style", 1, "well written"),)], ids=["yet", "done"])
def test_what_a_person_grades_has_not_passed_before(given: tuple[Override, ...]) -> None:
    marking = Marking((Award("style", 2), Award("reply", 1, ("service/reply",))))
    marks = mark(marking, REQUIREMENTS, verdicts(), given)
    student = Student("kim", {}, (), "", (), marks)
    told = {
        name: json.loads(write(student, Feedback(), "2027-01-01"))
        for name, (_, write) in platforms.WRITERS.items()
        if name in {"gradescope", "classroom50", "prairielearn"}
    }
    style, reply, *_ = told["gradescope"]["tests"]
    assert ("status" in style, "score" in style) == (bool(given), bool(given))
    assert reply["status"] == "passed"
    passed_ = [test["passed"] for test in told["classroom50"]["tests"]]
    assert passed_ == [bool(given), True]
    outputs = [told[name]["tests"][0]["output"] for name in ("gradescope", "prairielearn")]
    assert all(("a person gives these points, 2 at most" in each) is not bool(given) for each in outputs)


def test_what_could_not_be_told_is_pending() -> None:
    marking = Marking((Award("a", 9, ("service/reply",)), Award("b", 1, ("reaping/burst",))))
    little = mark(marking, REQUIREMENTS, verdicts(reaping__burst=inconclusive("busy")))
    assert (little.earned, little.pending, little.is_published) == (9, 1, True)
    much = mark(marking, REQUIREMENTS, verdicts(service__reply=inconclusive("busy")))
    assert (much.earned, much.pending, much.is_published) == (1, 9, False)
    failing = mark(marking, REQUIREMENTS, verdicts(service__reply=blocked("contract/listens")))
    assert (failing.earned, failing.pending) == (1, 0)


def test_a_level_is_worth_nothing_without_those_before() -> None:
    told = mark(
        of_the_lecture(REQUIREMENTS),
        REQUIREMENTS,
        verdicts(concurrency__silent_client=failed("waits", expected="no")),
    )
    assert [each.earned for each in told.marks] == [1, 0, 0]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (
            '[feedback]\nbefore_deadline = "observed"',
            "2: [feedback] before_deadline: there is no deadline",
        ),
        (
            '[feedback]\ndeadline = "soon"',
            "2: [feedback] deadline: 'soon' is no date, such as 2027-01-31",
        ),
        ('[points]\n"reapin/*" = 1', "reapin/*: no such requirement"),
        ("[[award]]\npoints = -1", "cannot be worth less than 0"),
    ],
)
def test_a_slip_in_a_rubric_is_told(tmp_path: Path, written: str, said: str) -> None:
    put(tmp_path / "a.toml", written)
    with pytest.raises(harness.HarnessError) as slip:
        read_settings(tmp_path / "a.toml")
    assert said in str(slip.value)


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
    words = [word for name in platforms.WRITERS for word in ("--format", name)]
    done = run("grade", handed_in, "--out", out, "--format", "json", *words)
    assert done.returncode == 0, done.stderr
    assert "[7/7]" in done.stdout
    assert "to be looked at: emil, gil" in done.stdout
    return out


def book(out: Path) -> dict[str, dict[str, str]]:
    text = (out / "gradebook.csv").read_text(encoding="utf-8-sig")
    return {row["student"]: row for row in csv.DictReader(io.StringIO(text))}


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
    assert book(out) == book(graded)


def test_another_rubric_moves_points_and_plays_nothing(graded: Path, tmp_path: Path) -> None:
    out = tmp_path / "again"
    shutil.copytree(graded, out)
    rubric = put(tmp_path / "r.toml", '[points]\n"service/reply" = 4\n"reaping/sequential" = 6\n')
    start_s = time.monotonic()
    done = run("rejudge", "--out", out, "--assignment", rubric)
    assert time.monotonic() - start_s < 20
    assert "bob: 2 -> 4" in done.stdout
    assert {name: row["points"] for name, row in book(out).items()}["Zoë"] == "10"
    given = run("override", "bob", "reaping/sequential", "+2", "in the lab", "--out", out)
    assert given.stdout.strip() == "bob: 4 -> 6"
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
    words = [word for name in platforms.WRITERS for word in ("--format", name)]
    assert run("rejudge", "--out", out, "--assignment", rubric, *words).returncode == 0
    for file in (out / "students").glob("bob.*"):
        text = file.read_text(encoding="utf-8")
        assert "abuse/reset" not in text, file
        assert "Nobody waits for the children" not in text, file
        assert "nobody waits for the children" not in text, file


def test_results_of_another_assignment_are_refused(
    graded: Path, handed_in: Path, tmp_path: Path
) -> None:
    other = put(tmp_path / "b.toml", '[contract]\ntransform = "echo"\n')
    done = run("grade", handed_in, "--out", graded, "--assignment", other)
    assert done.returncode == 3
    assert "these are results of another assignment (the lecture)" in done.stderr


def test_a_reference_server_was_not_handed_in(tmp_path: Path) -> None:
    def shows_nothing(
        _: ExamSettings,
        dues: Iterator[PendingWork],
        keep: Callable[[PendingWork, Observation], None],
        __: Path,
    ) -> None:
        for due in dues:
            keep(due, Observation())

    with Store(tmp_path) as store:
        told: list[Progress] = []
        Grading(store, AssignmentFile()).run(
            [roster.of_target("tcpserver.py")], tmp_path, told.append, shows_nothing
        )
        assert [each.newest.name for each in told] == ["tcpserver.py"]


def test_a_store_of_another_version_is_refused(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        store._db.execute("pragma user_version = 99")
    with pytest.raises(StoreError, match="written by another version"):
        Store(tmp_path)
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / STORE).write_text("not a database, but long enough to be looked at" * 9)
    with pytest.raises(StoreError, match="cannot be used as a store"):
        Store(tmp_path / "b")
    with pytest.raises(StoreError, match="no results here"):
        Store(tmp_path / "c", new=False)


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
    suffix, _ = platforms.WRITERS[kind]
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
    suffix, _ = platforms.WRITERS["autolab"]
    text = (graded / "students" / f"bob.{suffix}").read_text(encoding="utf-8")
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


def test_a_line_of_the_rubric_has_words_of_its_own(tmp_path: Path) -> None:
    rubric = put(
        tmp_path / "r.toml",
        '[[award]]\nall = ["reaping/*"]\npoints = 3\ntext = "See sheet 3."\n',
    )
    marking = read_settings(rubric).assignment.marking
    assert marking is not None
    (line,) = mark(marking, REQUIREMENTS, verdicts()).marks
    assert line.text_told(Feedback(), NOW) == "See sheet 3."
    assert not line.text_told(Feedback(hidden=("reaping/*",)), NOW)


def test_feedback_has_its_day() -> None:
    feedback = Feedback("observed", "2026-12-01", ("abuse/*",), "2026-12-15")
    assert feedback.hides("abuse/reset", NOW)
    assert not feedback.hides("abuse/reset", "2026-12-15T00:00:01")
    assert not feedback.hides("service/reply", NOW)
    assert [feedback.tells_cause(day) for day in (NOW, "2026-12-01T00:00:00")] == [False, True]
