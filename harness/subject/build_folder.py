"""Builds programs from a folder of work: in a copy, in the workshop, once for each content."""

import os
import shlex
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from harness.record.role import Role

from . import beside, forms, products, text_encoding
from . import content_store as store
from .build_sandbox import Built, Workshop, open_to, workshop
from .command_words import as_typed, at_base, identity, run_words, tools_of
from .compiling import DEBUG, with_elsewhere
from .folder import UnusableTarget, Work
from .form import Shape, Words
from .forms.executable import is_binary, is_program
from .roles import hint
from .shapes import NothingToRun, choose, shape_of
from .submission import Submission
from .tools import NoTool

WARNINGS, COMMANDS = "forkspec-warnings", "forkspec-commands"
TOOLS: Final = ".forkspec-tools"
_WRAPPED: Final = ("cc", "gcc", "clang", "c++", "g++", "clang++")
_ENVIRONMENT: Final = {"HOME": "/tmp", "LC_ALL": "C.UTF-8", "TERM": "dumb"}


@dataclass(frozen=True, slots=True)
class Plan:
    """Commands of a build; `has_start` where it is known what they make, and how that is started.

    They run in `base`, a folder of the work. Of the `alternatives`, and then of the commands `by_hand`,
    which run at the top, each is tried when what came before made no program.
    """

    commands: tuple[Words, ...]
    alternatives: tuple[Words, ...] = ()
    has_start: bool = False
    otherwise: Callable[[Words], Iterable[Words]] = lambda _: ()
    base: Path = Path()
    by_hand: tuple[Words, ...] = ()


@dataclass(frozen=True, slots=True)
class Made:
    """The result of a build: the shape of the program, which lies in `folder`; None if it has failed."""

    shape: Shape
    folder: Path | None
    log: str = ""
    tried: Sequence[Words] = ()


def make(submission: Submission, work: Work) -> Made:
    """Build what a folder holds, unless the same was built before.

    Raises:
        NoTool, or UnusableTarget for nothing to run, or several things; the user's.
    """
    shape = _shape(work, submission)
    plan = _plan(shape, submission)
    tools = [identity(words[0]) for words in plan.commands]
    told = [word for words in plan.commands for word in words]
    told += [*submission.flags, submission.role.value]
    how_built = "no products, data beside, of a role"  # another word for other rules of building
    name = store.digest(work.digest, submission.how.entry, shape.form.name, how_built, *tools, *told)
    kept = store.cache() / "builds" / name
    if not kept.exists():
        bare = products.without(work, shape.entry, submission.how)
        by_hand = _by_hand(bare, submission) if plan.alternatives else []
        plans = [(replace(plan, by_hand=tuple(by_hand)), bare)]
        if bare.files != work.files:  # one of them may be needed: a generator
            plans = [(plan, bare), (plan, products.without_objects(work)), *plans]
        for each, given in plans:
            built = _build(kept, each, given, work, submission, shape.entry)
            if built.succeeded:
                break
        if not built.succeeded:
            log = text_encoding.told(work.folder, work.files) + built.log
            return Made(shape, None, log, [at_base(plan.base, words) for words in plan.commands])
    if not plan.has_start:
        entry = Path(submission.how.entry).stem  # make turns server.c into server
        made = _made(kept, work)
        able = made if entry else _of_role(made, kept, submission.role) or made
        program = choose(able, kept, submission.name, entry, submission.role)
        shape = Shape(forms.named("executable"), program)
    return Made(shape, kept)


def _build(
    kept: Path, plan: Plan, given: Work, work: Work, submission: Submission, entry: Path
) -> Built:
    """Build the files of `given`, and keep the result with all of `work`."""
    with workshop([place for words in plan.commands for place in tools_of(words[0])]) as shop:
        given.copy_to(shop.folder)
        text_encoding.without_marks(shop.folder, given.files)
        open_to(shop.folder, shop.uid)
        built = _make(shop, plan, given, submission)
        if built.succeeded:
            products.put_back(work, given, shop.folder)
            publish(kept, shop, built.log, beside.beside(work, entry))
    return built


def _shape(work: Work, submission: Submission) -> Shape:
    """The shape; where the file says how to build and to run, it does not matter.

    A student who says how to run may hand in nothing else, or several scripts, one of which is meant.
    """
    how = submission.how
    told = Shape(forms.named("executable"), Path(how.run[0]), work.files) if how.run else None
    if told and how.build:
        return told
    scripts = (word for word in how.run if _is_script(word) and Path(word) in work.files)
    try:
        return shape_of(work, how.entry or next(scripts, ""), submission.role)
    except NothingToRun:
        if told is None:
            raise
        return told


def _is_script(word: str) -> bool:
    form = forms.of_suffixes().get(Path(word).suffix)
    return form is not None and form.needs_no_build


def _plan(shape: Shape, submission: Submission) -> Plan:
    """The plan by its form, or by the commands that were given instead."""
    how, form = submission.how, shape.form
    if not how.build:
        tools = form.found_tools(submission.name)
        has_start = bool(run_words(how)) or form.start is not None
        commands, alternatives = form.commands_for(shape, tools), form.alternatives(tools)
        return Plan(commands, alternatives, has_start, _otherwise(shape), shape.base)
    program, *rest = how.build
    found = program if "/" in program else forms.tool_named(program).find(submission.name)
    return Plan(((found, *rest),), has_start=bool(run_words(how)))


def _otherwise(shape: Shape) -> Callable[[Words], Iterable[Words]]:
    """The other forms of a command of this shape: later standards, and sources in other folders."""
    form = shape.form
    if not form.compiles_files:
        return form.otherwise

    def others(words: Words) -> Iterable[Words]:
        yield from form.otherwise(words)
        for wider in with_elsewhere(shape, words):
            yield wider
            yield from form.otherwise(wider)

    return others


def _make(shop: Workshop, plan: Plan, work: Work, submission: Submission) -> Built:
    """Carry out a plan; where a Makefile makes no program, its other targets, and then by hand.

    One that is not of the role that is asked for is none, if anything else can be made.
    """
    environment, log = environment_of(shop, submission.flags), ""

    def is_done(*, whatever: bool = False) -> bool:
        made = _made(shop.folder, work)
        is_meant = whatever or bool(submission.how.entry)
        return bool(made if is_meant else _of_role(made, shop.folder, submission.role))

    for words in plan.commands:
        others = (at_base(plan.base, each) for each in plan.otherwise(words))
        built = shop.run_somehow(at_base(plan.base, words), environment, others)
        log += built.log
        if not built.succeeded and not plan.alternatives:
            return Built(log, succeeded=False)
    if plan.has_start or is_done():
        return Built(log, succeeded=True)
    has_other = submission.role is not Role.CLIENT and is_done(whatever=True)
    for words in (*(at_base(plan.base, each) for each in plan.alternatives), *plan.by_hand):
        built = shop.run(words, environment)
        log += built.log if built.succeeded else ""
        if built.succeeded and is_done():
            return Built(log, succeeded=True)
    if has_other:
        return Built(log, succeeded=True)  # what it is, it shows when it runs
    return Built(f"{log}\nnothing that could be started was made", succeeded=False)


def _by_hand(work: Work, submission: Submission) -> list[tuple[str, ...]]:
    """The compiler's call for what lies beside a Makefile that makes nothing."""
    makefiles = {name for name, form in forms.of_build_files().items() if form.makes_anything}
    sources = Work(work.folder, tuple(each for each in work.files if each.name not in makefiles))
    try:
        shape = shape_of(sources, submission.how.entry, submission.role)
        return list(shape.form.commands_for(shape, shape.form.found_tools(submission.name)))
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
    made = [each for each in found if not products.is_as_handed_in(each, folder, work)]
    if not products.has_source(work):
        return made or found
    return made or [each for each in found if not is_binary(folder / each)]


def _of_role(made: Sequence[Path], folder: Path, role: Role) -> list[Path]:
    """The programs that may be a client, or a server: not those that are plainly the other one."""
    other = Role.SERVER if role is Role.CLIENT else Role.CLIENT
    return [each for each in made if hint(folder / each) is not other]


def _is_litter_of_builds(path: Path) -> bool:
    litter = {TOOLS, beside.FOLDER}.union(*(form.litter for form in forms.all_forms()))
    return bool(litter & set(path.parts[:-1]))


def environment_of(shop: Workshop, flags: Sequence[str] = ()) -> dict[str, str]:
    """The variables of a build. Compilers found by name are given these flags, and -g to tell lines."""
    folder = shop.folder / TOOLS
    if not folder.exists():
        folder.mkdir()
        asked = shlex.join([*DEBUG, *flags])
        for name in _WRAPPED:
            if path := shutil.which(name):
                wrapper = folder / name
                wrapper.write_text(f'#!/bin/sh\nexec {path} {asked} "$@"\n')
                wrapper.chmod(0o755)
        folder.chmod(0o755)
    path = ":".join([f"{shop.inside}/{TOOLS}", os.environ.get("PATH", os.defpath)])
    of_forms = {name: value for form in forms.all_forms() for name, value in form.environment.items()}
    return {**of_forms, **_ENVIRONMENT, "PATH": path}


def publish(kept: Path, shop: Workshop, log: str, data: dict[Path, Path]) -> None:
    """Keep what a workshop holds, what the build said, and the data that lies beside the program."""

    def fill(new: Path) -> None:
        store.copy_tree(shop.folder, new)
        beside.lay(data, new / beside.FOLDER)
        (new / WARNINGS).write_text(log)
        (new / COMMANDS).write_text(as_typed(shop.done))

    store.publish(kept, fill)
