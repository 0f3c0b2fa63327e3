"""The sdist, the wheel made of it, and what that installs, where nothing of the clone is near."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

import harness
from tests.command import GUARD_S

ROOT = Path(__file__).parents[2]
SHIPPED = ("harness", "scenarios", "servers", "clients", "starter")
NAMED = f"forkspec-{harness.__version__}"
ONLY = ("--only", "contract/starts", "--only", "reaping/burst")
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("packaged")]


def done(*words: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    """What became of a command; of this run's settings it knows nothing."""
    hidden = ("PYTHON", "PYTEST_", "VIRTUAL_ENV")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(hidden)}
    return subprocess.run(
        [*map(str, words)],
        cwd=cwd,
        env={**environment, "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
        capture_output=True,
        text=True,
        timeout=GUARD_S,
        check=False,
    )


def ours() -> list[str]:
    """The files of the clone, those of a change that is not committed yet among them."""
    listed = done("git", "ls-files", "--cached", "--others", "--exclude-standard", cwd=ROOT)
    if listed.returncode:
        pytest.skip("no clone")
    return [name for name in listed.stdout.splitlines() if (ROOT / name).exists()]


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive of sources."""
    pytest.importorskip("hatchling")
    place = tmp_path_factory.mktemp("sdist")
    built = done(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", place, cwd=ROOT)
    assert built.returncode == 0, built.stderr
    return place / f"{NAMED}.tar.gz"


@pytest.fixture(scope="module")
def wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, made where nothing but the sdist is."""
    place = tmp_path_factory.mktemp("wheel")
    with tarfile.open(sdist) as archive:
        archive.extractall(place, filter="data")
    called = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", place]
    built = done(*called, cwd=place / NAMED)
    assert built.returncode == 0, built.stderr
    return place / f"{NAMED}-py3-none-any.whl"


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the commands are of an environment that has forkspec and what it asks for, and no more."""
    place = tmp_path_factory.mktemp("empty")
    venv.create(place, symlinks=True)
    python = place / "bin" / "python"
    install = (sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-compile")
    whole = done(*install, wheel, cwd=place)
    if whole.returncode:
        alone = done(*install, "--no-deps", wheel, cwd=place)
        assert alone.returncode == 0, alone.stderr
        pytest.skip(f"what it needs is not to be had: {whole.stderr.strip().splitlines()[-1]}")
    return place / "bin"


def test_the_sdist_is_the_clone(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        found = {name.removeprefix(f"{NAMED}/") for name in archive.getnames()}
    assert found == {name for name in ours() if not name.startswith(".ci/")} | {"PKG-INFO"}


def test_the_wheel_has_all_that_is_shipped(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        found = {each for each in archive.namelist() if each.startswith("harness/")}
    named = (name for name in ours() if name.partition("/")[0] in SHIPPED)
    assert found == {f"harness/{name.removeprefix('harness/')}" for name in named}


@pytest.mark.skipif(shutil.which("c++") is None, reason="needs a C++ compiler")
def test_a_folder_with_one_server_is_judged(installed: Path, tmp_path: Path) -> None:
    shutil.copy(ROOT / "servers" / "lecture" / "tcpserver3.cpp", tmp_path / "server.cpp")
    judged = done(installed / "forkspec", "check", ".", *ONLY, "--strict", cwd=tmp_path)
    assert (judged.returncode, judged.stderr) == (1, ""), judged.stdout
    assert "FAIL  reaping/burst" in judged.stdout


@pytest.mark.skipif(shutil.which("gcc") is None, reason="the project's server is in C")
def test_the_example_project_is_tested(installed: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    shutil.copytree(ROOT / "examples" / "project", project)
    tested = done(installed / "python", "-m", "pytest", "-q", "-n", "2", cwd=project)
    assert (tested.returncode, "8 passed" in tested.stdout) == (0, True), tested.stdout
