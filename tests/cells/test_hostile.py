"""Faults that would take the harness down with them: a verdict all the same, and the machine as before.

The programs are in `hostile/`. They run only where they can reach nobody else: in namespaces, or, as
root, under a uid of their own. Those that would do harm refuse to run elsewhere (`belt.h`).
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil
import pytest

from harness.cell import cells
from harness.cell.memory_group import MemoryGroup
from harness.engine import recordings_file
from harness.engine.machine_lock import the_port
from harness.observe.sockets import SocketTable, State

HOSTILE: Final = Path(__file__).parent.parent / "hostile"
TRACED: Final = Path(__file__).parent / "touched" / "kills_its_tracer.py"
GUARD_S: Final = 360.0
GRACE_S: Final = 20.0
PORT: Final = 54321
PR_SET_CHILD_SUBREAPER: Final = 36
LIBC: Final = ctypes.CDLL(None)

pytestmark = pytest.mark.skipif(not shutil.which("cc"), reason="no C compiler here")

_WELL: Final = {"service/reply": {"PASS"}}
# By program: which requirements it is checked by, and what they may come to. INCONCLUSIVE is right where
# our own limit is met, or a keeper killed, or a printer on a loaded machine outlasts the guard.
MAY_COME_TO: Final[dict[str, dict[str, set[str]]]] = {
    "closes-stdout": {  # the listener is descriptor 0, the first connection 1
        "contract/listens": {"PASS"},
        "service/closes": {"PASS"},
        "concurrency/silent-client": {"PASS"},
        "fork/parent-closes-connection": {"PASS"},
        "fork/child-closes-listener": {"PASS"},
        "reaping/sequential": {"PASS"},
        "abuse/no-descriptors": {"PASS"},
    },
    "ignores-everything": {"service/reply": {"PASS"}, "lifecycle/terminate": {"FAIL"}},
    "eats-memory": _WELL,
    "leaves-orphans": _WELL,
    "removes-its-limits": _WELL,
    "stops-its-parent": _WELL,
    "stops-everybody": _WELL,
    "prints-4-gb": {"service/reply": {"PASS", "INCONCLUSIVE"}},
    "kills-everybody": {"service/reply": {"PASS", "INCONCLUSIVE"}},
    "forks-exponentially": {"service/reply": {"FAIL", "INCONCLUSIVE"}},
    "burns-the-processor": {"service/reply": {"PASS", "INCONCLUSIVE"}},
    # strace, where errors are injected, and those who sit at consoles; its keeper, where it sees that.
    "kills-strangers": {
        "service/reply": {"PASS", "INCONCLUSIVE"},
        "abuse/every-error": {"INCONCLUSIVE"},
        "concurrency/people": {"FAIL", "INCONCLUSIVE"},
    },
    "fork-storm": {"service/reply": {"FAIL", "INCONCLUSIVE"}},
    "fork-storm-at-start": {"contract/listens": {"FAIL"}},
    "stops-itself": {"service/reply": {"FAIL"}},
    "replies-without-end": {"contract/listens": {"PASS"}, "service/reply": {"FAIL"}},
    "greets-with-100-mb": {"contract/listens": {"PASS"}, "service/reply": {"FAIL"}},
    "connects-to-itself": {"contract/listens": {"PASS", "INCONCLUSIVE"}},
    "vforks-for-ever": {"service/reply": {"FAIL"}},
    "drips-without-end": {"service/reply": {"FAIL"}},
    "traces-its-children": {"service/reply": {"PASS"}, "abuse/every-error": {"PASS", "INCONCLUSIVE"}},
    "storms-of-timers": {"service/reply": {"PASS", "INCONCLUSIVE"}},
    "renames-itself": {"service/reply": {"PASS"}, "reaping/burst": {"PASS"}},
    "executes-itself": {"contract/listens": {"INCONCLUSIVE"}},
    "churns-pids": {"service/reply": {"PASS", "INCONCLUSIVE"}},
}
# What no kind of cell has a part in: who reads what is printed or sent, the bound of a check, and the
# rule that tells a runaway from a start. That a storm is bounded, and ended, in every kind of cell is
# held by fork-storm.
IN_ONE_CELL: Final = {
    "prints-4-gb",
    "fork-storm-at-start",
    "replies-without-end",
    "greets-with-100-mb",
    "connects-to-itself",
    "vforks-for-ever",
    "drips-without-end",
    "traces-its-children",
    "storms-of-timers",
    "renames-itself",
    "executes-itself",
}
# A storm shares the processors with itself: on a loaded machine its proof takes longer than a start may.
LIMITS: Final = {
    "fork-storm-at-start": "[limits]\nstart_s = 150\nmost_s = 300\n",
    "executes-itself": "[limits]\nmost_s = 20\n",
    "churns-pids": "[limits]\nmost_s = 60\n",
    "drips-without-end": "[limits]\nmost_s = 30\n",
    # It never rests, and has all of its time; and who connects may be a client, where nobody says more.
    "connects-to-itself": '[submission]\nrole = "server"\n[limits]\nmost_s = 20\n',
}
# By program that makes one attempt and serves well: what it may get in bubblewrap. Nothing, by default.
MAY_GET: Final = {
    "adds-key": "the key is added",  # it is its user's, and goes with the user namespace
    "fills-dev-shm": "16 MB are taken",
    "fills-its-home": r"\d\d MB are taken",
    "fills-memfds": r"\d+ MB are taken",  # no limit of ours bounds it: SECURITY.md
    "fills-pipes": r"\d+ pipes are filled",
    "fills-shared-memory": r"\d+ MB are taken",
    "fills-sockets": r"\d+ pairs are filled",
    "forks-in-a-namespace": r"\d{1,3} processes are started",  # no more than outside of it
    "kills-process-1": "the signal is sent, without effect",
    "leaves-files-everywhere": r"\d+ things are left",  # in folders of its cell's own
    "leaves-set-uid-file": "it lies in its home",  # which nobody else can reach
    "leaves-shared-memory": "it is made",
    "locks-its-files": "they are there",
    "lowers-limits-of-its-parent": "its parent's limits are its own to set",
    "makes-many-files": "20000 files are made",
    "makes-user-namespace": "the namespace is made",
    "makes-zombies": r"\d+ zombies are made",
    "mounts": "the tmpfs is mounted",
    "nests-folders": "1000 folders are made",
    "opens-terminals": r"\d+ terminals are open",
    "opens-vsock": "the socket is made",
    "reads-descriptors": r"\d others' descriptors can be listed",  # those of bubblewrap's own process 1
    "sets-up-io-uring": "it is set up",
    "shares-with-children": "20 children share its memory",
    "signals-all-others": r"\d others may be sent signals",
    "starts-many-threads": r"\d+ threads are started",  # it is given room for a thousand, once
    "writes-beside-its-program": "its folder can be written",  # its home, where a copy of it lies
    "writes-over-its-program": "its program can be changed",
}
# Those that take 4 GB run only where a control group bounds what all of a cell together have.
SUMS: Final = {"eats-in-eight-children", "fills-4-gb-of-memfds", "fills-4-gb-of-shared-memory"}
# A check whose cells no control group holds; it waits until one of ours holds all of it.
WATCHED: Final = """
import sys
from harness.cell import cells
sys.stdin.readline()
begin = "from harness.cell.zygote import main"
refused = '''
import errno
from harness.cell import memory_group
def refused(_): raise OSError(errno.EROFS, "refused")
memory_group.MemoryGroup._make = refused
'''
cells._START = cells._START.replace(begin, refused + begin)
from harness.cli import main
main()
"""
ALL_BYTES: Final = 6 << 30
VERDICT: Final = {0, 1, 2}  # the exit statuses that are one; 3 is ours or the machine's


@dataclass(frozen=True)
class Run:
    """One check of a hostile program: its exit status, its verdicts by id, and what it said."""

    status: int
    verdicts: dict[str, str]
    said: str


def source_of(name: str) -> Path:
    """The file of a hostile program, whatever its language."""
    return next(HOSTILE.glob(f"{name}.*"))


def forkspec(name: str, cell: str, cache: Path, *more: str) -> Run:
    """Check one program in one kind of cell, by the requirements that MAY_COME_TO names for it."""
    out = cache / "result.json"
    out.unlink(missing_ok=True)
    words = ["check", str(source_of(name)), "--cell", cell, "--json", str(out)]
    only = [word for each in MAY_COME_TO.get(name, _WELL) for word in ("--only", each)]
    if name in LIMITS:
        (cache / "limits.toml").write_text(LIMITS[name], encoding="utf-8")
        words += ["--assignment", str(cache / "limits.toml")]
    done = subprocess.run(
        [sys.executable, "-m", "harness.cli", *words, *only, *more],
        env={**os.environ, "FORKSPEC_CACHE": str(cache)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=GUARD_S,
        check=False,
    )
    result = json.loads(out.read_text()) if out.exists() else {"verdicts": []}
    assert result.get("cell", cell) == cell
    verdicts = {each["id"]: each["verdict"] for each in result["verdicts"]}
    return Run(done.returncode, verdicts, done.stdout)


@pytest.fixture(scope="module")
def cache() -> Iterator[Path]:
    """A build cache of our own, whose path names our subjects among all processes of the machine."""
    with tempfile.TemporaryDirectory(prefix="forkspec-test-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture(scope="module")
def granted() -> dict[str, bool]:
    """Which kinds of cell this machine gives: asked for another one, forkspec takes a lesser one."""

    async def kind(wanted: cells.CellKind) -> str:
        with cells.Cells(wanted) as some:
            return (await some.grant()).kind

    return {wanted: asyncio.run(kind(wanted)) == wanted for wanted in cells.KINDS}


@pytest.fixture(scope="module")
def unbounded() -> str:
    """Why nothing bounds the memory of all processes of a cell together; "" where that is done."""

    async def asked() -> str:
        with cells.Cells() as some:
            async with some.cell() as cell:
                return cell.unbounded

    return asyncio.run(asked())


LONG: Final = (
    "fork-storm", "forks-exponentially", "prints-4-gb", "connects-to-itself", "eats-memory",
    "churns-pids", "executes-itself", "drips-without-end", "storms-of-timers", "stops-itself",
)  # fmt: skip


def together(kind: cells.CellKind, name: str) -> list[pytest.MarkDecorator]:
    """Run storms one at a time, and with the tests that share the machine's port.

    Six are tried for each commit, each in one kind of cell, and of those that take long one.
    """
    group = pytest.mark.xdist_group("plain" if kind == "plain" else "storms")
    six = f"storm {list(MAY_COME_TO).index(name) % 6}"
    return [group, pytest.mark.one_in_turn("long storms" if name.startswith(LONG) else six)]


@pytest.fixture
def cell(request: pytest.FixtureRequest, granted: dict[str, bool]) -> str:
    """Each kind of cell in turn, where it is given and harms nobody."""
    if not granted[request.param]:
        pytest.skip("this machine does not give such a cell")
    if request.param == "plain" and os.getuid() != 0:
        pytest.skip("only as root a subject has a uid of its own in a plain cell")
    return str(request.param)


def children() -> set[int]:
    """Our children, zombies among them."""
    return {process.pid for process in psutil.Process().children()}


def subjects(cache: Path) -> list[str]:
    """All processes of the machine that have to do with our build cache."""
    found = []
    for process in psutil.process_iter(["exe", "cwd", "cmdline"]):
        words = [process.info["exe"], process.info["cwd"], *(process.info["cmdline"] or [])]
        if any(str(cache) in word for word in words if word):
            found.append(f"{process.pid} {words}")
    return found


def folders() -> set[str]:
    """Scratch folders whose keeper, named in them, has gone; those of others at work are not ours."""
    found = {entry.name for entry in Path(tempfile.gettempdir()).glob("forkspec-cell-*")}
    return {name for name in found if not Path(f"/proc/{name.split('-')[2]}").exists()}


def listens(port: int) -> bool:
    """Whether a program listens on a port of the machine while no plain cell is at work."""
    table = SocketTable()
    try:
        with the_port(port):
            rows = table.rows(port)
        return any(row.state is State.LISTEN and row.local[1] == port for row in rows)
    finally:
        table.close()


@pytest.fixture
def _as_before(cache: Path, cell: str) -> Iterator[None]:
    """The machine after a test is as it was before it.

    We are a subreaper (prctl(2)) meanwhile: whatever outlives forkspec becomes our child. A bystander
    of our own user is neither killed nor stopped.
    """
    before, folders_before = children(), folders()
    LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    bystander = psutil.Popen(["sleep", str(2 * GUARD_S)])
    try:
        yield
        assert bystander.status() in {psutil.STATUS_SLEEPING, psutil.STATUS_RUNNING}
    finally:
        bystander.kill()
        bystander.wait()
        left = children() - before
        strays = subjects(cache)
        for pid in left:
            end(pid)
        LIBC.prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)
    assert left == set()
    assert strays == []
    until = time.monotonic() + GRACE_S
    while (scratch := folders() - folders_before) and time.monotonic() < until:
        time.sleep(0.05)
    assert scratch == set()
    assert cell != "plain" or not listens(PORT)


def end(pid: int) -> None:
    """Kill an orphan that has become ours, and all below it."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        for each in [process, *process.children(recursive=True)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                each.kill()
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, 0)


@pytest.mark.slow
@pytest.mark.timeout(GUARD_S + 60)
@pytest.mark.usefixtures("_as_before")
@pytest.mark.parametrize(
    ("cell", "name"),
    [
        pytest.param(kind, name, marks=together(kind, name))
        for kind in cells.KINDS
        for name in MAY_COME_TO
        if kind == cells.KINDS[0] or name not in IN_ONE_CELL
    ],
    indirect=["cell"],
)
def test_it_ends_in_a_verdict(name: str, cell: str, cache: Path) -> None:
    run = forkspec(name, cell, cache)
    assert "Traceback" not in run.said
    assert run.status in VERDICT, run.said
    for requirement, outcomes in MAY_COME_TO[name].items():
        assert run.verdicts[requirement] in outcomes, run.said


def programs() -> dict[str, str]:
    """The sources of the hostile programs by name."""
    return {path.stem: path.read_text() for path in HOSTILE.glob("*.*") if path.suffix != ".h"}


def attempts() -> list[str]:
    """The programs that make one attempt each."""
    return sorted(name for name, source in programs().items() if '#include "attempt.h"' in source)


@pytest.mark.slow
@pytest.mark.timeout(GUARD_S + 60)
@pytest.mark.usefixtures("_as_before")
@pytest.mark.parametrize("cell", ["bubblewrap"], indirect=True)
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.one_in_turn(f"attempt {number % 2}"))
        for number, name in enumerate(attempts())
    ],
)
def test_what_it_attempts_is_refused(name: str, cell: str, cache: Path, unbounded: str) -> None:
    """It is judged as the sound server that it is beside that; it was kept from the rest, or bounded."""
    if name in SUMS and unbounded:
        pytest.skip(unbounded)
    seen = cache / "seen.jsonl"
    seen.unlink(missing_ok=True)
    run = forkspec(name, cell, cache, "--record", str(seen))
    assert run.verdicts["service/reply"] == "PASS", run.said
    told = [
        match[1]
        for recording in recordings_file.read(seen)[0]
        if (match := re.search(r"^attempt: (.+?)\r?$", recording.printed, re.MULTILINE))
    ]
    assert told
    assert re.fullmatch(f"refused|{MAY_GET.get(name, 'refused')}", told[0]), told[0]


@pytest.mark.slow
@pytest.mark.timeout(GUARD_S + 60)
@pytest.mark.usefixtures("_as_before")
@pytest.mark.one_in_turn("watched sums")
@pytest.mark.parametrize("cell", ["bubblewrap", "namespaces"], indirect=True)
@pytest.mark.parametrize(
    ("name", "comes_to"),
    [
        *((name, "refused") for name in sorted(SUMS)),
        ("shares-with-children", MAY_GET["shares-with-children"]),
    ],
)
def test_a_sum_is_watched_where_no_group_bounds_it(
    name: str, comes_to: str, cell: str, cache: Path
) -> None:
    """Only inside a bound for all of it, which is another group's: a watch that fails harms nobody."""
    group = MemoryGroup()
    if group.refused:
        pytest.skip(group.refused)
    group.bound(ALL_BYTES)
    seen = cache / "seen.jsonl"
    seen.unlink(missing_ok=True)
    words = ["check", str(HOSTILE / f"{name}.c"), "--cell", cell, "--only", "service/reply"]
    (cache / "limits.toml").write_text("[limits]\nstart_s = 150\n", encoding="utf-8")
    words += ["--record", str(seen), "--assignment", str(cache / "limits.toml")]
    with subprocess.Popen(
        [sys.executable, "-c", WATCHED, *words],
        env={**os.environ, "FORKSPEC_CACHE": str(cache)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as checks:
        try:
            assert group.join(checks.pid) == ""
            said, _ = checks.communicate("\n", GUARD_S)
        finally:
            group.end(GRACE_S)
    assert checks.returncode == 0, said
    printed = [each.printed for each in recordings_file.read(seen)[0]]
    assert any(f"attempt: {comes_to}" in each for each in printed), printed


def test_a_tracer_that_the_server_kills_is_no_proof(cache: Path) -> None:
    words = ["check", str(TRACED), "--only", "abuse/every-error", "--json", str(cache / "result.json")]
    done = subprocess.run(
        [sys.executable, "-m", "harness.cli", *words],
        capture_output=True,
        text=True,
        timeout=GUARD_S,
        check=False,
    )
    (seen,) = json.loads((cache / "result.json").read_text())["verdicts"]
    assert seen["verdict"] in {"INCONCLUSIVE", "NOT_APPLICABLE"}, done.stdout
    assert "strace was killed" in done.stdout or not shutil.which("strace")


def test_who_kills_those_at_keyboards_is_told_that(cache: Path) -> None:
    """It was told as a server with a fixed number of places."""
    out = cache / "people.json"
    words = ["check", str(HOSTILE / "kills-strangers.c"), "--only", "concurrency/people"]
    done = subprocess.run(
        [sys.executable, "-m", "harness.cli", *words, "--cell", "bubblewrap", "--json", str(out)],
        env={**os.environ, "FORKSPEC_CACHE": str(cache)},
        capture_output=True,
        text=True,
        timeout=GUARD_S,
        check=False,
    )
    (seen,) = json.loads(out.read_text())["verdicts"]
    assert seen["verdict"] == "FAIL", done.stdout
    assert "a signal has ended the client programs of person " in seen["evidence"]["observed"]
    assert seen["evidence"].get("cause", "") == ""


def test_every_program_is_tried_and_introduces_itself() -> None:
    first_lines = {
        name: source[source.startswith("#!") and source.index("\n") + 1 :].splitlines()[0]
        for name, source in programs().items()
    }
    assert set(first_lines) == {*MAY_COME_TO, *attempts()}
    assert set(attempts()) >= set(MAY_GET)
    assert [
        line
        for line in first_lines.values()
        if not re.fullmatch(r'(// |# |""")Hostile: .+\.(""")?', line)
    ] == []


@pytest.mark.skipif(
    os.getuid() != 0 and Path("/proc/1").stat().st_uid == os.getuid(),
    reason="process 1 is ours, and so this place looks like a cell",
)
def test_the_belt_holds_outside_a_cell(tmp_path: Path) -> None:
    """Tried with a harmless program; the harmful ones put it on before anything else."""
    source, program = tmp_path / "tame.c", tmp_path / "tame"
    source.write_text(f'#include "{HOSTILE}/belt.h"\nint main(void) {{ only_in_a_cell(); }}\n')
    subprocess.run(["cc", "-o", program, source], check=True)
    done = subprocess.run([program], capture_output=True, text=True, timeout=10, check=False)
    assert (done.returncode, done.stderr) == (1, "hostile: runs nowhere but in a cell\n")
    assert re.search(r"int main\(.*\)\n\{\n    only_in_a_cell\(\);", (HOSTILE / "attempt.h").read_text())
    tame = {"closes-stdout", "ignores-everything", "stops-itself"}
    for name, text in programs().items():
        assert name in {*tame, *attempts()} or re.search(
            r"int main\(.*\)\n\{\n    only_in_a_cell\(\);|runs nowhere but in a cell", text
        ), name


@pytest.mark.slow
@pytest.mark.timeout(GUARD_S)
@pytest.mark.usefixtures("_as_before")
@pytest.mark.parametrize("cell", ["namespaces", "plain"], indirect=True)
@pytest.mark.parametrize("name", ["fills-dev-shm", "leaves-shared-memory", "leaves-files-everywhere"])
def test_nothing_that_it_leaves_stays_on_the_machine(name: str, cell: str, cache: Path) -> None:
    before = everybodys()
    assert forkspec(name, cell, cache).verdicts["service/reply"] == "PASS"
    end = time.monotonic() + GUARD_S / 2  # the same programs may run in other tests just now
    while everybodys() - before and time.monotonic() < end:
        time.sleep(0.1)
    assert everybodys() - before == set()


def everybodys() -> set[str]:
    """What such a program has in places where everybody may write, and all of System V's objects."""
    found = {
        str(path)
        for place in ("/tmp", "/var/tmp", "/dev/shm")
        for path in (*Path(place).glob("left-*"), *Path(place).glob("hostile-*"))
    }
    for kind in ("shm", "sem", "msg"):
        rows = Path(f"/proc/sysvipc/{kind}").read_text().splitlines()[1:]
        found |= {f"{kind} {row.split()[1]}" for row in rows}
    return found
