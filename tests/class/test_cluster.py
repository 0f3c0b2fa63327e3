"""A class on a Dask scheduler: the same grade book, whichever worker is killed; errors in a sentence."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import psutil
import pytest

import harness
from harness.cohort import cluster
from harness.subject.places import shipped
from tests.command import FORKSPEC, GUARD_S, run

HERE: Final = "127.0.0.1"
KILLER: Final = """\
import os, signal
from harness.cohort.examine import Examiner

def dask_setup(worker):
    examine = Examiner.examine
    async def ends_the_worker(self, hand_in, place):
        if hand_in.student == "mallory":
            os.kill(os.getpid(), signal.SIGKILL)
        return await examine(self, hand_in, place)
    Examiner.examine = ends_the_worker
"""

with_dask = pytest.mark.skipif(
    importlib.util.find_spec("distributed") is None, reason="Dask is not installed: forkspec[cluster]"
)
pytestmark = pytest.mark.xdist_group("class")


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three students: a server in an archive, what is no server, and a folder with nothing to run."""
    folder = tmp_path_factory.mktemp("class")
    with zipfile.ZipFile(folder / "bob.zip", "w") as archive:
        archive.write(shipped("servers") / "lecture" / "tcpserver.py", "bob/server.py")
    (folder / "fay.py").write_text("print('not a server')\n")
    (folder / "emil").mkdir()
    (folder / "emil" / "notes.txt").write_text("sorry")
    return folder


@pytest.fixture(scope="module")
def book(handed_in: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    out = tmp_path_factory.mktemp("results")
    assert run("grade", handed_in, "--out", out).returncode == 0
    return (out / "gradebook.csv").read_text(encoding="utf-8")


@with_dask
@pytest.mark.one_in_turn("a class that is broken off")
def test_a_worker_that_is_killed_loses_nothing(handed_in: Path, book: str, tmp_path: Path) -> None:
    words = [*FORKSPEC, "grade", str(handed_in), "--out", str(tmp_path), "--cluster", "local"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        _busy_worker(running.pid).kill()
        told, wrong = running.communicate(timeout=GUARD_S)
    assert (running.returncode, wrong) == (0, "")
    assert "[3/3]" in told
    assert (tmp_path / "gradebook.csv").read_text(encoding="utf-8") == book
    assert not (tmp_path / "handed-in").exists(), "what was begun here was ended"


def _busy_worker(pid: int) -> psutil.Process:
    """The worker that examines a server: it has a zygote with keepers."""
    end_s = time.monotonic() + GUARD_S
    while time.monotonic() < end_s:
        for worker in psutil.Process(pid).children():
            with suppress(psutil.NoSuchProcess):  # what only built something has gone
                if len(worker.children(recursive=True)) > 3:
                    return worker
        time.sleep(0.05)
    pytest.fail("no worker was ever busy")


@contextmanager
def _dask(folder: Path, *words: str) -> Iterator[str]:
    """A scheduler and a worker as one starts them by hand; gives their address."""
    told = folder / "scheduler.json"
    dask = [sys.executable, "-m", "dask"]
    environment = {
        **os.environ,
        "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1",
        "DASK_TEMPORARY_DIRECTORY": str(folder),
    }
    quiet: dict[str, Any] = {
        "stdout": subprocess.DEVNULL,
        "stderr": subprocess.DEVNULL,
        "env": environment,
    }
    running = []
    try:
        line = [*dask, "scheduler", "--port", "0", "--scheduler-file", str(told), "--no-dashboard"]
        running.append(subprocess.Popen([*line, "--host", HERE], **quiet))
        line = [*dask, "worker", "--scheduler-file", str(told), "--no-dashboard", *words]
        running.append(subprocess.Popen([*line, "--host", HERE], **quiet))
        end_s = time.monotonic() + GUARD_S
        while not (told.exists() and told.read_text()):
            assert time.monotonic() < end_s
            time.sleep(0.05)
        yield json.loads(told.read_text())["address"]
    finally:
        for process in reversed(running):
            process.send_signal(signal.SIGINT)
            process.wait(GUARD_S)


@with_dask
@pytest.mark.one_in_turn("a class that is broken off")
def test_who_ends_the_worker_twice_is_set_aside(handed_in: Path, book: str, tmp_path: Path) -> None:
    submissions, out = tmp_path / "class", tmp_path / "results"
    shutil.copytree(handed_in, submissions)
    (submissions / "mallory.py").write_text("print('not a server')\n")
    (tmp_path / "killer.py").write_text(KILLER)
    with _dask(tmp_path, "--nthreads", "1", "--preload", str(tmp_path / "killer.py")) as address:
        done = run("grade", submissions, "--out", out, "--cluster", address)
    assert (done.returncode, done.stderr) == (0, "")
    lines = (out / "gradebook.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (hers,) = (line for line in lines if line.startswith("mallory"))
    assert "set aside: it ended its grading worker twice" in hers
    assert "".join(line for line in lines if line is not hers) == book
    again = run("grade", submissions, "--out", out)
    assert "[4/4] mallory: 0 of 3" in again.stdout
    assert "emil" in again.stdout, "and nobody else but who was refused, too"
    assert "bob" not in again.stdout


@with_dask
def test_workers_that_take_several_at_a_time_are_refused(handed_in: Path, tmp_path: Path) -> None:
    with _dask(tmp_path, "--nthreads", "2") as address:
        done = run("grade", handed_in, "--out", tmp_path / "results", "--cluster", address)
    assert done.returncode == 3
    assert "takes 2 tasks at a time: start it with --nthreads 1" in done.stderr


@pytest.mark.slow
@with_dask
@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nonsense"])
def test_a_wrong_address_is_told(handed_in: Path, tmp_path: Path, address: str) -> None:
    done = run("grade", handed_in, "--out", tmp_path / "results", "--cluster", address)
    assert done.returncode == 3
    assert done.stderr.count("\n") == 1
    assert f"{address}: no Dask scheduler answers there" in done.stderr


def test_without_dask_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(harness.HarnessError, match=r"pip install 'forkspec\[cluster\]'"):
        cluster.on("tcp://127.0.0.1:8786")
