"""Servers judged under an assignment of their own: another contract, a demanded design."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from tests.command import run

ROOT: Final = Path(__file__).parents[2]
STAYS_OPEN: Final = "[contract]\ncloses = false\n"
FORK: Final = ROOT / "servers" / "designs" / "stays-open-fork.py"
LOOP: Final = ROOT / "servers" / "designs" / "stays-open-asyncio.py"
needs_a_compiler = pytest.mark.skipif(not shutil.which("cc"), reason="no C compiler here")


@dataclass(frozen=True)
class Done:
    """How a command ended, and what it said."""

    status: int
    out: str
    err: str

    @property
    def again(self) -> list[str]:
        """The words that repeat the failure it tells of."""
        (line,) = re.findall(r"^ +again +(.+)$", self.out, re.MULTILINE)
        return shlex.split(line)


Forkspec = Callable[..., Done]


@pytest.fixture
def forkspec(tmp_path: Path) -> Forkspec:
    """Call it in a folder of its own, in which `assignment` has been written to week3.toml."""

    def called(*words: str, assignment: str | bytes | None = None) -> Done:
        if assignment is not None:
            content = assignment.encode() if isinstance(assignment, str) else assignment
            (tmp_path / "week3.toml").write_bytes(content)
            words = (*words, "--assignment", "week3.toml")
        done = run(*words, cwd=tmp_path)
        return Done(done.returncode, done.stdout, done.stderr)

    return called


def outcomes(folder: Path) -> dict[str, Any]:
    verdicts = json.loads((folder / "result.json").read_text())["verdicts"]
    return {each["id"]: each["verdict"] for each in verdicts}


@pytest.mark.parametrize(("terms", "outcome"), [(STAYS_OPEN, "PASS"), ("", "FAIL")])
def test_who_stays_open_needs_a_contract_that_says_so(
    forkspec: Forkspec, tmp_path: Path, terms: str, outcome: str
) -> None:
    shutil.copyfile(FORK, tmp_path / "server.py")
    words = ["--only", "service/reply", "--only", "service/closes", "--json", "result.json"]
    done = forkspec("check", "server.py", *words, assignment=terms)
    assert outcomes(tmp_path) == {"service/reply": "PASS", "service/closes": outcome}
    assert (done.status, done.err) == (int(outcome == "FAIL"), "")


GREETS: Final = """
[contract]
transform = "250 {line}\\r\\n"
greeting = "220 {any}\\r\\n"
line_ending = "\\r\\n"
closes = false
"""


@needs_a_compiler
@pytest.mark.parametrize(("terms", "outcome"), [(GREETS, "PASS"), ("", "FAIL")])
def test_the_assignment_goes_before_what_a_reference_server_is_written_for(
    forkspec: Forkspec, tmp_path: Path, terms: str, outcome: str
) -> None:
    done = forkspec(
        "check", "greets.c", "--only", "service/reply", "--json", "result.json", assignment=terms
    )
    assert outcomes(tmp_path) == {"service/reply": outcome}
    assert (done.status, done.err) == (int(outcome == "FAIL"), "")


@pytest.mark.parametrize(
    ("server", "demanded", "outcome"),
    [(FORK, "fork", "PASS"), (FORK, "threads", "FAIL"), (LOOP, "event loop", "PASS")],
    ids=["forks", "has no threads", "has a loop"],
)
def test_a_demanded_design_is_met_or_not(
    forkspec: Forkspec, tmp_path: Path, server: Path, demanded: str, outcome: str
) -> None:
    shutil.copyfile(server, tmp_path / "server.py")
    words = ["--only", "contract/design", "--json", "result.json"]
    forkspec("check", "server.py", *words, assignment=f'{STAYS_OPEN}design = "{demanded}"\n')
    assert outcomes(tmp_path) == {"contract/design": outcome}


def test_what_is_said_to_repeat_a_failure_repeats_it(forkspec: Forkspec, tmp_path: Path) -> None:
    shutil.copyfile(FORK, tmp_path / "server.py")
    words = ["server.py", "--only", "contract/design"]
    first = forkspec("check", *words, assignment=f'{STAYS_OPEN}design = "threads"\n')
    assert first.again[0] == "forkspec"
    second = forkspec(*first.again[1:])
    assert (first.status, second.status) == (1, 1)
    assert "the first client was served by a child process for each client" in second.out
    assert forkspec("check", *words).status == 0
