"""A subject that can be launched: its start words, environment, and the folders it may read."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Self

from harness.record.contract import Contract
from harness.record.role import Role

from .command_words import as_typed, shown
from .submission import LECTURE_PORT, Submission
from .ways import Way, port_variables, ways

# A client sits at a terminal, and what is meant for a better one would be read as its words.
_TERMS: Final = {Role.SERVER: "xterm-256color", Role.CLIENT: "dumb", Role.PAIR: "dumb"}


@dataclass(frozen=True, slots=True)
class Subject:
    """Something that can be launched.

    `folder` is what it may read; `tools` are the folders of its interpreter, if not the system's.
    `in_folder` starts it in `folder` instead of in a folder of its own, where copies of the files in
    `beside` lie, and of those `for_home` by the names they have there, and the assignment's `files`.
    `target` is what the user typed.

    `failure` is the compiler's output where the build failed: then there is nothing to launch.
    `built_by` are the commands that built it, for a reader, where they were kept. `source` is what it
    was built from. `limits` go before the cell's own. `contract` is what a reference server is written
    for.

    Where nobody said how it is started, and it does not listen (a server) or connect (a client), each of
    the `ways` is tried; the one that was taken stands in `arguments`, `typed` and `by_variables`. Where
    nobody said its role (`is_role_told`), it may have the other one. In a pair this is the server, and
    the client is its `client_beside`. It may start as many tasks by itself as its `pool` says, besides
    those that a server usually has.
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
    built_by: str = ""
    contract: Contract | None = None
    role: Role = Role.SERVER
    is_role_told: bool = True
    ways: tuple[Way, ...] = ()
    arguments: tuple[str, ...] = ()
    typed: str = ""
    by_variables: bool = True
    beside: Path | None = None
    limits: Mapping[str, int] = field(default_factory=dict)
    source: Submission | None = None
    for_home: Mapping[str, Path] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    client_beside: Self | None = None
    pool: int = 0

    def started_with(self, way: Way) -> Self:
        """This subject, started in this way alone."""
        argv = (*self.argv, *way.arguments)
        told = replace(self, argv=argv, arguments=way.arguments, typed=way.typed, ways=())
        return replace(told, by_variables=way.by_variables)

    def in_role(self, role: Role) -> Self:
        """This subject on trial in this role, which is no longer in doubt."""
        told = ways(role, self.port) if self.ways else ()
        return replace(self, role=role, is_role_told=True, ways=told)

    @property
    def variables(self) -> dict[str, str]:
        """Its environment; what the assignment sets goes before all else."""
        told = port_variables(self.role, self.port) if self.by_variables else {}
        return {**told, "TERM": _TERMS[self.role], **self.environment}

    @property
    def started_by(self) -> str:
        """The command that starts it, as it would be typed beside the program; "" where none can."""
        if not self.argv:
            return ""
        words = [shown(word.replace(f"{self.folder}/", "./")) for word in self.argv]
        return as_typed([words]) + (f", and {self.typed!r} typed" if self.typed else "")

    @property
    def build(self) -> str:
        """The build's short name, by content, compiler and flags; "" for what was not built."""
        is_built = self.folder is not None and self.folder.parent.name == "builds"
        return self.folder.name if self.folder and is_built else ""

    @property
    def is_client(self) -> bool:
        """Whether it is on trial as a client."""
        return self.role is Role.CLIENT

    @property
    def shown(self) -> tuple[Path, ...]:
        """All folders that must be readable in its cell; its own is the first."""
        of_the_client = self.client_beside.shown if self.client_beside else ()
        own = [each for each in (self.folder, self._data_elsewhere) if each is not None]
        return (*own, *self.tools, *of_the_client)

    @property
    def _data_elsewhere(self) -> Path | None:
        is_inside = self.beside and self.folder and self.beside.is_relative_to(self.folder)
        return None if is_inside else self.beside
