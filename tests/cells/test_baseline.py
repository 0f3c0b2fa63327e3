"""pytest --baseline: what got worse fails, an old FAIL is a skip, and the last line counts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pytest

from harness.engine import catalogue
from tests.command import run

ROOT: Final = Path(__file__).parents[2]
GUARD_S: Final = 240.0
ID: Final = "reaping/sequential"
TWICE: Final[dict[str, Any]] = {
    "forkspec": "0.1.0",
    "cell": "bubblewrap",
    "level": 3,
    "diagnosis": "You fork.",
    "subject": "server.c",
    "verdicts": [],
}


def write(folder: Path, name: str, data: Any) -> str:
    (folder / name).write_text(data if isinstance(data, str) else json.dumps(data), "utf-8")
    return name


def forkspec(folder: Path, *words: str) -> tuple[int, str, str]:
    """Exit status, output and errors of the command line."""
    done = run(*words, cwd=folder)
    return done.returncode, done.stdout, done.stderr


SERVER: Final = "tcpserver2.py"
IDS: Final = ("service/reply", "service/again", "reaping/sequential", "reaping/burst")
ONE_WORKER: Final = pytest.mark.xdist_group("comparison")
SKIPPED: Final = "as in the baseline: 8 of 8 children are zombies"


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What `check --json` says of a server of the lecture that reaps nobody."""
    folder = tmp_path_factory.mktemp("earlier")
    only = [word for identifier in IDS for word in ("--only", identifier)]
    done, _, err = forkspec(folder, "check", SERVER, *only, "--json", "out.json")
    assert (done, err) == (1, "")
    data: dict[str, Any] = json.loads((folder / "out.json").read_text("utf-8"))
    return data


def with_verdicts(data: dict[str, Any], **outcomes: str) -> dict[str, Any]:
    """The result with other verdicts written in by hand, by the second half of the id."""
    changed = json.loads(json.dumps(data))
    for verdict in changed["verdicts"]:
        name = verdict["id"].partition("/")[2]
        verdict["verdict"] = outcomes.get(name, verdict["verdict"])
    return dict(changed)


def pytest_with(baseline: Path, *words: str, ids: Sequence[str] = IDS) -> tuple[int, str]:
    """Exit status and output of pytest on these requirements, in a process of its own."""
    by_id = {each.id: each.judge for each in catalogue.load().requirements}
    tests = [f"{by_id[i].__code__.co_filename}::{by_id[i].__name__}" for i in ids]
    options = ["-q", "-p", "no:cacheprovider", f"--baseline={baseline}"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *words, *tests],
        cwd=ROOT,
        env={k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")} | {"COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=GUARD_S,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def saved(folder: Path, data: Any) -> Path:
    return folder / write(folder, "baseline.json", data)


@ONE_WORKER
@pytest.mark.slow
@pytest.mark.one_in_turn("pytest beside a baseline")
@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["pytest alone", "pytest -n 2"])
def test_pytest_skips_what_failed_already(
    tmp_path: Path, earlier: dict[str, Any], workers: tuple[str, ...]
) -> None:
    done, page = pytest_with(saved(tmp_path, earlier), "--server", SERVER, *workers)
    assert done == 0, page
    assert SKIPPED in page
    assert "BLOCKED: not judged: reaping/sequential fails" in page
    assert "2 passed, 2 skipped" in page
    assert "baseline.json: 0 got worse, 0 better, 0 moved, 4 as before" in page.splitlines()[-2]


@pytest.mark.one_in_turn("pytest beside a baseline")
@ONE_WORKER
def test_pytest_fails_what_got_worse_and_counts_what_got_better(
    tmp_path: Path, earlier: dict[str, Any]
) -> None:
    by_hand = with_verdicts(earlier, sequential="PASS", reply="FAIL", burst="PASS")
    done, page = pytest_with(saved(tmp_path, by_hand), "--server", SERVER)
    assert done == 1, page
    assert "was PASS, is FAIL\nFAIL   reaping/sequential" in page
    assert "because   your parent has no handler for SIGCHLD" in page
    assert "BEYOND: was PASS, is BLOCKED" in page
    assert "1 failed, 2 passed, 1 skipped" in page
    assert "1 got worse, 1 better, 0 moved, 1 worse beyond, 1 as before" in page.splitlines()[-2]


@pytest.mark.one_in_turn("pytest beside a baseline")
@ONE_WORKER
def test_pytest_counts_what_lies_beyond_when_asked_to(tmp_path: Path, earlier: dict[str, Any]) -> None:
    file = saved(tmp_path, with_verdicts(earlier, burst="PASS"))
    done, page = pytest_with(file, "--server", SERVER, "--forkspec-tier", "robust")
    assert done == 1, page
    assert "was PASS, is BLOCKED" in page
    assert SKIPPED in page


def without(data: dict[str, Any], identifier: str) -> dict[str, Any]:
    return data | {"verdicts": [each for each in data["verdicts"] if each["id"] != identifier]}


@ONE_WORKER
@pytest.mark.one_in_turn("pytest beside a baseline")
@pytest.mark.parametrize("unknown", ["requirement", "subject", "verdict"])
def test_pytest_judges_as_ever_what_the_baseline_does_not_know(
    tmp_path: Path, earlier: dict[str, Any], unknown: str
) -> None:
    data, word = {
        "requirement": (without(earlier, ID), "1 new"),
        "subject": (earlier | {"subject": "other.c"}, "1 new"),
        "verdict": (with_verdicts(earlier, sequential="INCONCLUSIVE"), "1 now told"),
    }[unknown]
    done, page = pytest_with(saved(tmp_path, data), "--server", SERVER, ids=[ID])
    assert done == 1, page
    assert "was " not in page
    assert "FAIL   reaping/sequential" in page
    assert word in page.splitlines()[-2]


@pytest.mark.one_in_turn("pytest beside a baseline")
@ONE_WORKER
def test_pytest_shows_an_old_failure_whose_evidence_moved(
    tmp_path: Path, earlier: dict[str, Any]
) -> None:
    moved = with_verdicts(earlier)
    evidence = next(v["evidence"] for v in moved["verdicts"] if v["id"] == ID)
    evidence |= {"observed": "1 of 8 children is a zombie", "facts": {"zombies": 1, "children": 8}}
    done, page = pytest_with(saved(tmp_path, moved), "--server", SERVER, ids=[ID])
    assert done == 0, page
    assert SKIPPED in page
    assert "then: 1 of 8 children is a zombie" in page
    assert "0 got worse, 0 better, 1 moved" in page.splitlines()[-2]


@ONE_WORKER
@pytest.mark.slow
@pytest.mark.one_in_turn("pytest beside a baseline")
def test_the_manifests_trial_has_a_baseline_too(tmp_path: Path, earlier: dict[str, Any]) -> None:
    kept, page = pytest_with(saved(tmp_path, earlier), "-k", SERVER)
    assert kept == 0, page
    assert "4 as before" in page.splitlines()[-2]
    worse, page = pytest_with(saved(tmp_path, with_verdicts(earlier, sequential="PASS")), "-k", SERVER)
    assert worse == 1, page
    assert "was PASS, is FAIL" in page


@pytest.mark.parametrize(
    ("data", "said", "workers"),
    [
        (None, "No such file or directory", ("-n", "2")),
        ("hello", "not JSON", ()),
        ([TWICE] * 2, "'server.c' stands 2 times in it; a baseline has it once", ()),
    ],
    ids=["no file, -n 2", "words", "twice"],
)
def test_pytest_tells_a_baseline_that_will_not_do(
    tmp_path: Path, data: Any, said: str, workers: tuple[str, ...]
) -> None:
    file = tmp_path / "baseline.json" if data is None else saved(tmp_path, data)
    done, page = pytest_with(file, "--server", SERVER, *workers)
    assert done == pytest.ExitCode.USAGE_ERROR
    assert f"{file}: {said}" in page
    assert "Traceback" not in page
