"""Machines that few have: the same verdicts, or one sentence."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.open_folder import open_folder

SERVERS: Final = Path(__file__).parent.parent.parent / "servers" / "lecture"
ASKED: Final = (
    "reaping/burst",
    "reaping/sequential",
    "concurrency/silent-client",
    "concurrency/latency",
)
FORKSPEC: Final = (sys.executable, "-m", "harness.cli")
GUARD_S: Final = 300
# A step of the clock at each look at it, ten years at most.
JUMPS: Final = """
import random, time
was, was_ns, chance = time.time, time.time_ns, random.Random(3)
far = 10 * 365 * 86400
time.time = lambda: max(1.0, was() + chance.uniform(-far, far))
time.time_ns = lambda: max(1, was_ns() + int(chance.uniform(-far, far) * 1e9))
from harness.cli import main
main()
"""
FEW_PIDS: Final = 'echo 1400 > /proc/sys/kernel/pid_max && exec "$@"'
READ_ONLY: Final = """
set -e
for place in /home /root/.cache /var/cache
do test ! -d $place || mount -t tmpfs -o ro none $place
done
mount -t tmpfs -o ro none /srv
export HOME=/srv
exec "$@"
"""
NO_SHARED_MEMORY: Final = """
set -e
mount -t tmpfs -o mode=755 none /media
for name in null zero full random urandom tty
do touch /media/$name; mount --bind /dev/$name /media/$name
done
mkdir /media/pts; mount --bind /dev/pts /media/pts; mknod -m 666 /media/ptmx c 5 2
ln -s /proc/self/fd /media/fd
mount --move /media /dev
test ! -e /dev/shm
exec "$@"
"""


def may_unshare(*words: str) -> bool:
    """Whether this machine lets us try it: as root, in namespaces of our own."""
    tried = ["unshare", *words, "true"]
    return (
        os.getuid() == 0
        and shutil.which("unshare") is not None
        and subprocess.run(tried, stderr=subprocess.DEVNULL, check=False).returncode == 0
    )


def checked(
    words: list[str], place: Path, server: str = "tcpserver4.cpp", *more: str, **known: str
) -> dict[str, str]:
    """The verdicts by id, and that nothing went wrong on the way."""
    out = place / "result.json"
    only = [word for each in ASKED for word in ("--only", each)]
    done = subprocess.run(
        [*words, "check", str(SERVERS / server), *only, *more, "--json", str(out)],
        env={**os.environ, **known},
        capture_output=True,
        timeout=GUARD_S,
        check=False,
    )
    said = (done.stdout + done.stderr).decode()
    assert "Traceback" not in said
    assert done.returncode in {0, 1}, said
    return {each["id"]: each["verdict"] for each in json.loads(out.read_text())["verdicts"]}


def test_a_clock_that_jumps_changes_nothing(tmp_path: Path) -> None:
    assert set(checked([sys.executable, "-c", JUMPS], tmp_path).values()) == {"PASS"}


@pytest.mark.slow
@pytest.mark.skipif(not may_unshare("-p", "-f", "--mount-proc"), reason="as root, with pid namespaces")
def test_numbers_of_processes_that_come_again_are_no_riddle(tmp_path: Path) -> None:
    alone = ["unshare", "-p", "-f", "--mount-proc", "sh", "-c"]
    if subprocess.run([*alone, FEW_PIDS, "sh", "true"], capture_output=True, check=False).returncode:
        pytest.skip("the number of pids is the whole machine's (before Linux 6.14)")
    if Path("/proc/sys/kernel/pid_max").read_text().strip() == "1400":
        pytest.fail("that was the machine's own")
    run = [*alone, FEW_PIDS, "sh", *FORKSPEC]
    assert set(checked(run, tmp_path).values()) == {"PASS"}
    failed = checked(run, tmp_path, "tcpserver2.cpp")
    assert failed["reaping/sequential"] == "FAIL"


@pytest.mark.skipif(not may_unshare("-m"), reason="as root, with mounts of one's own")
@pytest.mark.one_in_turn("no shared memory")
@pytest.mark.parametrize("cell", ["bubblewrap", "namespaces"])
def test_nobody_needs_shared_memory(cell: str, tmp_path: Path) -> None:
    run = ["unshare", "-m", "sh", "-c", NO_SHARED_MEMORY, "sh", *FORKSPEC]
    assert set(checked(run, tmp_path, "tcpserver4.cpp", "--cell", cell).values()) == {"PASS"}


@pytest.mark.skipif(not may_unshare("-m"), reason="as root, with mounts of one's own")
@pytest.mark.one_in_turn("a home that is read-only")
@pytest.mark.parametrize("server", ["tcpserver4.cpp", "tcpserver4.py"])
def test_who_cannot_write_at_home_says_where_builds_are_kept(server: str, tmp_path: Path) -> None:
    run = ["unshare", "-m", "sh", "-c", READ_ONLY, "sh", *FORKSPEC]
    with open_folder() as cache:
        assert set(checked(run, tmp_path, server, FORKSPEC_CACHE=str(cache)).values()) == {"PASS"}
    unset = {name: text for name, text in os.environ.items() if name != "FORKSPEC_CACHE"}
    done = subprocess.run(
        [*run, "check", str(SERVERS / server)],
        env=unset,
        capture_output=True,
        text=True,
        timeout=GUARD_S,
        check=False,
    )
    assert done.returncode == 3
    assert re.fullmatch(r"forkspec: the build cache .+ set FORKSPEC_CACHE to .+\n", done.stderr)


@pytest.mark.parametrize("coding", ["", "ascii:strict"])
def test_a_terminal_that_knows_ascii_alone_is_told_all(coding: str, tmp_path: Path) -> None:
    known = {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    if coding:
        known["PYTHONIOENCODING"] = coding
    verdicts = checked(list(FORKSPEC), tmp_path, "tcpserver.cpp", **known)
    assert verdicts["concurrency/silent-client"] == "FAIL"


@pytest.mark.slow
def test_of_two_who_grade_into_one_folder_one_is_told_to_wait(tmp_path: Path) -> None:
    for student in ("ada", "bob"):
        (tmp_path / "class" / student).mkdir(parents=True)
        shutil.copy(SERVERS / "tcpserver2.cpp", tmp_path / "class" / student)
    out = tmp_path / "results"
    words = [*FORKSPEC, "grade", str(tmp_path / "class"), "--out", str(out), "--format", "csv"]
    both = [subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(2)]
    ends = sorted((each.communicate(timeout=GUARD_S)[1].decode(), each.returncode) for each in both)
    told, statuses = zip(*ends, strict=True)
    assert sorted(statuses) in ([0, 0], [0, 3])
    if 3 in statuses:
        assert told[statuses.index(3)].endswith("another forkspec is at work there: wait for its end\n")
    assert len((out / "gradebook.csv").read_text().splitlines()) == 3
