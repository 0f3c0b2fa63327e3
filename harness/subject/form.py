"""What a build form is: how one kind of work is recognised, built and started.

Each is one file of forms/; a package that is installed beside forkspec may add more.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import harness

from .tools import Tool

PROGRAM: Final = "forkspec-program"
FOLDER: Final = "forkspec-build"

Words = tuple[str, ...]
Tools = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Start:
    """How a program is started: its words, variables, and files that lie at its home, by name."""

    words: Words
    environment: Mapping[str, str] = field(default_factory=dict)
    for_home: Mapping[str, Path] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shape:
    """How one work is built: `entry` is the file that makes the program, `sources` go with it.

    `program` is the source of the program that is meant, where the entry is a build file; `text` is that
    of the program's source; `elsewhere` are sources of its language that do not lie beside
    it, and `included_from` the folders of the headers that they include by name and that lie in none of
    theirs. All paths are those in the work.
    """

    form: Form
    entry: Path
    sources: tuple[Path, ...] = ()
    program: Path | None = None
    text: str = ""
    elsewhere: tuple[Path, ...] = ()
    included_from: tuple[Path, ...] = ()

    @property
    def base(self) -> Path:
        """The folder in which its commands run: that of its build file, else the top."""
        return self.entry.parent if self.entry.name in self.form.build_files else Path()


def start_program(_: Shape, folder: Path, __: Tools) -> Start:
    """Start the program that the commands have made under the name PROGRAM."""
    return Start((f"{folder}/{PROGRAM}",))


Commands = Callable[[Shape, Tools], tuple[Words, ...]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Form:
    """One kind of work: a folder is of this form if it holds a build file, or a program, of it.

    Recognising:
        name: unique among forms, and for ever: builds are kept under it.
        language: as the user reads it among what was looked for; "" for a build tool.
        build_files: names of files that are enough to know it by: at the top of a folder, or above the
            program that is meant.
        builds: the name of the form of the sources that its build file is for, its own by default; so
            the program that is meant is found among them (Shape.program).
        suffixes: of its sources.
        headers: suffixes of files that its sources include, and that are no programs.
        programs: which of its sources, given with their texts, can be started or made into a program.
        parts: suffixes of sources beside the entry that are built with it.
        parts_may_start: whether a part may be a program itself.
        left_out: names of files and folders that its tools leave among the sources; nobody's work.
        carried: names of folders with others' packages, which a program needs and nobody looks into.

    Building, in a copy of the work, without network:
        tools: what it needs; where one is missing the user reads how to get it.
        commands: run one after another, in the folder of the build file (Shape.base); `Tools` are the
            paths of the tools by their names.
        alternatives: each is tried when what came before made no program.
        makes_anything: a target may be named as the entry, and where no program is made the sources are
            built without it.
        compiles_files: one source alone is compiled with the headers that it includes by name; its one
            tool takes the options of a C compiler.
        takes_no_mark: whether its tools refuse the mark of UTF-8 (BOM), which editors of Windows write.
        otherwise: other forms of a command that fails, each tried in turn: for later standards, say.
        environment: variables for every build on this machine.
        litter: names of folders in which its tools put programs that are not the result.

    Starting:
        needs_no_build: one file alone is started as it is.
        start: what starts it, in the folder in which its commands ran; None for a program among what was
            made.
        cannot_run: why this machine cannot run a program; "" where it can.
    """

    name: str
    language: str = ""
    build_files: tuple[str, ...] = ()
    builds: str = ""
    suffixes: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    programs: Callable[[Mapping[Path, str]], Collection[Path]] = lambda texts: texts.keys()
    parts: tuple[str, ...] = ()
    parts_may_start: bool = False
    left_out: frozenset[str] = frozenset()
    carried: frozenset[str] = frozenset()
    tools: tuple[Tool, ...] = ()
    commands: Commands = lambda *_: ()
    alternatives: Callable[[Tools], tuple[Words, ...]] = lambda _: ()
    makes_anything: bool = False
    compiles_files: bool = False
    takes_no_mark: bool = False
    otherwise: Callable[[Words], Iterable[Words]] = lambda _: ()
    environment: Mapping[str, str] = field(default_factory=dict)
    litter: frozenset[str] = frozenset()
    needs_no_build: bool = False
    start: Callable[[Shape, Path, Tools], Start] | None = None
    cannot_run: Callable[[Path], str] = lambda _: ""

    def commands_for(self, shape: Shape, tools: Tools) -> tuple[Words, ...]:
        """The commands that build this work; raises HarnessError where one is a text and no words."""
        found = self.commands(shape, tools)
        if any(isinstance(each, str) for each in found):
            raise harness.HarnessError(
                f"the form {self.name}: each of its commands is to be a tuple of words, not {found!r}"
            )
        return found

    def found_tools(self, of: str) -> dict[str, str]:
        """The paths of its tools, by name; raises NoTool, which tells `of` as what needs it."""
        return {tool.name: tool.find(of) for tool in self.tools}
