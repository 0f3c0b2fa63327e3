"""From submission to subject: compile what must be compiled, once for each content.

The handed-in folder is never written to. A compiler that is missing is the machine's fault and an
error; source that does not compile is the submission's, and evidence.
"""

from __future__ import annotations

import os
import platform
import shutil
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Final, Self

from . import store
from .folder import UnusableTarget, Work, work_in
from .recipe import PROGRAM, NoTool, Recipe, compile_words, is_reachable, recipe
from .shapes import MAKEFILES, Form, Shape, choose, first_bytes, is_program, shape_of
from .submission import Submission
from .workshop import Built, Workshop, open_to, workshop

LECTURE_PORT: Final = 54321
_OTHERS_MAY_READ: Final = 0o005
_STANDS: Final = Path(__file__).parent / "python" / "sitecustomize.py"
_ENVIRONMENT: Final = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "HOME": "/tmp",
    "LANG": "C.UTF-8",
    "TERM": "dumb",
}
_MACHINES: Final = {3: "i386", 40: "arm", 62: "x86_64", 183: "aarch64", 243: "riscv64"}
_OTHER_SYSTEMS: Final = {b"MZ": "Windows", b"\xcf\xfa\xed\xfe": "macOS", b"\xca\xfe\xba\xbe": "macOS"}
_WARNINGS: Final = "forkspec-warnings"
_WRAPPED: Final = ("cc", "gcc", "clang", "c++", "g++", "clang++")


@dataclass(frozen=True, slots=True)
class Subject:
    """Something that can be launched.

    `folder` is what it may read, and `tools` where its interpreter lies, if not in the system;
    `in_folder` starts it there instead of in an empty work folder; `target` is what the user typed.
    `contract` is what a reference server is written for. `failure` is the compiler's output when the
    build failed: then there is nothing to launch. Where nobody said how it is started, and it does not
    listen, each of the `ways` of arguments is tried; the one that was taken is `arguments`.
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
    ways: tuple[tuple[str, ...], ...] = ()
    arguments: tuple[str, ...] = ()

    def started_with(self, arguments: tuple[str, ...]) -> Self:
        """The same, with these arguments after its own."""
        return replace(self, argv=(*self.argv, *arguments), arguments=arguments, ways=())

    @property
    def shown(self) -> tuple[Path, ...]:
        """All folders that must be readable in its cell, its own first."""
        return (*([self.folder] if self.folder else []), *self.tools)


def build(submission: Submission) -> Subject:
    """Make a subject, from the cache when this content was built before.

    Raises:
        NoTool: no compiler or interpreter here.
        UnusableTarget: a command that is not there; a folder with nothing to run in it.
    """
    built = replace(_built(submission), target=submission.target, contract=submission.contract)
    return built if submission.is_known else replace(built, ways=_ways(built.port))


def _ways(port: int) -> tuple[tuple[str, ...], ...]:
    """How students' servers want to be told their port, after no argument at all."""
    told = str(port)
    return (told,), ("127.0.0.1", told), ("-p", told)


def _built(submission: Submission) -> Subject:
    if submission.form == "command":
        return _command(submission)
    path, form = submission.path, submission.form
    if path is None:
        raise UnusableTarget(f"{submission.name}: nothing to run")
    try:
        if form is None:
            return _folder(submission, work_in(path))
        if form in {"c", "c++"}:
            return _source(submission, form, path)
        if form in {"java", "go", "cargo"}:
            return _folder(submission, Work(path.parent, (Path(path.name),)))
    except OSError as error:
        raise UnusableTarget(f"{error.filename or path}: {error.strerror}") from error
    kept = store.keep_file(path, path.name)
    return _started(submission, Shape(form, Path(kept.name)), kept.parent)


@cache
def interpreter() -> str:
    """A Python that the subject's uid can reach: this one, or the system's.

    Raises:
        NoTool: every Python here lies behind a closed door.
    """
    this = os.path.realpath("/proc/self/exe")
    for candidate in (this, "/usr/bin/python3", "/usr/local/bin/python3"):
        real = os.path.realpath(candidate)
        if Path(real).exists() and is_reachable(real):
            return real
    raise NoTool(
        "no Python that an ordinary user can reach: install the system's python3, "
        "or run forkspec as an ordinary user"
    )


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
    reachable = [path for path in found if os.access(path, os.X_OK) and is_reachable(path)]
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


def _source(submission: Submission, form: Form, source: Path) -> Subject:
    """Compile one source file; headers are looked up beside it and above it."""
    inside = Path("source", source.name)
    shape = Shape(form, inside, (inside,))
    words = compile_words(shape, submission.name, submission.flags)
    near = [(header, Path("source", header.name)) for header in sorted(source.parent.glob("*.h"))]
    near += [(header, Path(header.name)) for header in sorted(source.parent.parent.glob("*.h"))]
    files = {inside: source.read_bytes(), **{place: header.read_bytes() for header, place in near}}
    contents = [part for place, data in files.items() for part in (os.fsencode(place), data)]

    def copy_to(folder: Path) -> None:
        for place, data in files.items():
            (folder / place).parent.mkdir(exist_ok=True)
            (folder / place).write_bytes(data)

    kept = store.cache() / "builds" / store.digest(_identity(words[0]), *words, *contents)
    if not (kept / PROGRAM).exists():
        with workshop(_tools_of(words[0])) as shop:
            copy_to(shop.folder)
            open_to(shop.folder, shop.uid)
            built = shop.run(words, _environment(shop))
            log = built.log.replace(f"{inside.parent}/", "")
            if not built.succeeded:
                return Subject(submission.name, (), None, {}, failure=log)
            _publish(kept, shop, log)
    return _started(submission, Shape("executable", Path(PROGRAM)), kept)


def _folder(submission: Submission, work: Work) -> Subject:
    """Build what a folder holds, in a copy of it."""
    shape = shape_of(work, submission.entry)
    plan = recipe(shape, submission.name)
    tools = [_identity(words[0]) for words in plan.commands]
    told = [word for words in plan.commands for word in words]
    name = store.digest(work.digest, submission.entry, shape.form, *tools, *told)
    kept = store.cache() / "builds" / name
    if not kept.exists():
        with workshop([place for words in plan.commands for place in _tools_of(words[0])]) as shop:
            work.copy_to(shop.folder)
            open_to(shop.folder, shop.uid)
            built = _make(shop, plan, work, submission)
            if not built.succeeded:
                return Subject(submission.name, (), None, {}, failure=built.log)
            _publish(kept, shop, built.log)
    if not plan.start:
        program = choose(_made(kept, work), submission.name, _program_named(submission.entry))
        return _started(submission, Shape("executable", program), kept)
    return _started(submission, shape, kept)


def _make(shop: Workshop, plan: Recipe, work: Work, submission: Submission) -> Built:
    """Run a recipe; where a Makefile makes no program, its other targets, and then by hand."""
    environment, log = _environment(shop), ""
    for words in plan.commands:
        built = shop.run(words, environment)
        log += built.log
        if not built.succeeded and not plan.alternatives:
            return Built(log, succeeded=False)
    if plan.start or _made(shop.folder, work):
        return Built(log, succeeded=True)
    alternatives = [*plan.alternatives, *_by_hand(work, submission)]
    for words in alternatives:
        built = shop.run(words, environment)
        log += built.log if built.succeeded else ""
        if built.succeeded and _made(shop.folder, work):
            return Built(log, succeeded=True)
    return Built(f"{log}\nnothing that could be started was made", succeeded=False)


def _by_hand(work: Work, submission: Submission) -> list[tuple[str, ...]]:
    """The compiler's call for what lies beside a Makefile that makes nothing."""
    sources = Work(work.folder, tuple(each for each in work.files if each.name not in MAKEFILES))
    try:
        shape = shape_of(sources, submission.entry)
        return list(recipe(shape, submission.name).commands)
    except (UnusableTarget, NoTool):
        return []


def _made(folder: Path, work: Work) -> list[Path]:
    """Programs in a folder after the build: those that were not handed in, if there are such."""
    found = [
        path.relative_to(folder)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink() and os.access(path, os.X_OK)
        and not path.name.endswith((".o", ".so", ".a")) and ".forkspec-tools" not in path.parts
        and is_program(path) and not _is_litter_of_builds(path)
    ]  # fmt: skip
    return [each for each in found if each not in work.files] or found


def _is_litter_of_builds(path: Path) -> bool:
    return bool({"CMakeFiles", "deps", "build", "incremental", "meson-private"} & set(path.parts[:-1]))


def _program_named(entry: str) -> str:
    """The program that a source is made into, by the usual way: server.c makes server."""
    return Path(entry).stem


def _environment(shop: Workshop) -> dict[str, str]:
    """What a build sees. Compilers found by name are asked for -g, so that lines can be told."""
    folder = shop.folder / ".forkspec-tools"
    if not folder.exists():
        folder.mkdir()
        for name in _WRAPPED:
            if path := shutil.which(name):
                wrapper = folder / name
                wrapper.write_text(f'#!/bin/sh\nexec {path} -g -gdwarf-4 "$@"\n')
                wrapper.chmod(0o755)
        folder.chmod(0o755)
    path = ":".join([f"{shop.inside}/.forkspec-tools", os.environ.get("PATH", os.defpath)])
    return {**_ENVIRONMENT, "PATH": path, "HOME": "/tmp", "LC_ALL": "C.UTF-8", "GOPROXY": "off"}


def _publish(kept: Path, shop: Workshop, log: str) -> None:
    def fill(new: Path) -> None:
        store.copy_tree(shop.folder, new)
        (new / _WARNINGS).write_text(log)

    store.publish(kept, fill)


def _identity(program: str) -> str:
    """A tool and its age: a new compiler builds anew."""
    return f"{program} {Path(program).stat().st_mtime_ns}"


def _started(submission: Submission, shape: Shape, folder: Path) -> Subject:
    """What starts a thing of this shape that lies in a folder."""
    warnings = folder / _WARNINGS
    found = Subject(
        submission.name,
        (),
        folder,
        dict(_ENVIRONMENT),
        warnings=warnings.read_text(errors="replace") if warnings.exists() else "",
    )
    if shape.form == "python":
        program = interpreter()
        told = store.keep_file(_STANDS, _STANDS.name).parent
        return replace(
            found,
            argv=(program, "-B", "-X", "faulthandler", str(folder / shape.entry)),
            environment={**_ENVIRONMENT, "PYTHONPATH": str(told)},
            tools=(*_tools_of(program), told),
        )
    if shape.form == "shell" and first_bytes(folder / shape.entry).startswith(b"#!"):
        shape = replace(shape, form="executable")
    if shape.form == "executable" and (why := _cannot_run(folder / shape.entry)):
        return replace(found, folder=None, failure=f"{shape.entry.name} is a program for {why}")
    start = recipe(shape, submission.name).start
    argv = tuple(word.replace("{folder}", str(folder)) for word in start)
    return replace(found, argv=argv, tools=_tools_of(argv[0], folder))


def _cannot_run(program: Path) -> str:
    """What a binary was made for, if not for this machine; "" when it may run."""
    head = first_bytes(program)
    for magic, system in _OTHER_SYSTEMS.items():
        if head.startswith(magic):
            return f"{system}, and this is Linux: hand in the source"
    if head.startswith(b"\x7fELF") and len(head) >= struct.calcsize("16sHH"):
        number = struct.unpack_from("<H", head, 18)[0]
        made_for = _MACHINES.get(number, f"machine {number}")
        if made_for not in {platform.machine(), "i386"}:
            return f"{made_for}, and this machine is {platform.machine()}: hand in the source"
    return ""
