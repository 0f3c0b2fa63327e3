"""What a running process executes, by its files in /proc, and whose program that is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from msgspec.structs import asdict

from harness.judge.own_program import ready_made
from harness.observe.executed import Executed, executed
from harness.record.events import Executes
from harness.record.missing import Missing

SLEEPS = "import os, sys\nos.chdir('/')\nprint('on', flush=True)\nsys.stdin.read()\n"
RENAMED = '$0 = "server: waiting"; $| = 1; print "on\\n"; <STDIN>;'


def seen(folder: Path, *words: str, modules: str = "") -> Executed:
    """What is seen of a program that is started in this folder, once it has said that it is on."""
    with subprocess.Popen(
        words,
        cwd=folder,
        env={"PWD": str(folder), "PATH": os.environ["PATH"], "PYTHONPATH": modules or str(folder)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdin
        assert process.stdout
        process.stdout.read(1)
        found = executed(process.pid)
        process.stdin.close()
    return found


def is_own(found: Executed) -> bool:
    return ready_made(Executes(at_ns=0, actor="", **asdict(found))) is None


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A hand-in of one file, which goes elsewhere as soon as it runs."""
    (tmp_path / "server.py").write_text(SLEEPS)
    return tmp_path


@pytest.mark.parametrize("words", [["-u", "server.py"], ["-E", "server.py"], ["-m", "server"]])
def test_an_interpreter_runs_a_file_of_the_hand_in(folder: Path, words: list[str]) -> None:
    found = seen(folder, sys.executable, *words)
    assert found.names[-1] == f"{folder}/server.py"
    assert is_own(found)


@pytest.mark.parametrize("path", ["{folder}/src", "/nowhere:lib:src"], ids=["whole", "relative"])
def test_a_module_lies_on_the_path_of_modules(folder: Path, path: str) -> None:
    package = folder / "src/upper"
    package.mkdir(parents=True)
    (package / "__main__.py").write_text(SLEEPS)
    python = shutil.which("python3", path="/usr/bin") or pytest.skip("no python3 of the system")
    found = seen(folder, python, "-m", "upper", modules=path.format(folder=folder))
    assert found.names[-1] == f"{package}/__main__.py"
    assert is_own(found)


def test_a_text_on_the_command_line_was_not_handed_in(folder: Path) -> None:
    python = shutil.which("python3", path="/usr/bin") or pytest.skip("no python3 of the system")
    assert not is_own(seen(folder, python, "-c", SLEEPS, "server.py"))


def test_a_program_of_the_system_stays_one_by_any_name(folder: Path) -> None:
    cat = shutil.which("cat", path="/usr/bin:/bin") or pytest.skip("no cat")
    (folder / "server").symlink_to(cat)
    with subprocess.Popen(
        ["./server"], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(b"on\n")
        process.stdin.flush()
        process.stdout.read(1)
        found = executed(process.pid)
        process.stdin.close()
    assert Path(found.program) == Path(cat).resolve()
    assert not is_own(found)


def test_who_has_written_over_its_words_is_held_for_neither(folder: Path) -> None:
    perl = shutil.which("perl", path="/usr/bin") or pytest.skip("no perl")
    (folder / "server.pl").write_text(RENAMED)
    found = seen(folder, perl, "server.pl")
    with pytest.raises(Missing):
        is_own(found)
