"""From submission to subject: compile what must be compiled, once for each content.

The handed-in folder is never written to. A compiler that is missing is the machine's fault and an
error; source that does not compile is the submission's, and evidence.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

import harness

from . import places
from .submission import Submission, UnusableTarget

LECTURE_PORT: Final = 54321
_BUILD_GUARD_S: Final = 60.0
_KEPT_LOG: Final = 16_384
_OTHERS_MAY_READ: Final = 0o005
_COMPILERS: Final = {"c": ("cc", "gcc", "clang"), "c++": ("c++", "g++", "clang++")}
_PACKAGE_OF: Final = {"c": "gcc", "c++": "g++"}
_FLAGS: Final = ("-g", "-gdwarf-4", "-O1", "-pthread")  # addr2line misnames headers in DWARF 5
_STANDS: Final = Path(__file__).parent / "python" / "sitecustomize.py"
_ENVIRONMENT: Final = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "HOME": "/tmp",
    "LANG": "C.UTF-8",
    "TERM": "dumb",
}


class NoTool(harness.HarnessError):
    """A compiler or interpreter is missing on this machine; the text says how to get it."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Something that can be launched.

    `folder` is what it may read, and `tools` where its interpreter lies, if not in the system;
    `in_folder` starts it there instead of in an empty work folder; `target` is what the user typed.
    `contract` is what a reference server is written for. `failure` is the compiler's output when the
    build failed: then there is nothing to launch.
    """

    name: str
    argv: tuple[str, ...]
    folder: Path | None
    environment: dict[str, str]
    tools: tuple[Path, ...] = ()
    target: str = ""
    in_folder: bool = False
    port: int = LECTURE_PORT
    failure: str = ""
    warnings: str = ""
    contract: Mapping[str, Any] = field(default_factory=dict)

    @property
    def shown(self) -> tuple[Path, ...]:
        """All folders that must be readable in its cell, its own first."""
        return (*([self.folder] if self.folder else []), *self.tools)


def build(submission: Submission) -> Subject:
    """Make a subject, from the cache when this content was built before.

    Raises:
        NoTool: no compiler or interpreter here.
        UnusableTarget: a command that is not there.
    """
    return replace(_built(submission), target=submission.target, contract=submission.contract)


def _built(submission: Submission) -> Subject:
    match submission.form:
        case "command":
            return _command(submission)
        case "python":
            return _python(submission)
        case "executable":
            return _executable(submission)
        case "c" | "c++":
            return _compiled(submission, submission.form)


def compiler(form: str) -> str | None:
    """The compiler for "c" or "c++", None when there is none."""
    found = (shutil.which(name) for name in _COMPILERS[form])
    return next((path for path in found if path), None)


@cache
def interpreter() -> str:
    """A Python that the subject's uid can reach: this one, or the system's.

    Raises:
        NoTool: every Python here lies behind a closed door.
    """
    this = os.path.realpath("/proc/self/exe")
    for candidate in (this, "/usr/bin/python3", "/usr/local/bin/python3"):
        real = os.path.realpath(candidate)
        if Path(real).exists() and _is_reachable(real):
            return real
    raise NoTool(
        "no Python that an ordinary user can reach: install the system's python3, "
        "or run forkspec as an ordinary user"
    )


def _is_reachable(path: str) -> bool:
    """True when the subject, another user than root, may enter every folder above."""
    if os.getuid() != 0:
        return os.access(Path(path).parent, os.X_OK)
    return all(folder.stat().st_mode & 0o001 for folder in Path(path).parents)


def _tools_of(program: str, folder: Path | None = None) -> tuple[Path, ...]:
    """Where a program's installation lies, when that is neither the system's nor the folder itself."""
    real = Path(os.path.realpath(program))
    seen = [Path("/usr"), Path("/bin"), Path("/sbin"), Path("/lib"), *([folder] if folder else [])]
    if any(real.is_relative_to(place) for place in seen):
        return ()
    return (real.parent.parent if real.parent.name == "bin" else real.parent,)


def _command(submission: Submission) -> Subject:
    """A command line; the program is looked for where the subject's uid can reach it."""
    folder = Path(submission.path or Path.cwd())
    name, *rest = submission.command
    if "/" in name:
        found = [str(folder / name)]
    else:
        places_ = os.environ.get("PATH", os.defpath).split(":")
        found = [path for place in places_ if (path := shutil.which(name, path=place))]
    if not any(map(os.path.exists, found)):
        raise UnusableTarget(f"{name}: no such command")
    reachable = [path for path in found if os.access(path, os.X_OK) and _is_reachable(path)]
    if not reachable:
        raise UnusableTarget(
            f"{found[0]}: not executable, or out of reach for the ordinary user that servers run as"
        )
    if os.getuid() == 0 and folder.stat().st_mode & _OTHERS_MAY_READ != _OTHERS_MAY_READ:
        raise UnusableTarget(
            f"{folder}: servers run as an ordinary user, who may not enter this folder: "
            f"chmod o+rx {folder}, or run forkspec from another"
        )
    argv = tuple(word.replace("{port}", str(LECTURE_PORT)) for word in (reachable[0], *rest))
    environment = {**_ENVIRONMENT, "PATH": os.environ.get("PATH", _ENVIRONMENT["PATH"])}
    files = [folder / word for word in rest if (folder / word).is_file()]
    named = dict.fromkeys(file.parent for file in files)
    beside = [each for each in named if not each.is_relative_to(folder)]
    tools = (*_tools_of(reachable[0], folder), *beside)
    return Subject(submission.name, argv, folder, environment, tools, in_folder=True)


def _python(submission: Submission) -> Subject:
    kept = _keep(submission, submission.path)
    program = interpreter()
    argv = (program, "-B", "-X", "faulthandler", str(kept))
    told = _cache() / "kept" / f"stands-{hashlib.sha256(_STANDS.read_bytes()).hexdigest()[:12]}"
    if not told.exists():
        _publish(told, {_STANDS.name: _STANDS.read_bytes()})
    environment = {**_ENVIRONMENT, "PYTHONPATH": str(told)}
    return Subject(submission.name, argv, kept.parent, environment, (*_tools_of(program), told))


def _executable(submission: Submission) -> Subject:
    kept = _keep(submission, submission.path)
    return Subject(submission.name, (str(kept),), kept.parent, dict(_ENVIRONMENT))


def _keep(submission: Submission, path: Path | None) -> Path:
    """A copy in the cache, readable by the subject's uid, under the submission's own file name."""
    if path is None:
        raise UnusableTarget(f"{submission.name}: nothing to run")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnusableTarget(f"{path}: {error.strerror}") from error
    digest = hashlib.sha256(os.fsencode(path.name) + b"\0" + data).hexdigest()[:24]
    folder = _cache() / "kept" / digest
    target = folder / path.name
    if not target.exists():
        _publish(folder, {path.name: data})
    return target


def _compiled(submission: Submission, form: str) -> Subject:
    """Compile one source file; headers are looked up beside it."""
    source = submission.path
    if source is None:
        raise UnusableTarget(f"{submission.name}: nothing to build")
    tool = compiler(form)
    if tool is None:
        raise NoTool(
            f"{submission.name}: no {'C++' if form == 'c++' else 'C'} compiler on this machine; "
            f"install one (Debian, Ubuntu: apt-get install {_PACKAGE_OF[form]})"
        )
    flags = (*_FLAGS, *submission.flags)
    program = source.stem
    folder = _cache() / "builds" / _fingerprint(source, tool, flags)
    if not (folder / program).exists():
        with tempfile.TemporaryDirectory(prefix="forkspec-build-") as scratch:
            output = Path(scratch) / program
            log, done = _run([tool, *flags, "-o", str(output), str(source)], source.parent)
            if not done:
                return Subject(submission.name, (), None, {}, failure=log)
            _publish(folder, {program: output.read_bytes(), "warnings": log.encode()})
    warnings = (folder / "warnings").read_text(errors="replace")
    argv = (str(folder / program),)
    return Subject(submission.name, argv, folder, dict(_ENVIRONMENT), warnings=warnings)


def _fingerprint(source: Path, tool: str, flags: Sequence[str]) -> str:
    """Of the source, of every header beside and above it, of the compiler and its flags."""
    digest = hashlib.sha256("\0".join((str(Path(tool).stat().st_mtime_ns), tool, *flags)).encode())
    headers = sorted([*source.parent.glob("*.h"), *source.parent.parent.glob("*.h")])
    for path in (source, *headers):
        try:
            digest.update(os.fsencode(path.name) + b"\0" + path.read_bytes())
        except OSError as error:
            raise UnusableTarget(f"{path}: {error.strerror}") from error
    return digest.hexdigest()[:24]


def _run(words: list[str], folder: Path) -> tuple[str, bool]:
    """Run a compiler; its output, paths shortened, and whether it succeeded."""
    try:
        done = subprocess.run(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_BUILD_GUARD_S,
            check=False,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
        )
    except subprocess.TimeoutExpired:
        return f"the compiler did not finish within {_BUILD_GUARD_S:.0f} s", False
    log = done.stdout.decode(errors="replace").replace(f"{folder}/", "")
    return log[:_KEPT_LOG], done.returncode == 0


def _cache() -> Path:
    """The cache, made sure of: ours to write, and the subject's to enter.

    Raises:
        HarnessError: it is not; the text says what to do.
    """
    folder = places.cache()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        usable = os.access(folder, os.W_OK | os.X_OK) and _is_reachable(str(folder / "any"))
    except OSError:
        usable = False
    if not usable:
        raise harness.HarnessError(
            f"the build cache {folder} cannot be used, by us or by the ordinary user that servers "
            "run as: set FORKSPEC_CACHE to a folder that both can enter"
        )
    return folder


def _publish(folder: Path, files: dict[str, bytes]) -> None:
    """Put a finished folder into the cache, whole or not at all; another's is as good as ours."""
    folder.parent.mkdir(exist_ok=True)
    new = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".new-"))
    for name, data in files.items():
        (new / name).write_bytes(data)
        (new / name).chmod(0o755)
    new.chmod(0o755)
    try:
        new.rename(folder)
    except OSError:
        shutil.rmtree(new, ignore_errors=True)
