"""What a program takes from its libraries is read from the program itself."""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from harness.subject.imports import callee, imported

SOURCE = """
#include <sys/wait.h>
#include <unistd.h>
int main(void) { if (fork() == 0) _exit(0); wait(0); return 0; }
"""


@pytest.fixture
def program(tmp_path: Path) -> str:
    if not shutil.which("gcc"):
        pytest.skip("no gcc here")
    (tmp_path / "waits.c").write_text(SOURCE)
    subprocess.run(["gcc", "-o", tmp_path / "waits", tmp_path / "waits.c"], check=True)
    return str(tmp_path / "waits")


def test_the_names_in_the_source_are_told(program: str) -> None:
    found = imported(program)
    assert found is not None
    assert {"fork", "wait", "_exit"} <= found
    assert not {"waitpid", "main", "listen"} & found


def test_a_call_is_followed_to_its_library(program: str) -> None:
    if platform.machine() != "x86_64" or not shutil.which("objdump"):
        pytest.skip("calls are followed on x86-64 alone, and found here by objdump")
    told = subprocess.run(["objdump", "-d", program], capture_output=True, text=True, check=True).stdout
    lines = told.splitlines()
    call = next(n for n, line in enumerate(lines) if "call" in line and "<wait@plt>" in line)
    behind = int(lines[call + 1].partition(":")[0], 16)
    assert callee(program, behind) == "wait"
    assert callee(program, behind + 1) == ""


def test_what_is_no_such_program_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "script").write_text("#!/bin/sh\n")
    (tmp_path / "cut").write_bytes(Path(sys.executable).read_bytes()[:4096])
    for name in ("script", "cut", "absent"):
        assert imported(str(tmp_path / name)) is None
        assert callee(str(tmp_path / name), 4096) == ""
