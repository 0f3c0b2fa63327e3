"""The second trial: cells in other places, and cells that must end whole on every path."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from harness.cell.cell import CellError
from harness.cell.cells import Cells
from harness.cell.server_protocol import SendSignal
from harness.engine import targets
from harness.export import as_in_docker
from harness.observe import census, procfs
from harness.subject.manifest import cell_differences
from tests.open_folder import open_folder

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
GUARD_S = 600.0  # of a hang: a machine may be slow
SERVERS = ["tcpserver", "tcpserver2", "tcpserver3", "tcpserver4"]
# One server shows the faults; with the other no scenario may find one.
TWO = ["tcpserver2", "tcpserver4"]
# Each has its own: a limit on processes counts all of one user, and in plain cells two runs at once
# would take them from each other.
ORDINARY_UIDS = {
    "ordinary user": "12321",
    "ordinary user as in docker": "12322",
    "ordinary user without bubblewrap": "12323",
    "ordinary user without namespaces": "12324",
}
IS_ROOT = os.getuid() == 0
PLAIN = pytest.mark.xdist_group("plain")
KILLED = pytest.mark.xdist_group("killed")
HAS_OWN_PORT = IS_ROOT and all(shutil.which(tool) for tool in ("unshare", "ip"))
SHARED_PORT = [] if HAS_OWN_PORT else [PLAIN]
ONE_PLACE = pytest.mark.one_in_turn("places")
ASKED = pytest.mark.one_in_turn("a harness that is asked to end")
LEFT = pytest.mark.one_in_turn("a harness that ends by itself")


def open_python() -> str:
    """An interpreter of our version that an ordinary user can reach."""
    ours = f"python{sys.version_info.major}.{sys.version_info.minor}"
    candidates = [os.path.realpath(sys.executable), shutil.which(ours, path="/usr/bin:/usr/local/bin")]
    for path in filter(None, candidates):
        if all(parent.stat().st_mode & 0o001 for parent in Path(path).parents):
            return path
    pytest.skip(f"no {ours} that an ordinary user can reach")


@pytest.fixture
def writable() -> Iterator[Path]:
    """A folder that every user can reach and write to; pytest's own are closed."""
    with open_folder(0o777) as folder:
        yield folder


def run(
    words: list[str], tmp_path: Path, *, arguments: list[str], servers: Sequence[str]
) -> list[dict[str, Any]]:
    """`forkspec check` of some of the lecture's servers in another place; its JSON."""
    out = tmp_path / "out.json"
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "FORKSPEC_CACHE": str(tmp_path / "cache"),
        "PYTHONPATH": f"{ROOT}:{sysconfig.get_path('purelib')}",
    }
    done = subprocess.run(
        [*words, "-m", "harness.cli", "check", *servers, "--json", str(out), *arguments],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=GUARD_S,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    results: list[dict[str, Any]] = json.loads(out.read_text())
    return results


def verdicts(results: list[dict[str, Any]]) -> dict[str, dict[str, str]]:
    return {
        result["subject"]: {each["id"]: each["verdict"] for each in result["verdicts"]}
        for result in results
    }


def parents_are_open(path: Path) -> bool:
    return all(parent.stat().st_mode & 0o001 for parent in path.resolve().parents)


# A network of its own, and with it the port, as a container has them. The port's lock is named for the
# network; an ordinary user may not be allowed to make it.
OWN_PORT = """\
lock=/tmp/forkspec-port-54321-$(stat -L -c %i /proc/self/ns/net).lock
touch $lock && chmod 644 $lock && ip link set lo up && exec "$@"
"""


def elsewhere(place: str) -> tuple[list[str], list[str], set[str]]:
    """(command prefix, arguments of check, cells that this place may give)."""
    alone = ["unshare", "--net", "sh", "-c", OWN_PORT, "sh"] if HAS_OWN_PORT else []
    uid = ORDINARY_UIDS.get(place, "")
    user = ["setpriv", "--reuid", uid, "--regid", uid, "--clear-groups"] if IS_ROOT else []
    docker = as_in_docker.__file__
    any_cell = {"bubblewrap", "namespaces", "plain"}
    match place:
        case "ordinary user":
            return [*user, open_python()], [], any_cell
        case "root as in docker":
            return [*alone, sys.executable, docker, sys.executable], [], {"plain"}
        case "ordinary user as in docker":
            return [*alone, *user, open_python(), docker, open_python()], [], {"plain"}
        case "root without bubblewrap":
            hide = 'mount --bind /dev/null $(command -v bwrap || echo /dev/null); exec "$@"'
            words = ["unshare", "-m", "sh", "-c", hide, "sh", sys.executable]
            return words, [], {"namespaces", "plain"}
        case "ordinary user without bubblewrap":
            return [*user, open_python()], ["--cell", "namespaces"], {"namespaces", "plain"}
        case "ordinary user without namespaces":
            return [*alone, *user, open_python()], ["--cell", "plain"], {"plain"}
    raise AssertionError(place)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("place", "servers"),
    [
        pytest.param("ordinary user", TWO, marks=ONE_PLACE),
        pytest.param("root as in docker", SERVERS, marks=[*SHARED_PORT, ONE_PLACE]),
        pytest.param("ordinary user as in docker", TWO, marks=[*SHARED_PORT, ONE_PLACE]),
        pytest.param("root without bubblewrap", SERVERS, marks=ONE_PLACE),
        pytest.param("ordinary user without bubblewrap", TWO, marks=ONE_PLACE),
        pytest.param("ordinary user without namespaces", TWO, marks=[*SHARED_PORT, ONE_PLACE]),
    ],
)
def test_the_same_verdicts_in_every_cell(
    place: str, servers: list[str], writable: Path, lecture: dict[str, Any]
) -> None:
    """All four servers in each kind of cell; in bubblewrap the reference servers are on trial, too."""
    if place.startswith("root") and not IS_ROOT:
        pytest.skip("needs root")
    if not parents_are_open(ROOT) and "ordinary" in place and IS_ROOT:
        pytest.skip("an ordinary user cannot reach this clone")
    words, arguments, cells = elsewhere(place)
    results = run(words, writable, arguments=arguments, servers=servers)
    assert {result["cell"] for result in results} <= cells
    (cell,) = {result["cell"] for result in results}
    seen = verdicts(results)
    promises = {targets.prepare(name).name: lecture[targets.prepare(name).name] for name in servers}
    assert seen.keys() == promises.keys()
    observed = {
        (result["subject"], each["id"]): f"{each['verdict']}: {each['evidence']['observed']}"
        for result in results
        for each in result["verdicts"]
    }
    odd = [
        f"{name}: {identifier} not {promised}: {observed.get((name, identifier))}"
        for name, promise in promises.items()
        for identifier, promised in as_in(cell, promise).items()
        if seen[name].get(identifier) != promised
    ]
    assert not odd, "\n".join(odd)


def as_in(cell: str, promised: dict[str, str]) -> dict[str, str]:
    """The manifest's promises for one server, without what this kind of cell cannot show."""
    hidden = cell_differences().get(cell, {})
    return {i: "NOT_APPLICABLE" if i in hidden and o != "BLOCKED" else o for i, o in promised.items()}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("what", "name", "times"),
    [
        pytest.param("bubblewrap", "SIGKILL", 16, marks=KILLED),
        pytest.param("namespaces", "SIGKILL", 8, marks=KILLED),
        pytest.param("plain", "SIGKILL", 8, marks=PLAIN),
        pytest.param("bubblewrap", "SIGINT", 3, marks=[KILLED, ASKED]),
        pytest.param("plain", "SIGTERM", 3, marks=[PLAIN, ASKED]),
        pytest.param("bubblewrap", "none", 1, marks=[KILLED, LEFT]),
        pytest.param("plain", "none", 1, marks=[PLAIN, LEFT]),
        pytest.param("pytest", "none", 1, marks=[KILLED, LEFT]),
        pytest.param("pytest", "SIGINT", 3, marks=[KILLED, ASKED]),
        pytest.param("pytest", "SIGKILL", 3, marks=KILLED),
    ],
)
def test_nothing_outlives_a_killed_harness(what: str, name: str, times: int) -> None:
    words = [sys.executable, str(HERE / "killing.py"), what, name, str(times), "1"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        words, capture_output=True, text=True, timeout=GUARD_S, check=False, env=environment, cwd=ROOT
    )
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)


def test_a_keeper_that_breaks_says_why() -> None:
    """A field of another type than the order's is an error of ours, and must be found at once."""

    async def ask() -> None:
        with Cells() as cells:
            async with cells.cell() as cell:
                await cell.ask(SendSignal("one", signal.SIGTERM))  # type: ignore[arg-type]

    with pytest.raises(CellError, match=r"broke: .*no message of ours: Expected `int`, got `str`"):
        asyncio.run(ask())


@pytest.mark.parametrize("holds_a_cell", [False, True])
def test_a_zygote_that_does_not_end_is_killed_and_nothing_of_it_is_left(
    *, holds_a_cell: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harness.cell.cells.PATIENCE_S", 0.05)

    async def stop_it(some: Cells) -> tuple[int, list[int]]:
        await some.grant()
        (zygote,) = set(procfs.children(os.getpid(), procfs.task_ids(os.getpid()))) - before
        if not holds_a_cell:
            os.kill(zygote, signal.SIGSTOP)
            return zygote, []
        async with some.cell():
            keepers = procfs.children(zygote, [zygote])
            os.kill(zygote, signal.SIGSTOP)
        return zygote, keepers

    before = set(procfs.children(os.getpid(), procfs.task_ids(os.getpid())))
    with Cells() as some:
        zygote, keepers = asyncio.run(stop_it(some))
    assert bool(keepers) is holds_a_cell
    assert not Path(f"/proc/{zygote}").exists()
    end = time.monotonic() + GUARD_S
    while any(map(is_there, keepers)) and time.monotonic() < end:
        time.sleep(0.01)
    assert not any(map(is_there, keepers))


def is_there(pid: int) -> bool:
    """Whether a process lives: a zombie waits for whoever got it."""
    seen = census.look_at(pid)
    return seen is not None and not seen[0].is_zombie
