"""What a handed-in folder is: which language and build tool, and which of its files is the server.

By names and by the files' own words, never by running anything.
"""

import re
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from harness.record.role import Role

from . import forms
from .folder import UnusableTarget, Work
from .form import Form, Shape
from .forms.executable import is_program
from .header_folders import header_folders, included_sources
from .older_copies import without_older_copies
from .roles import hint, says_client, says_server

_TESTS: Final = re.compile(
    r"^tests?[._-]|[._-](?:tests?|spec)$|^(?:conftest|setup|__init__)$", re.IGNORECASE
)
_TEST_FOLDERS: Final = frozenset({"test", "tests", "__tests__", "spec"})
_NO_PROGRAMS: Final = frozenset({".class", ".dll"})  # nothing starts them by themselves
_OTHER_LANGUAGES: Final = frozenset({
    ".cs", ".vb", ".fs", ".kt", ".swift", ".scala", ".ts", ".hs", ".zig", ".dart", ".pas", ".ml",
})  # fmt: skip
_INTERPRETER: Final = re.compile(rb"#!.*?\b(python|perl|ruby|php|node)[\d.]*\b")
_MOST_NAMED: Final = 6
_LONGEST_LINE: Final = 256  # that of a script which names its interpreter (execve(2))


class NothingToRun(UnusableTarget):
    """There is no source, build file or program in it."""


class SeveralServers(UnusableTarget):
    """Which of several programs is meant is not to be told; the text names an option of `check`."""


def shape_of(work: Work, entry: str = "", role: Role = Role.SERVER) -> Shape:
    """The shape of what was handed in; `entry` names the file, if there are several.

    Raises:
        UnusableTarget: nothing to run, or more than one thing and no word which.
    """
    if entry:
        return _named(work, entry)
    if (at_top := _build_file(work, Path())) is not None:
        return _built_by(work, at_top, role)
    programs = list(_programs(work))
    try:
        chosen = choose(programs, work.folder, work.folder.name, role=role) if programs else None
    except UnusableTarget:
        if (only := _only_build_file(work)) is None:
            raise
        return _built_by(work, only, role)
    if chosen is None:
        only = _only_build_file(work)
        return _without_program(work) if only is None else _built_by(work, only, role)
    form = _form_of(chosen)
    if form is not None and not form.needs_no_build:
        for above in chosen.parents:
            if (found := _build_file(work, above)) is not None:
                return _built_by(work, found, role)
    return _shape(work, chosen)


def _build_file(work: Work, folder: Path) -> Path | None:
    """The build file in this folder of the work, by the order of the forms."""
    here = {name.name: name for name in work.own if name.parent == folder}
    return next((here[name] for name in forms.of_build_files() if name in here), None)


def _only_build_file(work: Work) -> Path | None:
    """The build file nearest to the top, if no other one is as near."""
    folders = {name.parent for name in work.own if name.name in forms.of_build_files()}
    depth = min((len(folder.parts) for folder in folders), default=0)
    nearest = [folder for folder in folders if len(folder.parts) == depth]
    return _build_file(work, nearest[0]) if len(nearest) == 1 else None


def _built_by(work: Work, build_file: Path, role: Role) -> Shape:
    """The shape of what a build file makes, with the source of the program if one seems meant."""
    form = forms.of_build_files()[build_file.name]
    if not (form.builds or form.suffixes):
        return Shape(form, build_file, work.files)
    language = forms.named(form.builds) if form.builds else form
    below = [name for name in work.own if name.is_relative_to(build_file.parent)]
    programs = _able(work, [name for name in below if name.suffix in language.suffixes])
    try:
        program = choose(programs, work.folder, work.folder.name, role=role) if programs else None
    except UnusableTarget:
        program = None
    return Shape(form, build_file, work.files, program)


def choose(
    programs: Sequence[Path], folder: Path, name: str, entry: str = "", role: Role = Role.SERVER
) -> Path:
    """The server among several programs of a folder: by `entry`, or the only one that seems to be one.

    One that is named as an older copy of another is not meant. Of several clients the last by name:
    tcpclient2 comes after tcpclient.

    Raises:
        UnusableTarget: none, or several that could be meant.
    """
    if entry:
        found = [each for each in programs if entry in {each.name, each.stem, str(each)}]
        if not found:
            raise UnusableTarget(f"{name}: no {entry} in it ({_listed(programs)})")
        return found[0]
    programs = without_older_copies(programs)
    if role is Role.CLIENT:
        seem = [each for each in programs if hint(folder / each) is Role.CLIENT] or programs
        return max([each for each in seem if says_client(each.stem)] or seem)
    roles = {each: hint(folder / each) for each in programs if not _is_test(each)}
    able = [each for each, role in roles.items() if role is not Role.CLIENT] or list(programs)
    if Role.SERVER in roles.values():  # the scripts beside it build it, or start it
        able = [each for each in able if roles[each] or _form_of(each) is not forms.named("shell")]
    named = [each for each in able if says_server(each.stem)] or able
    if len(named) > 1:
        if (only := _one_of_copies(named, folder)) is not None:
            return only
        raise SeveralServers(
            f"{name}: more than one server ({_listed(named)}); choose one: "
            f"--entry {shlex.quote(str(named[0]))}"
        )
    return named[0]


def _one_of_copies(programs: Sequence[Path], folder: Path) -> Path | None:
    """The shortest name if all are copies of one file: `server.c`, `server (1).c`."""
    if len({each.parent for each in programs}) > 1:
        return None
    texts = {(folder / each).read_bytes().replace(b"\r\n", b"\n").strip() for each in programs}
    return min(programs, key=lambda each: (len(each.name), each)) if len(texts) == 1 else None


def _is_test(program: Path) -> bool:
    return bool(_TESTS.search(program.stem)) or not _TEST_FOLDERS.isdisjoint(program.parts[:-1])


def _named(work: Work, entry: str) -> Shape:
    found = [name for name in work.own if entry in {name.name, str(name)}]
    found = found or [name for name in work.own if name.stem == entry and _form_of(name)]
    if found:
        return _shape(work, found[0])
    for name in work.own:
        form = forms.of_build_files().get(name.name)
        if form is not None and form.makes_anything:  # the name of what it makes
            return Shape(form, name, work.files)
    raise UnusableTarget(f"{work.folder.name}: no {entry} in it ({_listed(work.files)})")


def _shape(work: Work, entry: Path) -> Shape:
    form = forms.of_build_files().get(entry.name) or _form_of(entry) or forms.named("executable")
    beside = [
        name
        for name in work.own
        if name.parent == entry.parent and name != entry and name.suffix in form.parts
    ]
    starts = set() if form.parts_may_start else set(_able(work, beside))
    text = work.text(entry) if _form_of(entry) else ""
    sources = (entry, *(name for name in beside if name not in starts))
    elsewhere = [name for name in work.own if name.suffix in form.parts and name.parent != entry.parent]
    if not form.compiles_files:
        return Shape(form, entry, sources, text=text, elsewhere=tuple(elsewhere))
    able = {*_able(work, elsewhere), *included_sources(work, [*sources, *elsewhere])}
    sources = tuple(name for name in sources if name == entry or name not in able)
    others = tuple(name for name in elsewhere if name not in able and not _is_test(name))
    told = header_folders(work, (*sources, *others))
    return Shape(form, entry, sources, text=text, elsewhere=others, included_from=told)


def _form_of(source: Path) -> Form | None:
    return forms.of_suffixes().get(source.suffix)


def _language_of(work: Work, source: Path) -> Form | None:
    """Its form; that of its language, where it is a script without a suffix."""
    if source.suffix:
        return _form_of(source)
    with (work.folder / source).open("rb") as file:
        named = _INTERPRETER.match(file.readline(_LONGEST_LINE))
    return forms.named(named[1].decode()) if named else None


def _without_program(work: Work) -> Shape:
    """The shape of sources without any main(): the linker is to say that it is missing."""
    compiled = [each for each in forms.all_forms() if each.compiles_files]
    sources = tuple(name for name in work.own if _form_of(name) in compiled)
    for form in compiled:
        if sources and all(name.suffix in form.parts for name in sources):
            return Shape(form, sources[0], sources)
    strays = f"; {work.strays[0]} leads out of it and was left out" if work.strays else ""
    holds = f"it holds {_listed(work.files)}" if work.files else "it is empty"
    raise NothingToRun(
        f"{work.folder}: nothing to run in this folder: {holds} (looked for {forms.languages()} "
        f"sources, build files and programs){strays}"
    )


def _programs(work: Work) -> Iterator[Path]:
    """Files that could be started, or made into something that can; binaries only where no source is."""
    sources = [name for name in work.own if _language_of(work, name)]
    yield from _able(work, sources) or _binaries(work)


def _binaries(work: Work) -> list[Path]:
    """The programs that were handed in; none for another system beside source that we do not build."""
    found = [name for name in work.own if name.suffix not in _NO_PROGRAMS]
    found = [name for name in found if is_program(work.folder / name)]
    has_source = any(name.suffix in _OTHER_LANGUAGES for name in work.own)
    cannot_run = forms.named("executable").cannot_run
    return [name for name in found if not (has_source and cannot_run(work.folder / name))]


def _able(work: Work, sources: Sequence[Path]) -> list[Path]:
    """Those of the sources that their forms could start or make into a program, in their order."""
    able: set[Path] = set()
    languages = {name: _language_of(work, name) for name in sources}
    for form in dict.fromkeys(languages.values()):
        if form is not None:
            own = {name: work.text(name) for name in sources if languages[name] is form}
            tested = {name: text for name, text in own.items() if not _is_test(name)}
            able |= set(form.programs(tested) or form.programs(own))
    return [name for name in sources if name in able]


def holds_both(work: Work) -> bool:
    """Whether there are programs of a server, and of a client that is called so."""
    seem = {each: hint(work.folder / each) for each in _programs(work)}
    clients = [each for each in seem if says_client(each.stem) and seem[each] is not Role.SERVER]
    return bool(clients) and Role.SERVER in seem.values()


def _listed(names: Sequence[Path]) -> str:
    more = f", and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(map(str, names[:_MOST_NAMED])) + more
