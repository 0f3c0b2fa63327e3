"""Rosters, rubrics, points and stores, without a run."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

import harness
from harness.cohort import roster
from harness.cohort.examine import ExamSettings, Observation, PendingWork
from harness.cohort.grade import Grading, Progress
from harness.cohort.store import Store
from harness.cohort.store_file import StoreError
from harness.cohort.student_work import STORE
from harness.engine import catalogue
from harness.engine.assignment_file import AssignmentFile
from harness.engine.assignment_file import read as read_settings
from harness.judge.verdict import Verdict, blocked, failed, inconclusive, passed
from harness.report.formats.registry import formats
from harness.results.marking import Award, Feedback, Marking, Override, mark, of_the_lecture
from harness.results.student import Student

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
    hopper, turing = roster.read(tmp_path).students
    assert sorted(hopper.files) == ["helper.h", "server.c"]
    assert hopper.files["server.c"].name == "hopper_LATE_11_503_server-1.c"
    assert hopper.remarks == ("late", "handed in again: the newest counts")
    assert hopper.identity == {"name": "hopper", "id": "11"}
    assert list(turing.files) == ["server.c"]


def test_moodle_and_gradescope_keep_the_identity(tmp_path: Path) -> None:
    put(tmp_path / "m" / "Jörg Groß_4711_assignsubmission_file_" / "server.c")
    (joerg,) = roster.read(tmp_path / "m").students
    assert (joerg.student, joerg.identity["id"]) == ("Jörg Groß", "4711")
    put(tmp_path / "g" / "submission_1" / "server.c")
    put(tmp_path / "g" / "submission_2" / "server.c")
    put(tmp_path / "g" / "submission_metadata.yml", METADATA)
    ada, grace = roster.read(tmp_path / "g").students
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
    alice, bob = roster.read(tmp_path).students
    assert alice.first.name == "alice.zip"
    assert alice.remarks == ("handed in 2 times: alice.zip is the newest, not Alice.c",)
    assert bob.remarks == ()


def test_dots_belong_to_names(tmp_path: Path) -> None:
    put(tmp_path / "max.meier.zip", "PK")
    put(tmp_path / "max.mustermann.tar.gz", "PK")
    put(tmp_path / "doe_1_7_task-1.c")
    put(tmp_path / "doe_1_8_task-2.c")
    doe, meier, mustermann = roster.read(tmp_path).students
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
    (eve,) = roster.read(tmp_path).students
    assert eve.when == 1_700_000_123


def test_what_was_not_handed_in_counts() -> None:
    marking = Marking((Award("server", 1, ("lecture",)), Award("client", 5, ("client/*",))))
    told = mark(marking, REQUIREMENTS, verdicts(), named_count=True)
    assert (told.earned, told.of) == (1, 6)


def test_two_students_of_one_name_are_two(tmp_path: Path) -> None:
    put(tmp_path / "Kim_1_assignsubmission_file_" / "a.c")
    put(tmp_path / "Kim_2_assignsubmission_file_" / "a.c")
    assert [each.student for each in roster.read(tmp_path).students] == ["Kim (1)", "Kim (2)"]


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
        "service/reply": 2, "abuse/*": len(abuse) - 1, "all of reaping": 0, "style": 1, "bonus": 5,
    }  # fmt: skip
    assert told.earned == 12, "nobody gets more"
    assert told.of == 2 + len(abuse) + 3 + 1
    assert {m.award.name: m.because for m in told.marks}["all of reaping"] == ("reaping/burst",)


@pytest.mark.parametrize("given", [(), (Override("style", 2, "well written"),)], ids=["yet", "done"])
def test_what_a_person_grades_has_not_passed_before(given: tuple[Override, ...]) -> None:
    marking = Marking((Award("style", 2), Award("reply", 1, ("service/reply",))))
    marks = mark(marking, REQUIREMENTS, verdicts(), given)
    student = Student("kim", {}, (), "", (), marks)
    told = {
        name: json.loads(write(student, Feedback(), "2027-01-01"))
        for name in ("gradescope", "classroom50", "prairielearn")
        if (write := formats()[name].of_student)
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
        store._file.db.execute("pragma user_version = 99")
    with pytest.raises(StoreError, match="written by another version"):
        Store(tmp_path)
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / STORE).write_text("not a database, but long enough to be looked at" * 9)
    with pytest.raises(StoreError, match="cannot be used as a store"):
        Store(tmp_path / "b")
    with pytest.raises(StoreError, match="no results here"):
        Store(tmp_path / "c", new=False)


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
