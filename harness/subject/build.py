"""From submission to subject: compile what must be compiled, once for each content.

The handed-in folder is never written to. A compiler that is missing is the machine's fault and an
error; source that does not compile is the submission's, and evidence.
"""

import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import harness
from harness.cell.surroundings import USER

from . import beside, forms, lacks, machine, text_encoding
from . import content_store as store
from .beside import named_beside, parts_beside
from .build_folder import COMMANDS, WARNINGS, environment_of, make, publish
from .build_sandbox import open_to, workshop
from .command_words import as_typed, identity, in_folder, run_words, tools_of
from .compiling import SANITIZE, compile_words
from .folder import UnusableTarget, Work, work_in
from .form import Form, Shape
from .roles import hint
from .subject import Subject
from .submission import LECTURE_PORT, Submission, handed_in
from .tools import NoTool, is_reachable
from .ways import Way, ways

_OTHERS_MAY_READ: Final = 0o005
_SANITIZED: Final = b"__asan_init"
_RESERVED_BYTES: Final = 1 << 46
COMPILED_FROM: Final = Path("forkspec", "source")
_INCLUDE: Final = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)
_ENVIRONMENT: Final = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "USER": USER,
    "LOGNAME": USER,
    "SHELL": "/bin/bash",
    "LANG": "C.UTF-8",
}


def build(submission: Submission) -> Subject:
    """Make a subject, from the cache when this content was built before.

    Raises:
        NoTool, UnusableTarget (a missing command, nothing to run), HarnessError (the machine's).
    """
    built = _built(submission)
    built = replace(
        built,
        target=submission.target,
        contract=submission.contract,
        port=submission.how.port,
        is_role_told=bool(submission.role_told),
        environment={**built.environment, **submission.how.environment},
        limits=submission.how.limits,
        files=submission.how.files,
        source=submission,
    )
    if submission.is_known or submission.how.run:
        has_command = bool(submission.command or submission.how.run)
        return replace(built, by_variables=has_command or built.is_client)
    return replace(built, ways=ways(built.role, built.port))


def sanitized(subject: Subject) -> Subject | None:
    """The subject built with AddressSanitizer, with the memory that this reserves; None if it cannot."""
    if subject.source is None:
        return None
    flags = (*subject.source.flags, *SANITIZE)
    try:
        built = build(replace(subject.source, flags=flags))
        if built.failure or _SANITIZED not in Path(built.argv[0]).read_bytes():
            return None
    except (harness.HarnessError, OSError):
        return None
    return replace(
        built.started_with(Way(subject.arguments, subject.typed, subject.by_variables)),
        environment={**built.environment, "ASAN_OPTIONS": "detect_leaks=0:color=never"},
        limits={**built.limits, "memory_bytes": _RESERVED_BYTES},
    )


def _built(submission: Submission) -> Subject:
    if submission.command:
        return _command(submission)
    path, form = submission.path, submission.form
    if path is None:
        raise UnusableTarget(f"{submission.name}: nothing to run")
    try:
        with machine.at_fault(str(path)):
            if form is None:
                return _folder(submission, work_in(path))
            if form.compiles_files:
                return _with_data(_source(submission, form, path), path)
            if not form.needs_no_build:
                parts = (Path(path.name), *parts_beside(path, form))
                return _folder(submission, Work(path.parent, parts))
    except OSError as error:
        raise UnusableTarget(f"{error.filename or path}: {error.strerror}") from error
    kept = store.keep_file(path)
    started = _started(submission, Shape(form, Path(kept.name)), kept.parent)
    return _with_data(started, path)


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
    tools = (*tools_of(reachable[0], folder), *beside)
    return Subject(
        submission.name, argv, folder, environment, tools, in_folder=True, role=submission.role
    )


def _source(submission: Submission, form: Form, source: Path) -> Subject:
    """Compile one source file, with the headers that it includes and the sources that belong to them."""
    inside, needed = COMPILED_FROM / source.name, included(source)
    parts = _parts(needed, form)
    shape = Shape(form, inside, (inside, *(_place(part, source) for part in parts)))
    program = source.stem
    tools = form.found_tools(submission.name)
    words = compile_words(shape, tools, submission.flags, program)
    own = {*needed, *(each for part in parts for each in included(part))}
    files = {_place(path, source): path.read_bytes() for path in sorted(own)}
    contents = [part for place, data in files.items() for part in (os.fsencode(place), data)]

    def copy_to(folder: Path) -> None:
        for place, data in files.items():
            (folder / place).parent.mkdir(parents=True, exist_ok=True)
            (folder / place).write_bytes(data)

    kept = store.cache() / "builds" / store.digest(identity(words[0]), *words, *contents)
    if not (kept / program).exists():
        with workshop(tools_of(words[0])) as shop:
            copy_to(shop.folder)
            open_to(shop.folder, shop.uid)
            built = shop.run_somehow(words, environment_of(shop), form.otherwise(words))
            log = _at_home(built.log)
            if not built.succeeded:
                log = text_encoding.told(source.parent, [Path(source.name)]) + log
                return _unmade(submission, log, _at_home(as_typed([words])))
            publish(kept, shop, log, {})
    return _started(submission, Shape(forms.named("executable"), Path(program)), kept)


def _place(path: Path, source: Path) -> Path:
    """Where a file goes in the workshop, as far from the source as it is now."""
    return Path(os.path.normpath(COMPILED_FROM / os.path.relpath(path, source.parent)))


def _parts(needed: Sequence[Path], form: Form) -> list[Path]:
    """The sources that lie beside these headers under the same name, and are no programs themselves."""
    source, *headers = needed
    found = [header.with_suffix(suffix) for header in headers for suffix in form.parts]
    own = [part for part in dict.fromkeys(found) if part != source and part.is_file()]
    return [part for part in own if not form.programs({part: part.read_text("utf-8", errors="replace")})]


def included(source: Path) -> list[Path]:
    """A source file and all that it includes by "name", no further away than two folders up."""
    found, top = [source], source.parent.parent.parent
    for path in found:
        text = path.read_text(encoding="utf-8", errors="replace")
        for name in _INCLUDE.findall(text):
            header = Path(os.path.normpath(path.parent / name))
            if os.path.isfile(header) and header.resolve().is_relative_to(top) and header not in found:  # noqa: PTH113
                found.append(header)
    return found


def _with_data(subject: Subject, source: Path) -> Subject:
    """The subject of a lone source, with the files beside it that its text names."""
    if subject.in_folder or not (data := named_beside(source)):
        return subject
    contents = [part for place, path in data.items() for part in (str(place), path.read_bytes())]
    kept = store.cache() / "kept" / store.digest(beside.FOLDER, *contents)
    if not kept.exists():
        store.publish(kept, lambda new: beside.lay(data, new))
    return replace(subject, beside=kept)


def _folder(submission: Submission, work: Work) -> Subject:
    made = make(submission, work)
    if made.folder is None:
        return _unmade(submission, made.log, as_typed(made.tried))
    return _started(submission, made.shape, made.folder)


def _unmade(submission: Submission, log: str, built_by: str) -> Subject:
    if lacks.of_build(log, ()) and (
        lack := lacks.of_build(log, handed_in(submission), submission.how.packages)
    ):
        raise NoTool(f"{submission.name}: {lack}")
    return Subject(submission.name, (), None, {}, failure=log, built_by=built_by, role=submission.role)


def _at_home(text: str) -> str:
    """A compiler's words for a reader who stands beside the source file."""
    return text.replace(f"{COMPILED_FROM}/", "")


def _started(submission: Submission, shape: Shape, folder: Path) -> Subject:
    """The subject of this shape that lies in a folder, with what starts it."""
    warnings, commands = folder / WARNINGS, folder / COMMANDS
    encoded = text_encoding.told(folder, [Path(shape.entry)] if shape.entry else [])
    encoded = encoded.replace(": this file", ": warning: this file")
    found = Subject(
        submission.name,
        (),
        folder,
        dict(_ENVIRONMENT),
        warnings=encoded + (warnings.read_text(errors="replace") if warnings.exists() else ""),
        built_by=_at_home(commands.read_text(errors="replace")) if commands.exists() else "",
        role=submission.role_told or hint(folder / (shape.program or shape.entry)) or submission.role,
        beside=data if (data := folder / beside.FOLDER).exists() else None,
    )
    if submission.how.run:
        argv = in_folder(run_words(submission.how), folder)
        environment = {**_ENVIRONMENT, "PATH": os.environ.get("PATH", os.defpath)}
        tools = tools_of(argv[0], folder)
        return replace(
            found, argv=argv, environment=environment, tools=tools, in_folder=True, beside=None
        )
    form, program = shape.form, folder / shape.entry
    if why := form.cannot_run(program):
        return replace(found, folder=None, failure=f"{shape.entry.name} is a program for {why}")
    if form.start is None:
        raise harness.HarnessError(f"the form {form.name} does not say how it is started")
    start = form.start(shape, folder / shape.base, form.found_tools(submission.name))
    return replace(
        found,
        argv=start.words,
        environment={**_ENVIRONMENT, **start.environment},
        tools=tools_of(start.words[0], folder),
        for_home=start.for_home,
    )
