"""What is offered to anybody's CI: its files are read as their systems read them, its steps are run.

Not run here: what belongs to GitHub (other actions, sudo on its runner), GitLab itself, and Docker.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.command import GUARD_S
from tests.open_folder import open_folder

ROOT = Path(__file__).parents[2]
PINNED = re.compile(r"[\w-]+/[\w/-]+@[0-9a-f]{40}")
ONE = "--only contract/listens"
SERVER = str(ROOT / "servers" / "lecture" / "tcpserver3.py")


def read(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def installed_in(folder: Path) -> None:
    """As its step leaves it: a forkspec below this folder, here that of this interpreter."""
    command = folder / "forkspec" / "bin" / "forkspec"
    command.parent.mkdir(parents=True)
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m harness.cli "$@"\n')
    command.chmod(0o755)


@pytest.fixture
def reachable() -> Iterator[Path]:
    """A folder that an ordinary user may enter, as a runner's is."""
    with open_folder() as folder:
        yield folder


def run_script(script: str, folder: Path, **environment: str) -> int:
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        timeout=GUARD_S,
        check=False,
    )
    return done.returncode


def test_the_action_has_what_github_asks_for() -> None:
    action = read("action.yml")
    assert {"name", "description", "runs"} <= action.keys()
    assert action["runs"]["using"] == "composite"
    assert all({"description", "default"} <= each.keys() for each in action["inputs"].values())
    for step in action["runs"]["steps"]:
        assert step.get("shell") == "bash" if "run" in step else PINNED.fullmatch(step["uses"])
        assert "${{" not in step.get("run", ""), "what a user gives is no part of a script"
        named = re.findall(r"inputs\.([\w-]+)", str(step))
        assert set(named) <= action["inputs"].keys()


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"TARGET": SERVER, "COMMAND": "", "ARGUMENTS": ONE}, 0),
        ({"TARGET": ".", "COMMAND": "python3 -c pass", "ARGUMENTS": ONE}, 1),
        ({"TARGET": "nothing.c", "COMMAND": "", "ARGUMENTS": ""}, 3),
    ],
)
def test_the_action_judges(tmp_path: Path, reachable: Path, given: dict[str, str], status: int) -> None:
    installed_in(tmp_path)
    summary = tmp_path / "summary.md"
    (script,) = (each["run"] for each in read("action.yml")["runs"]["steps"] if each["name"] == "Judge")
    runner = {"RUNNER_TEMP": str(tmp_path), "GITHUB_STEP_SUMMARY": str(summary)}
    assert run_script(script, reachable, **runner, **given) == status
    written = {each.name for each in (tmp_path / "forkspec-results").iterdir()}
    kept = {"report.html", "junit.xml", "results.json", "forkspec.sarif", "badge.json", "summary.md"}
    assert written == (kept if status < 3 else set())
    if status < 3:
        assert summary.read_text(encoding="utf-8").startswith("## ")


def test_the_template_for_gitlab_judges(tmp_path: Path) -> None:
    template = read("examples/gitlab-ci.yml")
    job = template["forkspec"]
    assert {"stage", "image", "script", "artifacts"} <= job.keys()
    installed_in(tmp_path)
    script = "\n".join(each for each in job["script"] if "venv" not in each and "pip" not in each)
    settings = {**template["variables"], "FORKSPEC_TARGET": SERVER, "FORKSPEC_ARGUMENTS": ONE}
    assert run_script(script.replace("/tmp/", f"{tmp_path}/"), tmp_path, **settings) == 0
    assert (tmp_path / job["artifacts"]["reports"]["junit"]).is_file()
    assert job["artifacts"]["paths"] == ["forkspec-results/"]


def test_the_hook_has_what_pre_commit_asks_for() -> None:
    (hook,) = read(".pre-commit-hooks.yaml")
    assert {"id", "name", "entry", "language"} <= hook.keys()
    assert shlex.split(hook["entry"])[0] == "forkspec"
    assert hook["pass_filenames"] is False


def test_the_image_starts_a_command_that_is_there_and_holds_nothing_of_a_clones_folder() -> None:
    said = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", "").splitlines()
    told = dict(line.split(maxsplit=1) for line in said if line and not line.startswith("#"))
    assert json.loads(told["ENTRYPOINT"]) == ["forkspec"]
    assert json.loads(told["CMD"]) == ["check", "."]
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    expected = {".git", *(f"**/{name.rstrip('/')}" for name in ignored)}
    assert set((ROOT / ".dockerignore").read_text(encoding="utf-8").split()) == expected
