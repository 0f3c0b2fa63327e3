"""A server that hides where forkspec may not look all the same: for the teacher, or a failure."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

ROOT: Final = Path(__file__).parents[2]
HIDE: Final = {
    "C": ROOT / "servers" / "designs" / "undumpable.c",
    "Python": ROOT / "tests" / "cells" / "touched" / "hides.py",
}
SENTENCE: Final = "it hides from whoever looks at it (PR_SET_DUMPABLE 0, or set-uid: prctl(2))"
GUARD_S: Final = 240.0
# As who is not root, or as root in a container: without the rights to look at who hides.
UNABLE: Final = (
    ["setpriv", "--bounding-set=-sys_ptrace,-dac_read_search", "--"] if not os.getuid() else []
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("cc"), reason="no C compiler here"),
    pytest.mark.skipif(not os.getuid() and not shutil.which("setpriv"), reason="no setpriv here"),
]


def judged(language: str, tmp_path: Path, assignment: str) -> list[dict[str, Any]]:
    (tmp_path / "week3.toml").write_text(assignment)
    out = tmp_path / "out.json"
    words = ["check", str(HIDE[language]), "--assignment", str(tmp_path / "week3.toml")]
    only = [word for each in ("contract/listens", "service/reply") for word in ("--only", each)]
    done = subprocess.run(
        [*UNABLE, sys.executable, "-m", "harness.cli", *words, *only, "--json", str(out)],
        capture_output=True,
        text=True,
        timeout=GUARD_S,
        check=False,
    )
    assert "Traceback" not in done.stdout + done.stderr
    found: list[dict[str, Any]] = json.loads(out.read_text())["verdicts"]
    return found


@pytest.mark.one_in_turn("hides until it is asked")
@pytest.mark.parametrize("language", list(HIDE))
def test_by_default_a_teacher_settles_it(language: str, tmp_path: Path) -> None:
    listens, reply = judged(language, tmp_path, "")
    assert listens["verdict"] == "INCONCLUSIVE"
    assert listens["evidence"]["observed"].startswith(SENTENCE)
    assert reply["verdict"] == "INCONCLUSIVE"


@pytest.mark.one_in_turn("hides, and fails once")
@pytest.mark.parametrize("language", list(HIDE))
def test_an_assignment_lets_it_fail_once(language: str, tmp_path: Path) -> None:
    listens, reply = judged(language, tmp_path, '[contract]\nunseen = "fail"\n')
    assert listens["verdict"] == "FAIL"
    assert listens["evidence"]["observed"].startswith(SENTENCE)
    assert reply["verdict"] == "BLOCKED"
