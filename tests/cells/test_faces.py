"""The third trial: one recording, three faces; the engine, pytest and the command line agree."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from harness.engine import targets
from harness.engine.session import Options, Session

ROOT = Path(__file__).parents[2]
SERVERS = ["tcpserver", "tcpserver2", "tcpserver3"]
SEED = 5
pytestmark = pytest.mark.xdist_group("faces")


def words(outcome: str, *, counts: bool) -> str:
    """What a face may call a verdict: a FAIL that does not count is BEYOND."""
    return "BEYOND" if outcome == "FAIL" and not counts else outcome


@pytest.fixture(scope="module")
def by_engine() -> dict[str, dict[str, str]]:
    with Session(Options(seed=SEED)) as session:
        results = {name: session.examine(targets.prepare(name)) for name in SERVERS}
    return {
        name: {
            r.id: words(result.verdicts[r.id].outcome.value, counts=result.rubric.counts(r))
            for r in result.requirements
        }
        for name, result in results.items()
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
        timeout=120,
        check=False,
    )
    ids = {
        requirement.judge.__name__: requirement.id
        for requirement in Session(Options()).catalogue.requirements
    }
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
@pytest.mark.parametrize("name", SERVERS)
@pytest.mark.parametrize("arguments", [(), ("-n", "2")], ids=["pytest alone", "pytest -n 2"])
def test_pytest_gives_the_engines_verdicts(
    tmp_path: Path, by_engine: dict[str, dict[str, str]], name: str, arguments: tuple[str, ...]
) -> None:
    assert by_pytest(tmp_path, name, *arguments) == by_engine[name]


@pytest.mark.slow
def test_the_command_line_gives_them_too_and_so_does_a_recording_judged_again(
    tmp_path: Path, by_engine: dict[str, dict[str, str]]
) -> None:
    seen, first, again = (tmp_path / name for name in ("seen.jsonl", "first.json", "again.json"))
    forkspec = [sys.executable, "-m", "harness.cli"]
    check_ = [*forkspec, "check", *SERVERS, "--seed", str(SEED), "--record", str(seen)]
    for command in (
        [*check_, "--json", str(first)],
        [*forkspec, "judge", str(seen), "--json", str(again)],
    ):
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
        )
        assert (done.returncode, done.stderr) == (1, "")
    told = [
        {each["id"]: words(each["verdict"], counts=each["counts"]) for each in result["verdicts"]}
        for result in json.loads(first.read_text(encoding="utf-8"))
    ]
    assert told == list(by_engine.values())
    assert json.loads(again.read_text(encoding="utf-8")) == json.loads(first.read_text(encoding="utf-8"))
