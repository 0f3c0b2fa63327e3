"""`-` for a file means standard output: the file alone is there, and all else on standard error."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Final

import pytest

from harness.engine import learn_contract, targets
from harness.engine.assignment_file import of_text
from tests.command import run_here
from tests.pure.test_learning import visits

RECORDING: Final = Path(__file__).parent / "recordings" / "tcpserver.jsonl"
JUDGE: Final = ("judge", RECORDING)


def test_results_go_to_standard_output_and_the_report_does_not(tmp_path: Path) -> None:
    done = run_here(*JUDGE, "--json", "-", cwd=tmp_path)
    assert json.loads(done.stdout)
    assert "service/" in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_page_and_a_file_beside_it(tmp_path: Path) -> None:
    done = run_here(*JUDGE, "--html", "-", "--json", "result.json", cwd=tmp_path)
    assert done.stdout.startswith("<!doctype html>")
    assert done.stdout.rstrip().endswith("</html>")
    assert [each.name for each in tmp_path.iterdir()] == ["result.json"]


def test_a_comparison_goes_to_standard_output(tmp_path: Path) -> None:
    run_here(*JUDGE, "--json", "result.json", cwd=tmp_path)
    done = run_here("compare", "result.json", "result.json", "--json", "-", cwd=tmp_path)
    assert done.returncode == 0
    assert json.loads(done.stdout)
    assert "0 got worse" in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((*JUDGE, "--json", "-", "--html", "-"), "several files"),
        (("export", "prairielearn", "--out", "-"), "wants a folder"),
        (("autograde", ".", "--format", "gradescope", "--out", "-"), "more than once"),
    ],
)
def test_what_cannot_be_there_is_refused(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    done = run_here(*words, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (3, "")
    assert said in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_file_may_be_called_so(tmp_path: Path) -> None:
    run_here(*JUDGE, "--json", tmp_path / "-", cwd=tmp_path)
    assert json.loads((tmp_path / "-").read_text())


@pytest.mark.parametrize("output", [(), ("-o", "-")])
def test_what_was_learnt_is_printed(
    tmp_path: Path, output: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = visits(bytes.upper).over()
    monkeypatch.setattr(targets, "prepare", lambda *_: SimpleNamespace(target="a.c", name="a.c"))
    monkeypatch.setattr(learn_contract, "observe", lambda *_: seen)
    done = run_here("learn", "a.c", *output, cwd=tmp_path)
    assert of_text(done.stdout, "what was printed").assignment.contract
    assert not list(tmp_path.iterdir())
