"""The program on trial: what was handed in, how it starts, listens and ends."""

import os

from msgspec import UNSET, UnsetType, field

from .event import Event, WithBytes


class Submitted(Event, frozen=True, omit_defaults=True):
    """What is on trial, for the reader of the report; noted once, where the first scenario begins.

    The first of its `files`, `many` in all; the commands that `built` it and that `start` it, as they
    would be typed beside the files; and the `day`. Where its source makes some `calls` that causes
    speak of, by what they do: "read", "fork", or "SIGCHLD" for its handler.
    """

    files: tuple[str, ...] = ()
    many: int = 0
    built: str = ""
    start: str = ""
    day: str = ""
    calls: dict[str, tuple[str, ...]] = field(default_factory=dict)


class BuildFailed(WithBytes, frozen=True):
    """It could not be built; with what the build said."""


class Built(WithBytes, frozen=True):
    """It was built, and the build had something to say."""


class Started(Event, frozen=True, omit_defaults=True):
    """It was started, with these arguments; and what it asked for was `typed` at its terminal.

    Its port stood in PORT and the like where it was told `by_variables`.

    `root` is the pid of its first process, null where that had gone at once; a client's is not noted.
    `limit` tasks are the most that its cell allows, `told` is the port that it was given. It `stays` in
    the foreground; it `hides`: its files in /proc cannot be read; it is a `runaway` that forks without
    end. `vain` is the error of its accept() where nothing listens and that fails again and again, on the
    descriptor `vain_on`. `build` names what was built in the store. `imports` are the functions that its
    program takes from a library, of those in `record/imports.py`; absent where it does not say. With
    `no_hand_in` a command line was given to judge (`forkspec check -- redis-server`), and nothing was
    handed in. `named` are the programs of the system that an assignment's own command to start it names.
    """

    root: int | UnsetType | None = UNSET
    limit: int | None = None
    told: int | None = None
    stays: bool | None = None
    hides: bool | None = None
    runaway: bool | None = None
    vain: str | None = None
    vain_on: int | None = None
    arguments: tuple[str, ...] | None = None
    typed: str | None = None
    by_variables: bool | None = None
    build: str | None = None
    imports: tuple[str, ...] | None = None
    no_hand_in: bool | None = None
    named: tuple[str, ...] | None = None

    @property
    def pid(self) -> int | None:
        """The pid of its first process, as far as it is known."""
        return self.root if isinstance(self.root, int) else None


class Executes(Event, frozen=True):
    """What a process executes that holds the server's listening socket.

    `program` is the path of its file, "" where it cannot be told. For each of its `words` there is the
    file or the folder (with a "/" behind it) that it `names`, "" where it names none, and several with
    ":" between them; behind -m a word names a module.
    """

    pid: int
    program: str
    words: tuple[str, ...]
    names: tuple[str, ...]


class Listens(Event, frozen=True, omit_defaults=True):
    """It listens; or our server does, where a client is on trial: of that the port alone is noted.

    `address` is in hexadecimal digits, `queue` how many wait to be accepted, `backlog` how many may.
    """

    port: int
    address: str | None = None
    v6: bool | None = None
    v6_only: bool | None = None
    queue: int | None = None
    backlog: int | None = None


class Printed(WithBytes, frozen=True):
    """All that it has printed since it was started, as far as it is kept."""


class Died(Event, frozen=True):
    """Its first process has ended, with this raw wait status (wait(2))."""

    status: int

    @property
    def signal(self) -> int:
        """The number of the signal that has ended it; 0 where it has exited."""
        return os.WTERMSIG(self.status) if os.WIFSIGNALED(self.status) else 0
