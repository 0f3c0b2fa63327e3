"""The wheels that an archive brings: this forkspec's own, and what it needs, pinned and hashed.

Source: the wheel format (PyPA, Binary distribution format); pip's hash-checking mode.
"""

import base64
import hashlib
import io
import platform
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any, Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

import harness

from .bundle import LONG_AGO

NAME: Final = "forkspec"
PYTHONS: Final = ("3.11", "3.12", "3.13")
_ARCHITECTURES: Final = tuple(dict.fromkeys(("x86_64", platform.machine())))
_C_LIBRARIES: Final = ("manylinux_2_28", "manylinux_2_17", "manylinux2014", "manylinux_2_5")
_PACKAGE: Final = Path(harness.__file__).parent
_METADATA: Final = ("METADATA", "WHEEL", "entry_points.txt", "licenses/LICENSE")
_PIP: Final = "pip>=24.2"  # it installs the others there, whatever comes with the image
_PATIENCE_S: Final = 300.0


class NoWheels(harness.HarnessError):
    """The wheels cannot be had here; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Wheels:
    """Wheels by file name, and the requirements file that admits these and no others."""

    files: Mapping[str, bytes]
    requirements: str


def collect() -> Wheels:
    """This forkspec's wheel, pip's, and those of all that it needs, in the versions installed here.

    For every Python of `PYTHONS`, on Linux with glibc. Needs pip, or uv, and a package index.

    Raises:
        NoWheels: there is neither, or a version is not to be had as a wheel; the user's.
    """
    name, data = own()
    pins = [*pinned(), _PIP]
    with tempfile.TemporaryDirectory() as folder:
        for python in PYTHONS:
            _download(pins, python, Path(folder))
        files = {path.name: path.read_bytes() for path in sorted(Path(folder).iterdir())}
    return Wheels({name: data, **files}, requirements({name: data, **files}))


def own() -> tuple[str, bytes]:
    """Name and content of this forkspec's wheel; raises NoWheels if it changed or was not installed."""
    installed = _installed(NAME)
    _refuse_what_is_stale(installed)
    folder = f"{NAME}-{harness.__version__}.dist-info"
    files = {f"harness/{path}": data for path, data in sorted(_package().items())}
    for name in _METADATA:
        files[f"{folder}/{name}"] = (installed.read_text(name) or "").encode()
    lines = [f"{path},sha256={_in_base64(data)},{len(data)}" for path, data in files.items()]
    files[f"{folder}/RECORD"] = "\n".join([*lines, f"{folder}/RECORD,,", ""]).encode()
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as wheel:
        for path, data in files.items():
            wheel.writestr(zipfile.ZipInfo(path, LONG_AGO), data, zipfile.ZIP_DEFLATED)
    return f"{NAME}-{harness.__version__}-py3-none-any.whl", whole.getvalue()


def _package() -> dict[str, bytes]:
    """The files of the package by their path in it; those that a clone keeps beside it among them."""
    places = {"": _PACKAGE}
    if project := _project():
        included = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
        places |= {f"{Path(to).name}/": _PACKAGE.parent / source for source, to in included.items()}
    return {
        f"{prefix}{path.relative_to(place)}": path.read_bytes()
        for prefix, place in places.items()
        for path in place.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def _project() -> dict[str, Any]:
    """The content of pyproject.toml in a clone; nothing elsewhere."""
    file = _PACKAGE.parent / "pyproject.toml"
    return tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}


def _refuse_what_is_stale(installed: Distribution) -> None:
    """In a clone the code may be newer than what was written down when it was installed."""
    needs = map(Requirement, _project().get("project", {}).get("dependencies", ()))
    if installed.version != harness.__version__ or not set(needs) <= set(_needs(installed, frozenset())):
        raise NoWheels(
            "this clone has changed since it was installed, and other wheels are needed: "
            f"{sys.executable} -m pip install --editable {_PACKAGE.parent}"
        )


def pinned() -> list[str]:
    """`name==version` of all that forkspec needs here; raises NoWheels where something is missing."""
    found: dict[str, str] = {}
    todo = list(_needs(_installed(NAME), frozenset()))
    seen: set[str] = set()
    while todo:
        each = todo.pop()
        if str(each) in seen:
            continue
        seen.add(str(each))
        installed = _installed(each.name)
        found[canonicalize_name(each.name)] = installed.version
        todo += _needs(installed, frozenset(each.extras))
    return [f"{name}=={version}" for name, version in sorted(found.items())]


def _needs(installed: Distribution, extras: frozenset[str]) -> Iterator[Requirement]:
    for line in installed.requires or ():
        need = Requirement(line)
        wanted = extras or frozenset({""})
        if need.marker is None or any(need.marker.evaluate({"extra": extra}) for extra in wanted):
            yield need


def _installed(name: str) -> Distribution:
    try:
        return distribution(name)
    except PackageNotFoundError:
        raise NoWheels(
            f"{name} is not installed for {sys.executable}, so nothing can be packed for elsewhere: "
            "install forkspec with pip"
        ) from None


def requirements(files: Mapping[str, bytes]) -> str:
    """A requirements file for pip's --require-hashes: each version with the hashes of its wheels."""
    hashes: dict[str, list[str]] = {}
    for file, data in sorted(files.items()):
        name, version, _, _ = parse_wheel_filename(file)
        hashes.setdefault(f"{name}=={version}", []).append(hashlib.sha256(data).hexdigest())
    lines = []
    for pin, found in sorted(hashes.items()):
        lines.append(" \\\n".join([pin, *(f"    --hash=sha256:{each}" for each in found)]))
    return "\n".join(lines) + "\n"


def _download(pins: list[str], python: str, folder: Path) -> None:
    platforms = [f"--platform={libc}_{kind}" for kind in _ARCHITECTURES for libc in _C_LIBRARIES]
    words = [
        *_pip_command(), "download", "--quiet", "--disable-pip-version-check", "--no-deps",
        "--only-binary=:all:", f"--python-version={python}", "--implementation=cp", *platforms,
        "--dest", str(folder), *pins,
    ]  # fmt: skip
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=_PATIENCE_S, check=False)
    except subprocess.TimeoutExpired:
        raise NoWheels(
            f"pip did not get the wheels within {_PATIENCE_S:g} s: is there a way out?"
        ) from None
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        raise NoWheels(
            f"the wheels for Python {python} cannot be had: {' '.join(said) or done.stderr.strip()}"
        )


def _pip_command() -> list[str]:
    try:
        distribution("pip")
    except PackageNotFoundError:
        uv = shutil.which("uv")
        if uv is None:
            raise NoWheels(
                f"neither pip nor uv to get wheels with: {sys.executable} -m ensurepip, or install uv"
            ) from None
        return [uv, "tool", "run", "pip"]
    return [sys.executable, "-m", "pip"]


def _in_base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
