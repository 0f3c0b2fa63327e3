"""The third trial: one recording, three faces; the engine, pytest and the command line agree."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from harness.engine import catalogue, targets
from tests.command import GUARD_S, run
from tests.lecture_seen import LectureSeen

ROOT = Path(__file__).parents[2]
SEED = 1
# Of one server all, by the engine and by pytest; where the face is the same a few: among them one that
# fails, one that is blocked by it, and one that fails beyond what counts.
FEW = ["service/reply", "concurrency/silent-client", "reaping/sequential", "reaping/burst"]
pytestmark = pytest.mark.xdist_group("lecture")


def words(outcome: str, *, counts: bool) -> str:
    """What a face may call a verdict: a FAIL that does not count is BEYOND."""
    return "BEYOND" if outcome == "FAIL" and not counts else outcome


@pytest.fixture(scope="module")
def by_engine(lecture_seen: LectureSeen) -> dict[str, dict[str, str]]:
    """Outcome by requirement id of the lecture's four servers, by their names."""
    return {
        name: {
            r.id: words(result.verdicts[r.id].outcome.value, counts=result.rubric.counts(r))
            for r in result.requirements
        }
        for name, result in zip(targets.LECTURE, lecture_seen.results, strict=True)
    }


def by_pytest(folder: Path, name: str, *arguments: str) -> dict[str, str]:
    """Outcome by requirement id, read from the JUnit file that pytest itself writes."""
    out = folder / "junit.xml"
    command = [sys.executable, "-m", "pytest", "-q", "--server", name, "--forkspec-seed", str(SEED)]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    subprocess.run(
        [*command, f"--junitxml={out}", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        timeout=GUARD_S,
        check=False,
    )
    ids = {requirement.judge.__name__: requirement.id for requirement in catalogue.load().requirements}
    found = {}
    for case in ET.parse(out).iter("testcase"):  # noqa: S314  (pytest's own file)
        skipped = case.find("skipped")
        if skipped is not None:
            outcome = str(skipped.get("message")).partition(":")[0]
        else:
            outcome = "FAIL" if case.find("failure") is not None else "PASS"
        found[ids[str(case.get("name")).partition("[")[0]]] = outcome
    return found


@pytest.mark.slow
def test_pytest_gives_the_engines_verdicts(tmp_path: Path, by_engine: dict[str, dict[str, str]]) -> None:
    assert by_pytest(tmp_path, "tcpserver2") == by_engine["tcpserver2"]


@pytest.mark.slow
def test_pytest_on_two_workers_gives_them_too(
    tmp_path: Path, by_engine: dict[str, dict[str, str]]
) -> None:
    """Each of these files is examined by itself, with the requirements that it needs."""
    judges = [catalogue.find(each).judge for each in FEW]
    files = {judge.__code__.co_filename for judge in judges}
    told = by_pytest(tmp_path, "tcpserver3", "-n", "2", *sorted(files))
    assert set(FEW) <= set(told)
    assert told == {each: by_engine["tcpserver3"][each] for each in told}


@pytest.mark.slow
def test_the_command_line_gives_them_too_and_so_does_a_recording_judged_again(
    tmp_path: Path, by_engine: dict[str, dict[str, str]]
) -> None:
    seen, first, again = (tmp_path / name for name in ("seen.jsonl", "first.json", "again.json"))
    servers = ["tcpserver2", "tcpserver3"]
    only = [word for each in FEW for word in ("--only", each)]
    check = ["check", *servers, "--seed", str(SEED), "--record", str(seen)]
    for command in ([*check, "--json", str(first)], ["judge", str(seen), "--json", str(again)]):
        done = run(*command, *only)
        assert (done.returncode, done.stderr) == (1, "")
    told = [
        {each["id"]: words(each["verdict"], counts=each["counts"]) for each in result["verdicts"]}
        for result in json.loads(first.read_text(encoding="utf-8"))
    ]
    assert told == [{each: by_engine[server][each] for each in FEW} for server in servers]
    assert json.loads(again.read_text(encoding="utf-8")) == json.loads(first.read_text(encoding="utf-8"))
