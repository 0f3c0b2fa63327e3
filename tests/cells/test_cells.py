"""The second trial: cells elsewhere, and cells that must die whole on every path."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.cell.cell import CellError
from harness.cell.cells import Cells
from harness.export import as_in_docker
from harness.subject.submission import cell_differences

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SERVERS = ["tcpserver", "tcpserver2", "tcpserver3", "tcpserver4"]
ORDINARY_UID = "12321"
IS_ROOT = os.getuid() == 0


def open_python() -> str:
    """An interpreter of our version that an ordinary user can reach."""
    ours = f"python{sys.version_info.major}.{sys.version_info.minor}"
    candidates = [os.path.realpath(sys.executable), shutil.which(ours, path="/usr/bin:/usr/local/bin")]
    for path in filter(None, candidates):
        if all(parent.stat().st_mode & 0o001 for parent in Path(path).parents):
            return path
    pytest.skip(f"no {ours} that an ordinary user can reach")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user can reach and write to; pytest's own are closed."""
    with tempfile.TemporaryDirectory(prefix="forkspec-test-") as name:
        Path(name).chmod(0o777)
        yield Path(name)


def run(words: list[str], tmp_path: Path, *, arguments: list[str]) -> list[dict[str, Any]]:
    """`forkspec check` of the lecture's servers in another place; its JSON."""
    out = tmp_path / "out.json"
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "FORKSPEC_CACHE": str(tmp_path / "cache"),
        "PYTHONPATH": f"{ROOT}:{sysconfig.get_path('purelib')}",
    }
    done = subprocess.run(
        [*words, "-m", "harness.cli", "check", *SERVERS, "--json", str(out), *arguments],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
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


def elsewhere(place: str) -> tuple[list[str], list[str], set[str]]:
    """(command prefix, arguments of check, cells that this place may give)."""
    user = ["setpriv", "--reuid", ORDINARY_UID, "--regid", ORDINARY_UID, "--clear-groups"]
    if not IS_ROOT:
        user = []
    docker = as_in_docker.__file__
    any_cell = {"bubblewrap", "namespaces", "plain"}
    match place:
        case "root":
            return [sys.executable], [], any_cell
        case "ordinary user":
            return [*user, open_python()], [], any_cell
        case "root as in docker":
            return [sys.executable, docker, sys.executable], [], {"plain"}
        case "ordinary user as in docker":
            return [*user, open_python(), docker, open_python()], [], {"plain"}
        case "root without bubblewrap":
            hide = 'mount --bind /dev/null $(command -v bwrap || echo /dev/null); exec "$@"'
            words = ["unshare", "-m", "sh", "-c", hide, "sh", sys.executable]
            return words, [], {"namespaces", "plain"}
        case "ordinary user without bubblewrap":
            return [*user, open_python()], ["--cell", "namespaces"], {"namespaces", "plain"}
        case "ordinary user without namespaces":
            return [*user, open_python()], ["--cell", "plain"], {"plain"}
    raise AssertionError(place)


@pytest.mark.slow
@pytest.mark.xdist_group("plain")
@pytest.mark.parametrize(
    "place",
    [
        "root",
        "ordinary user",
        "root as in docker",
        "ordinary user as in docker",
        "root without bubblewrap",
        "ordinary user without bubblewrap",
        "ordinary user without namespaces",
    ],
)
def test_the_same_verdicts_in_every_cell(place: str, open_folder: Path, lecture: dict[str, Any]) -> None:
    if place.startswith("root") and not IS_ROOT:
        pytest.skip("needs root")
    if not parents_are_open(ROOT) and "ordinary" in place and IS_ROOT:
        pytest.skip("an ordinary user cannot reach this clone")
    words, arguments, cells = elsewhere(place)
    results = run(words, open_folder, arguments=arguments)
    assert {result["cell"] for result in results} <= cells
    (cell,) = {result["cell"] for result in results}
    seen = verdicts(results)
    assert seen.keys() == lecture.keys()
    odd = [
        f"{name}: {identifier} {seen[name].get(identifier)}, not {promised}"
        for name, told in lecture.items()
        for identifier, promised in as_in(cell, told).items()
        if seen[name].get(identifier) != promised
    ]
    assert odd == []


def as_in(cell: str, promised: dict[str, str]) -> dict[str, str]:
    """The manifest's promises for one server, without what this kind of cell cannot show."""
    hidden = cell_differences().get(cell, {})
    return {i: "NOT_APPLICABLE" if i in hidden and o != "BLOCKED" else o for i, o in promised.items()}


@pytest.mark.slow
@pytest.mark.xdist_group("plain")
@pytest.mark.parametrize(
    ("what", "name", "times"),
    [
        ("bubblewrap", "SIGKILL", 50),
        ("namespaces", "SIGKILL", 15),
        ("plain", "SIGKILL", 15),
        ("bubblewrap", "SIGINT", 5),
        ("plain", "SIGINT", 5),
        ("bubblewrap", "SIGTERM", 5),
        ("plain", "SIGTERM", 5),
        ("bubblewrap", "none", 2),
        ("plain", "none", 1),
        ("pytest", "none", 2),
        ("pytest", "SIGINT", 3),
        ("pytest", "SIGKILL", 5),
    ],
)
def test_nothing_outlives_a_killed_harness(what: str, name: str, times: int) -> None:
    words = [sys.executable, str(HERE / "killing.py"), sys.executable, what, name, str(times), "1"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        words, capture_output=True, text=True, timeout=280, check=False, env=environment, cwd=ROOT
    )
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)


def test_a_keeper_that_breaks_says_why() -> None:
    """A field of another type than the order's is an error of ours, and must be found at once."""

    async def ask() -> None:
        with Cells() as cells:
            async with cells.cell() as cell:
                await cell.send_signal("one", signal.SIGTERM)  # type: ignore[arg-type]

    with pytest.raises(CellError, match=r"broke: ValidationError\(.*Expected `int`, got `str`"):
        asyncio.run(ask())
