"""forkspec init: what an exercise begins with."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import msgspec
import pytest

import harness
from harness.engine import assignment_file as assignment
from harness.engine import init_exercise as beginning
from harness.engine import targets
from harness.engine.contract_tables import ContractTable
from harness.engine.session import Options, Session
from harness.judge.requirement import Tier
from harness.judge.verdict import Outcome
from harness.record.contract import Contract
from harness.subject.submission import BuildOptions

WHEEL = ("forkspec-1-py3-none-any.whl", b"\xffwheel")
MOST_LINES = 30  # a screen, as terminals open today


def begun(folder: Path, *, lecture: bool = False) -> Path:
    beginning.begin(folder, WHEEL, lecture=lecture)
    return folder


def test_an_assignment_explains_every_setting_on_one_screen(tmp_path: Path) -> None:
    text = (begun(tmp_path / "a") / "assignment.toml").read_text(encoding="utf-8")
    assert len(text.splitlines()) < MOST_LINES
    named = set(re.findall(r"^# ([a-z_.]+) = ", text, re.MULTILINE))
    plain = {
        "name",
        "missing_is_zero",
        "surprise",
        "late",
        "tier",
        "points",
        "most_points",
        "award",
        "feedback",
        "hints",
        "references",
        "limits",
    }
    contract = {f"contract.{field.name}" for field in msgspec.structs.fields(ContractTable)}
    assert named == plain | contract | {"submission", "dialogue.steps"}
    (submission,) = re.findall("^# submission = (.*)$", text, re.MULTILINE)
    for field in msgspec.structs.fields(assignment._Submission):
        assert f"{field.name} = " in submission
    assert {field.name for field in msgspec.structs.fields(assignment._File)} == plain | {
        "submission", "contract", "dialogue",
    }  # fmt: skip


def test_what_is_commented_out_is_the_lectures(tmp_path: Path) -> None:
    read = assignment.read(begun(tmp_path / "a") / "assignment.toml")
    assert read.assignment.contract == Contract()
    assert read.handed_in == assignment.AssignmentFile().handed_in
    assert read.tier is None


def test_each_line_may_be_uncommented_and_all_that_go_together(tmp_path: Path) -> None:
    first, *lines = (begun(tmp_path / "a") / "assignment.toml").read_text(encoding="utf-8").splitlines()
    settings = {
        line.removeprefix("# ").partition(" = ")[0]: line.removeprefix("# ")
        for line in lines
        if " = " in line
    }
    needed = {"most_points": settings["points"], "contract.unasked": 'contract.transform = "{any}"'}
    alone = [[line, *([needed[key]] if key in needed else [])] for key, line in settings.items()]
    alone_only = {"contract.unasked", "contract.at_half_close", "dialogue.steps"}
    together = [line for key, line in settings.items() if key not in alone_only]
    for chosen in [*alone, together]:
        (tmp_path / "b.toml").write_text("\n".join([first, *chosen]))
        assignment.read(tmp_path / "b.toml")
    assert assignment.read(tmp_path / "b.toml").tier is Tier.ROBUST


def test_what_students_install_is_this_version(tmp_path: Path) -> None:
    student = begun(tmp_path / "a") / "student"
    assert (student / ".devcontainer" / WHEEL[0]).read_bytes() == WHEEL[1]
    for file in (".devcontainer/Dockerfile", ".github/workflows/forkspec.yml"):
        assert re.search(r"install .*/\*\.whl", (student / file).read_text(encoding="utf-8")), file
    container = json.loads((student / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))
    assert (student / ".devcontainer" / container["build"]["dockerfile"]).exists()
    assert tomllib.loads((student / "assignment.toml").read_text(encoding="utf-8")) == {}
    assert not [
        path for path in student.rglob("*") if path.is_file() and b"@VERSION@" in path.read_bytes()
    ]


def test_the_lectures_folder_is_judged_as_it_is_handed_out(tmp_path: Path) -> None:
    student = begun(tmp_path / "a", lecture=True) / "student"
    server, client, pair = targets.prepare_all(str(student), BuildOptions())
    assert [server.role, client.role, pair.role] == ["server", "client", "pair"]
    options = Options(only=("service/reply", "concurrency/silent-client"), seed=7)
    with Session(options) as session:
        verdicts = session.examine(server).verdicts
    assert [v.outcome for v in verdicts.values()] == [Outcome.PASS, Outcome.FAIL]


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "mine.c").write_text("int x;")
    for folder in (tmp_path, tmp_path / "mine.c"):
        with pytest.raises(harness.HarnessError, match="there is something already; name a new folder"):
            beginning.begin(folder, WHEEL, lecture=False)
    assert (tmp_path / "mine.c").read_text() == "int x;"
