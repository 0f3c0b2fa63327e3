"""From a folder of work to programs: built in a copy, in the workshop, once for each content."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from . import content_store as store
from .build_commands import DEBUG, NoTool, Recipe, recipe, tool
from .build_sandbox import Built, Workshop, open_to, workshop
from .folder import UnusableTarget, Work
from .shapes import MAKEFILES, NothingToRun, Shape, choose, is_program, shape_of
from .submission import BuildOptions, Submission

_SCRIPTS: Final = frozenset({".py", ".js", ".mjs", ".cjs", ".sh"})
WARNINGS: Final = "forkspec-warnings"
_TOOLS: Final = ".forkspec-tools"
_WRAPPED: Final = ("cc", "gcc", "clang", "c++", "g++", "clang++")
_ENVIRONMENT: Final = {"HOME": "/tmp", "LC_ALL": "C.UTF-8", "TERM": "dumb", "GOPROXY": "off"}
_BETWEEN: Final = frozenset({"CMakeFiles", "deps", "build", "incremental", "meson-private", _TOOLS})


@dataclass(frozen=True, slots=True)
class Made:
    """What became of it: the shape of what is to be started in `folder`, None where the build failed."""

    shape: Shape
    folder: Path | None
    log: str = ""


def make(submission: Submission, work: Work) -> Made:
    """Build what a folder holds, unless the same was built before.

    Raises:
        UnusableTarget: nothing to run in it, or several things; the user's.
        NoTool: what it needs is not on this machine.
    """
    shape = _shape(work, submission)
    plan = _plan(shape, submission)
    tools = [identity(words[0]) for words in plan.commands]
    told = [word for words in plan.commands for word in words]
    told += submission.flags
    name = store.digest(work.digest, submission.how.entry, shape.form, *tools, *told)
    kept = store.cache() / "builds" / name
    if not kept.exists():
        with workshop([place for words in plan.commands for place in tools_of(words[0])]) as shop:
            work.copy_to(shop.folder)
            open_to(shop.folder, shop.uid)
            built = _make(shop, plan, work, submission)
            if not built.succeeded:
                return Made(shape, None, built.log)
            publish(kept, shop, built.log)
    if not plan.start:
        entry = _program_named(submission.how.entry)
        program = choose(_made(kept, work), kept, submission.name, entry, submission.role)
        shape = Shape("executable", program)
    return Made(shape, kept)


def _shape(work: Work, submission: Submission) -> Shape:
    """The shape; where the file says how to build and to run, it does not matter.

    Who says how to run may hand in nothing else, or several scripts of which the words name one.
    """
    how = submission.how
    told = Shape("executable", Path(how.run[0]), work.files) if how.run else None
    if told and how.build:
        return told
    scripts = (word for word in how.run if Path(word).suffix in _SCRIPTS and Path(word) in work.files)
    try:
        return shape_of(work, how.entry or next(scripts, ""), submission.role)
    except NothingToRun:
        if told is None:
            raise
        return told


def _plan(shape: Shape, submission: Submission) -> Recipe:
    """The recipe, or what was said instead of it."""
    how = submission.how
    if not how.build:
        found = recipe(shape, submission.name)
        return replace(found, start=run_words(how)) if how.run else found
    program = how.build[0]
    words = (program if "/" in program else tool(program, submission.name), *how.build[1:])
    return Recipe((words,), run_words(how))


def run_words(how: BuildOptions) -> tuple[str, ...]:
    """The words of `run`; a program that lies in the folder is named by its path there.

    Raises:
        NoTool: its program is not on this machine, or out of the subject's reach.
    """
    words = [word.replace("{port}", str(how.port)) for word in how.run]
    if words and words[0].startswith("/"):
        words[0] = tool(Path(words[0]).name, "run", words[0])
    elif words and "/" in words[0]:
        words[0] = f"{{folder}}/{words[0].removeprefix('./')}"
    elif words:
        words[0] = tool(words[0], "run")
    return tuple(words)


def _make(shop: Workshop, plan: Recipe, work: Work, submission: Submission) -> Built:
    """Run a recipe; where a Makefile makes no program, its other targets, and then by hand."""
    environment, log = environment_of(shop, submission.flags), ""
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
        shape = shape_of(sources, submission.how.entry, submission.role)
        return list(recipe(shape, submission.name).commands)
    except (UnusableTarget, NoTool):
        return []


def _made(folder: Path, work: Work) -> list[Path]:
    """Programs in a folder after the build: those that were not handed in, if there are such."""
    found = [
        path.relative_to(folder)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink() and os.access(path, os.X_OK)
        and not path.name.endswith((".o", ".so", ".a"))
        and is_program(path) and not _is_litter_of_builds(path)
    ]  # fmt: skip
    return [each for each in found if each not in work.files] or found


def _is_litter_of_builds(path: Path) -> bool:
    return bool(_BETWEEN & set(path.parts[:-1]))


def _program_named(entry: str) -> str:
    """The program that a source is made into, by the usual way: server.c makes server."""
    return Path(entry).stem


def environment_of(shop: Workshop, flags: Sequence[str] = ()) -> dict[str, str]:
    """What a build sees. Compilers found by name are given these flags, and -g to tell lines."""
    folder = shop.folder / _TOOLS
    if not folder.exists():
        folder.mkdir()
        asked = shlex.join([*DEBUG, *flags])
        for name in _WRAPPED:
            if path := shutil.which(name):
                wrapper = folder / name
                wrapper.write_text(f'#!/bin/sh\nexec {path} {asked} "$@"\n')
                wrapper.chmod(0o755)
        folder.chmod(0o755)
    path = ":".join([f"{shop.inside}/{_TOOLS}", os.environ.get("PATH", os.defpath)])
    return {**_ENVIRONMENT, "PATH": path}


def publish(kept: Path, shop: Workshop, log: str) -> None:
    """Keep what a workshop holds, and what the build said."""

    def fill(new: Path) -> None:
        store.copy_tree(shop.folder, new)
        (new / WARNINGS).write_text(log)

    store.publish(kept, fill)


def identity(program: str) -> str:
    """A tool and its age: a new compiler builds anew."""
    return f"{program} {Path(program).stat().st_mtime_ns}"


def in_folder(words: Sequence[str], folder: Path) -> tuple[str, ...]:
    """The words of a command, "{folder}" filled in."""
    return tuple(word.replace("{folder}", str(folder)) for word in words)


def tools_of(program: str, folder: Path | None = None) -> tuple[Path, ...]:
    """Where a program's installation lies, when that is neither the system's nor the folder itself."""
    real = Path(os.path.realpath(program))
    seen = [Path("/usr"), Path("/bin"), Path("/sbin"), Path("/lib"), *([folder] if folder else [])]
    if any(real.is_relative_to(place) for place in seen):
        return ()
    return (real.parent.parent if real.parent.name == "bin" else real.parent,)
