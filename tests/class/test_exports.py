"""Exports: what is in an archive, what stands in a result file at every moment, and each tried here."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

import harness
from harness.cell import bubblewrap
from harness.cohort.single import Single
from harness.engine.assignment_file import AssignmentFile
from harness.export import allowance, bundle, scratch_root, system, try_export, wheels
from harness.export.every_system import SYSTEMS
from harness.export.tried import Tried
from harness.export.wheels import Wheels
from harness.report.formats.gradescope import as_gradescope
from harness.report.formats.registry import formats
from harness.results.marking import Feedback
from harness.results.student import Student
from harness.subject.places import shipped
from tests.beside_others import beside_others
from tests.command import run

HERE: Final = Path(__file__).parent
SECOND: Final = shipped("servers") / "lecture" / "tcpserver2.py"
FEEDBACK: Final = Feedback()
NOW: Final = "2026-11-23T12:00:00"
COURSE_SYSTEMS: Final = {
    name: each.course_system for name, each in formats().items() if each.course_system is not None
}

pytestmark = pytest.mark.xdist_group("exports")


@pytest.fixture(scope="module")
def own() -> tuple[str, bytes]:
    return wheels.own()


@pytest.fixture(scope="module")
def brought(own: tuple[str, bytes]) -> Wheels:
    """Ours, and two that stand for what comes from an index."""
    files = {own[0]: own[1], "pip-25.0-py3-none-any.whl": b"pip"}
    files |= {f"odd_one-1.2-cp3{minor}-cp3{minor}-manylinux2014_x86_64.whl": b"odd" for minor in "12"}
    return Wheels(files, wheels.requirements(files))


def broken(name: str, text: str) -> list[str]:
    return COURSE_SYSTEMS[name].broken_rules(text)


def packed(brought: Wheels, name: str) -> Mapping[str, bytes]:
    return system.bundle(SYSTEMS[name], None, brought).files


def test_our_own_wheel_is_whole(own: tuple[str, bytes]) -> None:
    name, data = own
    assert name == f"forkspec-{harness.__version__}-py3-none-any.whl"
    with zipfile.ZipFile(io.BytesIO(data)) as wheel:
        files = {each: wheel.read(each) for each in wheel.namelist()}
    folder = f"forkspec-{harness.__version__}.dist-info"
    assert {
        "harness/cli.py",
        "harness/scenarios/silent_client.py",
        "harness/servers/manifest.toml",
        "harness/clients/tcpclient2.cpp",
        "harness/starter/student/.github/workflows/forkspec.yml",
        "harness/export/templates/setup.sh",
        f"{folder}/METADATA",
        f"{folder}/entry_points.txt",
    } <= set(files)
    assert not [each for each in files if "__pycache__" in each]
    for line in files[f"{folder}/RECORD"].decode().splitlines():
        path, told, size = line.rsplit(",", 2)
        if told:
            digest = base64.urlsafe_b64encode(hashlib.sha256(files[path]).digest()).rstrip(b"=")
            assert (told, size) == (f"sha256={digest.decode()}", str(len(files[path]))), path


def test_every_version_is_pinned_with_the_hashes_of_its_wheels(brought: Wheels) -> None:
    assert f"forkspec=={harness.__version__} \\\n    --hash=sha256:" in brought.requirements
    odd = r"^odd-one==1\.2( \\\n    --hash=sha256:[0-9a-f]{64}){2}$"
    assert re.search(odd, brought.requirements, re.MULTILINE)
    names = {line.partition("==")[0] for line in wheels.pinned()}
    assert {"msgspec", "psutil", "rich", "typer", "pyyaml", "packaging"} <= names
    assert not {"ruff", "mypy", "forkspec"} & names, "what develops it stays at home"


def test_gradescopes_archive(brought: Wheels, tmp_path: Path) -> None:
    settings = tmp_path / "a3.toml"
    settings.write_text('[points]\n"reaping/*" = 4\n')
    made = system.bundle(SYSTEMS["gradescope"], settings, brought)
    bundle.write(made, tmp_path / "autograder.zip", is_zip=True)
    with zipfile.ZipFile(tmp_path / "autograder.zip") as archive:
        modes = {each.filename: each.external_attr >> 16 for each in archive.infolist()}
        assert archive.read("assignment.toml") == settings.read_bytes()
    assert modes["setup.sh"] == modes["run_autograder"] == 0o100755
    assert modes["assignment.toml"] == modes["requirements.txt"] == 0o100644
    assert {f"wheels/{name}" for name in brought.files} <= set(modes)
    assert made.as_zip() == system.bundle(SYSTEMS["gradescope"], settings, brought).as_zip()


@pytest.mark.parametrize("name", SYSTEMS)
def test_scripts_and_settings_can_be_read(name: str, brought: Wheels) -> None:
    for path, data in packed(brought, name).items():
        if path.endswith(".whl"):
            continue
        text = data.decode()
        assert not re.search(r"@[A-Z]+@", text), path
        if text.startswith("#!/bin/bash"):
            done = subprocess.run(
                ["bash", "-n"], input=text, text=True, capture_output=True, check=False
            )
            assert (done.returncode, done.stderr) == (0, "")


def test_prairielearns_settings(brought: Wheels) -> None:
    options = json.loads(packed(brought, "prairielearn")["info.json"])["externalGradingOptions"]
    assert options["image"] == "forkspec-lecture"
    assert system.WITHIN_S < options["timeout"] <= 600, "the longest that PrairieLearn allows"
    assert options["entrypoint"] == SYSTEMS["prairielearn"].start


def test_githubs_workflow(brought: Wheels) -> None:
    files = packed(brought, "github")
    workflow: dict[Any, Any] = yaml.safe_load(files[".github/workflows/forkspec.yml"])
    assert workflow["permissions"] == {"contents": "read"}
    steps = workflow["jobs"]["judge"]["steps"]
    assert all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", each["uses"]) for each in steps if "uses" in each)
    found = [path for path in files if path.endswith(".whl")]
    assert found == [f".github/forkspec/wheels/forkspec-{harness.__version__}-py3-none-any.whl"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["gradescope", "--assignment", "none.toml"], "none.toml: No such file"),
        (["gradescope", "-o", "."], "a folder; name a file"),
        (["prairielearn", "-o", "taken"], "there is something already; name a new folder"),
        (["github", "-o", "no/where"], "no such folder"),
        (["gradescope", "--try", "sol"], "sol: no such file or folder to try it on"),
    ],
)
def test_what_cannot_be_is_told_before_anything_is_fetched(
    words: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "file").touch()
    monkeypatch.chdir(tmp_path)
    done = run("export", *words)
    assert done.returncode == 3
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_what_is_missing_here_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> Any:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(wheels, "distribution", absent)
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    with pytest.raises(wheels.NoWheels, match="install forkspec with pip"):
        wheels.own()
    with pytest.raises(wheels.NoWheels, match="neither pip nor uv"):
        wheels._download([], "3.11", tmp_path)
    monkeypatch.setattr(os, "getuid", lambda: 0)
    with pytest.raises(scratch_root.CannotTry, match="needs bubblewrap"):
        try_export.refuse_what_cannot_be(tmp_path)
    monkeypatch.setattr(os, "getuid", lambda: 1000)
    with pytest.raises(scratch_root.CannotTry, match="needs root"):
        try_export.refuse_what_cannot_be(tmp_path)
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(bundle.CannotPack, match="not to be written to"):
        bundle.refuse_what_cannot_be(tmp_path / "x.zip", is_zip=True)


def test_limits_are_set_in_either_kind_of_group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allowance, "_LEAVING_S", 0.0)
    second = tmp_path / "second"
    second.mkdir()
    (second / "cgroup.controllers").touch()
    with allowance.allowance(0.5, 768 << 20, second) as limits:
        (group,) = (each for each in second.iterdir() if each.is_dir())
        assert (group / "cpu.max").read_text() == "50000 100000"
        assert (group / "memory.max").read_text() == str(768 << 20)
        assert limits.missing == ()
    first = tmp_path / "first"
    (first / "cpu").mkdir(parents=True)
    with allowance.allowance(0.5, 768 << 20, first) as limits:
        (group,) = (first / "cpu").iterdir()
        assert (group / "cpu.cfs_quota_us").read_text() == "50000"
        (missing,) = limits.missing
        assert missing.startswith("memory is not limited here: ")
        done = subprocess.run(
            [*limits.prefix, "echo", "a b"], capture_output=True, text=True, check=False
        )
        assert done.stdout == "a b\n"


def as_all_see_it(student: Student, within_points: float | None) -> dict[str, Any]:
    """A student's files for both systems, none of them against its rules; Gradescope's, read."""
    for name, each in COURSE_SYSTEMS.items():
        assert broken(name, each.with_result(student, FEEDBACK, NOW)) == []
    assert student.total == within_points
    found: dict[str, Any] = json.loads(as_gradescope(student, FEEDBACK, NOW))
    return found


@pytest.mark.one_in_turn("a long check")
def test_what_counts_is_told_first() -> None:
    """In whatever cell this machine gives; the plain one is in the slow test."""
    told: list[Student] = []
    Single(SECOND, "Ada", AssignmentFile()).judge(60.0, told.append)
    early, whole = told
    assert as_all_see_it(early, 2)["score"] == as_all_see_it(whole, 2)["score"]
    assert early.pending, "what lies beyond was not seen yet"
    statuses = {test["name"]: test.get("status") for test in as_all_see_it(early, 2)["tests"]}
    assert {statuses[each] for each in early.pending} == {None}, "neither passed nor failed"
    assert len(whole.pending) < len(early.pending)


def test_when_the_time_is_over_the_rest_is_pending(tmp_path: Path) -> None:
    told: list[Student] = []
    Single(SECOND, "Ada", AssignmentFile()).judge(0.001, told.append)
    (student,) = told
    seen = as_all_see_it(student, None)
    assert seen["visibility"] == "hidden"
    assert "judging was ended after 0.001 s: what was not seen by then is pending" in seen["output"]
    out = tmp_path / "results.json"
    done = run("autograde", SECOND, "--format", "gradescope", "--within", 1, "--out", out)
    assert done.returncode == 0, done.stderr
    assert broken("gradescope", out.read_text()) == []


def test_autograde_leaves_a_valid_file_whatever_happens(tmp_path: Path) -> None:
    out, slip = tmp_path / "results.json", tmp_path / "a.toml"
    slip.write_text("[point]\n")
    words = ["autograde", SECOND, "--format", "gradescope", "--out", out]
    assert run(*words, "--assignment", slip).returncode == 3
    assert broken("gradescope", out.read_text()) == []
    assert "it could not be judged" in out.read_text()
    (tmp_path / "notes.txt").write_text("sorry")
    done = run("autograde", tmp_path / "notes.txt", "--format", "prairielearn", "--out", out)
    assert done.returncode == 0, done.stderr
    assert broken("prairielearn", out.read_text()) == []
    assert json.loads(out.read_text())["gradable"] is False
    assert "no system that starts forkspec" in run(*words[:2], "--format", "xml", "--out", out).stderr


def test_settings_that_are_a_link_out_of_the_folder_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret.toml").write_text("the answer = 42\n")
    (tmp_path / "sol").mkdir()
    shutil.copy(SECOND, tmp_path / "sol" / "server.py")
    (tmp_path / "sol" / "forkspec.toml").symlink_to(tmp_path / "secret.toml")
    done = run("check", tmp_path / "sol", "--only", "contract/starts")
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def real() -> Iterator[Wheels]:
    """What an export for this Python brings along, from the package index."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wheels, "PYTHONS", (f"3.{sys.version_info.minor}",))
        try:
            yield wheels.collect()
        except wheels.NoWheels as why:
            pytest.skip(str(why))


TRIED: Final = (
    pytest.mark.slow,
    pytest.mark.xdist_group("plain"),
    pytest.mark.skipif(
        os.getuid() != 0 or bubblewrap.find() is None or not shutil.which("cc"),
        reason="needs root, bubblewrap and a C compiler",
    ),
)
IN_TURN: Final = (*TRIED, pytest.mark.one_in_turn("export"))


def tried(name: str, real: Wheels, solution: Path) -> Tried:
    with beside_others():
        made = system.bundle(SYSTEMS[name], None, real)
        return try_export.try_export(SYSTEMS[name], made, real.files, solution, COURSE_SYSTEMS.get(name))


@pytest.mark.parametrize(
    ("name", "points"),
    [
        pytest.param("gradescope", 1, marks=IN_TURN),
        pytest.param("prairielearn", pytest.approx(1 / 3, abs=1e-4), marks=IN_TURN),
    ],
)
def test_whoever_looks_for_the_autograder_finds_nothing(
    name: str, points: object, tmp_path: Path, real: Wheels
) -> None:
    """With real wheels, installed; the server reads what it can of the grader's folders."""
    shutil.copy(HERE / "handed_over" / "reads-the-autograder.c", tmp_path)
    (tmp_path / "peek.h").symlink_to("/autograder/source/assignment.toml")
    seen = tried(name, real, tmp_path)
    assert seen.is_sound, seen.lines
    assert json.loads(seen.written[-1].text)["score"] == points
    assert seen.written[0].text == COURSE_SYSTEMS[name].without_result("it is being judged")


@pytest.mark.parametrize(
    ("name", "points"),
    [
        pytest.param("autolab", "level 1 - answers 1", marks=IN_TURN),
        pytest.param("submitty", "66.66", marks=IN_TURN),
        pytest.param("codegrade", "2/3", marks=IN_TURN),
        pytest.param("vpl", "2", marks=IN_TURN),
    ],
)
def test_an_export_judges_here_as_it_would_there(name: str, points: str, real: Wheels) -> None:
    seen = tried(name, real, SECOND)
    assert seen.is_sound, seen.lines
    assert COURSE_SYSTEMS[name].points_in(seen.written[-1].text).startswith(points)


@pytest.mark.parametrize("name", [pytest.param("github", marks=IN_TURN)])
def test_a_workflow_judges_here_as_it_would_there(name: str, real: Wheels) -> None:
    seen = tried(name, real, SECOND)
    assert not seen.is_sound, "it leaves zombies: the status of the job says so"
    assert any("Level 2 of 3 reached" in line for line in seen.lines), seen.lines
