"""Builds that would take the machine down with them, or look around in it: kept from it, or ended.

Each script of `hostile/builds/` makes one attempt, and runs only where it is not root and the number of
its processes is limited. It is tried in bubblewrap, and where there is none.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import resource
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import psutil
import pytest

import harness
from harness.cell import bubblewrap, isolation
from harness.cell.memory_group import MemoryGroup
from harness.cell.processor_share import ProcessorShare
from harness.engine import targets
from harness.subject import build_sandbox
from harness.subject.build_sandbox import Built, open_to, workshop
from tests.open_folder import open_folder

BUILDS: Final = Path(__file__).parent.parent / "hostile" / "builds"
GUARD_S: Final = 20.0
GRACE_S: Final = 5.0
PR_SET_CHILD_SUBREAPER: Final = 36
LIBC: Final = ctypes.CDLL(None)
KNOWN: Final = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}
REFUSED: Final = "refused"
# What it comes to: what it says itself, or what ended it; without bubblewrap where that differs.
MAY_COME_TO: Final = {
    "starts-many-processes": r"\d{1,3} processes are started|",
    "multiplies": "it multiplies|the build did not finish within.*|",
    "leaves-a-daemon": "a daemon is started",
    "eats-in-eight-processes": "[0-5] of them have it all at once|the build did not finish within.*",
    "includes-dev-zero": REFUSED,
    "explodes-in-macros": f"{REFUSED}|the build did not finish within.*",
    "explodes-in-templates": f"{REFUSED}|the build did not finish within.*",
    "fills-the-disk": "the build filled more than 2048 MB",
    "makes-many-files": "the build made more than 100000 files|the build did not finish within.*",
    "prints-without-end": "the build did not finish within.*|",
    "writes-outside": REFUSED,
    "connects-out": REFUSED,
    "reads-others-work": REFUSED,
    "signals-all-others": REFUSED,
}
WITHOUT: Final = {
    "writes-outside": r"\d places can be written",
    "connects-out": "it is connected",
    "reads-others-work": "it is read|refused",
}
NEEDS_A_GROUP: Final = {"eats-in-eight-processes"}  # it takes 7 GB, else


def scripts() -> list[str]:
    """The scripts by name."""
    return sorted(path.stem for path in BUILDS.glob("*.sh"))


@contextlib.contextmanager
def listening() -> Iterator[int]:
    """A listener of the machine: its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def built(name: str, port: int, others: Path) -> Built:
    """What comes of a build that is such a script."""
    text = (BUILDS / f"{name}.sh").read_text()
    with workshop() as place:
        script = place.folder / "attempt.sh"
        script.write_text(text.replace("PORT", str(port)).replace("OTHERS", str(others)))
        open_to(place.folder, place.uid)
        return place.run(["sh", "attempt.sh"], KNOWN)


def strangers() -> set[int]:
    """The living processes of the uid that builds run as, or the attempt's where that is ours."""
    uid, found = isolation.subject_uid(), set[int]()
    for each in psutil.process_iter(["uids", "status", "cmdline"]):
        is_theirs = "hostile-daemon" in str(each.info["cmdline"]) or os.getuid() == 0
        if is_theirs and each.info["uids"].real == uid and each.info["status"] != psutil.STATUS_ZOMBIE:
            found.add(each.pid)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("place", ["bubblewrap", "alone"])
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.one_in_turn(f"build {number % 2}"))
        for number, name in enumerate(scripts())
    ],
)
def test_a_hostile_build_comes_to_an_end_and_leaves_nothing(
    name: str, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = MemoryGroup()
    group.end(1.0)
    if name in NEEDS_A_GROUP and group.refused:
        pytest.skip(group.refused)
    if place == "bubblewrap" and bubblewrap.find() is None:
        pytest.skip("no bubblewrap here")
    if place == "alone":
        monkeypatch.setattr(bubblewrap, "find", lambda: None)
        if not build_sandbox._alone(isolation.subject_uid()):
            pytest.skip("no pid namespace for an ordinary user here")
    monkeypatch.setattr(build_sandbox, "GUARD_S", GUARD_S)
    monkeypatch.setattr(ProcessorShare, "starved_s", lambda _: 0.0)  # the limit is what is tried here
    others = tmp_path / "others.c"
    others.write_text("int main;\n")
    before = strangers()
    begun = time.monotonic()
    with listening() as port:
        came = built(name, port, others)
    assert time.monotonic() - begun < 2 * GUARD_S
    told = re.findall(r"^attempt: (.+)$", came.log, re.MULTILINE)
    last = told[-1] if told else came.log.splitlines()[-1] if came.log and not came.succeeded else ""
    may = MAY_COME_TO[name] if place == "bubblewrap" else WITHOUT.get(name, MAY_COME_TO[name])
    assert re.fullmatch(may, last) or (name == "prints-without-end" and not came.succeeded), came.log
    until = time.monotonic() + GRACE_S
    while (left := strangers() - before) and time.monotonic() < until:
        time.sleep(0.05)
    assert left == set()


def test_no_file_that_would_give_another_user_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A build runs as a spare uid; what is kept of it may be root's, in a folder that all can reach."""
    folder = tmp_path / "handed in"
    folder.mkdir()
    (folder / "server.c").write_text("int main(void) { return 0; }\n")
    (folder / "Makefile").write_text(
        "server: server.c\n\tcc -o server server.c\n\tchmod 6755 server\n\tcp -p server helper\n"
    )
    with open_folder() as cache:
        monkeypatch.setenv("FORKSPEC_CACHE", str(cache))
        assert targets.prepare(str(folder)).failure == ""
        kept = [path for path in cache.rglob("*") if path.name in {"server", "helper"}]
        assert len(kept) > 1
        assert [path for path in kept if path.stat().st_mode & 0o6022] == []


def test_every_build_is_tried_and_introduces_itself() -> None:
    assert scripts() == sorted(MAY_COME_TO)
    for path in BUILDS.glob("*.sh"):
        first, guard, *_ = path.read_text().splitlines()
        assert re.fullmatch(r"# Hostile: it .+\.", first), path
        assert guard.startswith('[ "$(id -u)" -ne 0 ] && '), path
        assert guard.endswith("|| exit 1"), path


def test_a_script_refuses_to_run_without_limits() -> None:
    assert shutil.which("sh")
    for path in BUILDS.glob("*.sh"):
        if os.getuid() == 0:
            assert os.spawnlp(os.P_WAIT, "sh", "sh", str(path)) == 1


@pytest.fixture
def _one_processor() -> Iterator[None]:
    """One processor for us, and twelve others who never rest on it.

    Each has a session of its own: some kernels share a processor out among sessions (sched(7)).
    """
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    busy = ["sh", "-c", "while :; do :; done"]
    others = [subprocess.Popen(busy, start_new_session=True) for _ in range(12)]
    try:
        yield
    finally:
        for each in others:
            each.kill()
            each.wait()
        os.sched_setaffinity(0, before)


_MUCH: Final = 6_000_000
_LONG_SUM: Final = (
    f"import subprocess, sys; subprocess.run([sys.executable, '-c', 'sum(range({_MUCH}))'])"
)
_BUILDS: Final = {
    "shell": ("sh", "-c", "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; echo built"),
    "python": ("python3", "-c", f"{_LONG_SUM}; print('built')"),
}


def processor_s(words: Sequence[str]) -> float:
    """The processor time that this command takes, on this machine, now."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@pytest.mark.slow
@pytest.mark.usefixtures("_one_processor")
@pytest.mark.parametrize("name", list(_BUILDS))
def test_a_build_is_not_ended_while_others_have_the_processor(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside a storm of processes a compiler ran into the limit: the server that it built was failed.

    Its time is four times what it takes of a processor, of which it gets a thirteenth.
    """
    monkeypatch.setattr(build_sandbox, "GUARD_S", 4 * processor_s(_BUILDS[name]))
    with workshop() as place:
        open_to(place.folder, place.uid)
        came = place.run(list(_BUILDS[name]), KNOWN)
    assert (came.log, came.succeeded) == ("built\n", True)


@pytest.mark.skipif(not Path("/proc/self/schedstat").exists(), reason="this kernel counts no waiting")
@pytest.mark.usefixtures("_one_processor")
def test_who_sleeps_at_a_look_may_have_waited_for_the_processor() -> None:
    """A compiler that sleeps when it is looked at: it was not seen to want one, and was ended."""
    works = f"sum(range({_MUCH})); print(flush=True); input()"
    words = [sys.executable, "-c", works]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        share = ProcessorShare(process.pid)
        assert process.stdout
        process.stdout.readline()
        while psutil.Process(process.pid).status() != psutil.STATUS_SLEEPING:
            os.sched_yield()
        assert share.starved_s() > 0
        process.communicate("\n")


@pytest.mark.slow
@pytest.mark.usefixtures("_one_processor")
def test_nobody_is_failed_where_others_always_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where control groups share a processor, it may have half of it: any want must do."""
    monkeypatch.setattr(build_sandbox, "GUARD_S", 1.2)
    monkeypatch.setattr(build_sandbox, "STARVED_S", 0.2)
    with workshop() as place:
        open_to(place.folder, place.uid)
        with pytest.raises(harness.HarnessError, match="hardly any of a processor"):
            place.run(["sh", "-c", "while :; do :; done"], KNOWN)


@pytest.mark.parametrize("place", ["bubblewrap", "alone"])
def test_a_build_that_is_ended_leaves_no_orphan(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed before its own first process, bubblewrap leaves that to whoever takes orphans."""
    if place == "alone":
        monkeypatch.setattr(bubblewrap, "find", lambda: None)
    monkeypatch.setattr(build_sandbox, "GUARD_S", 0.3)
    before = psutil.Process().children()
    LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        with workshop() as shop:
            open_to(shop.folder, shop.uid)
            assert "did not finish" in shop.run(["sleep", "60"], KNOWN).log
        left = [each for each in psutil.Process().children() if each not in before]
    finally:
        LIBC.prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)
    assert left == []
