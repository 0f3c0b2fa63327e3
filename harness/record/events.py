"""What can happen in a run: one kind of event for each fact that a judgement may need.

In a stored recording an event is a row: its moment, its actor, its kind, its bytes, its further fields.
The kind is the name of the class in lower case, `half-closed` for one. docs/recording.md is made from
this file: one list of one kind, a struct for each event, in the order of a run.
"""

import os
import re
from enum import StrEnum
from typing import Final

from msgspec import UNSET, Struct, UnsetType

from .snapshot import Connection, Listener, Process, ProofKind
from .visits import Visit

_WORD: Final = re.compile(r"(?<!^)(?=[A-Z])")


def _kind(name: str) -> str:
    return _WORD.sub("-", name).lower()


class Event(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag=_kind):
    """One fact. `at_ns` is monotonic, zero at the recording's start."""

    at_ns: int
    actor: str


class WithBytes(Event, frozen=True):
    """An event of which the bytes matter."""

    data: bytes = b""


class OfProcess(Event, frozen=True):
    """An event in the life of a process; its actor is "process 123"."""

    @property
    def pid(self) -> int:
        """The pid of the process whose life it is."""
        return int(self.actor.rpartition(" ")[2])


# The program on trial.


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
    calls: dict[str, tuple[str, ...]] = {}


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


class Born(OfProcess, frozen=True, omit_defaults=True):
    """A process was born.

    Where its parent slept meanwhile in a call that waits for it, or reads, `parent_in` is that call.
    """

    ppid: int | None = None
    parent_in: str | None = None


class Exited(OfProcess, frozen=True, omit_defaults=True):
    """A process has ended; with its raw wait status where the kernel tells it (pidfd_open(2))."""

    status: int | None = None


class Reaped(OfProcess, frozen=True):
    """A process that had ended was waited for (wait(2))."""


class Proved(Event, frozen=True, kw_only=True):
    """The family and its sockets, and what is proven by how they rest.

    `orphans_of` is init's pid, `until_ns` bounds the proof "until", `why_not` says what still moved.
    `last_pid` is the newest pid given out in the cell's own pid namespace, None without one.
    `connections` are by the client's port; `time_wait` counts those that the server's side ended first.
    """

    proof: ProofKind
    until_ns: int | None
    why_not: str
    last_pid: int | None = None
    orphans_of: int
    listener: Listener | None
    family: tuple[Process, ...]
    connections: dict[int, Connection]
    time_wait: int = 0


class Standing(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where one process stands: the call it sleeps in, and its frames, the innermost first.

    A thread that waits for another one is in "pthread_join" or "join", as its source has it. `vain` is
    the error of an accept() that fails again and again while it runs.
    `addresses` and `told`, what its own run-time tells, are what the frames are made from: a whole
    recording has none.
    """

    pid: int
    call: str
    frames: tuple[str, ...]
    addresses: tuple[int, ...] = ()
    told: str = ""
    vain: str = ""


class Stood(Event, frozen=True):
    """Where in its source the family stood when what was waited for had not come."""

    standing: tuple[Standing, ...]


class Sanitized(Event, frozen=True):
    """What AddressSanitizer reports of a crash in a second run: what happened, and where."""

    what: str
    where: str


class SetUpCall(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One call of bind() or listen(): its descriptor, the port and the size given, errno(3)'s name."""

    call: str
    descriptor: int
    port: int | None = None
    size: int | None = None
    error: str = ""


class SetUp(Event, frozen=True):
    """Which calls a second run made, under strace, to get its port."""

    calls: tuple[SetUpCall, ...]


class ServiceCall(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One call of a process that serves: its descriptor, on what `kind` of file, its result.

    The kind is "connection", "listener", "terminal", "other", or "" where nothing is open at that
    number. `error` is errno(3)'s name; `to` is the second descriptor of dup2(). Of kill() the
    "descriptor" is its first argument.
    """

    process: int
    call: str
    descriptor: int
    kind: str
    result: int
    error: str = ""
    to: int | None = None


class ServiceCalls(Event, frozen=True):
    """Which calls a second run made, under strace, from its first accept() on."""

    calls: tuple[ServiceCall, ...]


# Its clients.


class Connected(Event, frozen=True, omit_defaults=True):
    """A client's connection is complete, from this port; a person sits at a client with this pid."""

    port: int | None = None
    pid: int | None = None


class Hangs(Event, frozen=True, omit_defaults=True):
    """A client's connection is not completed: the accept queue is full."""

    errno: str | None = None


class Refused(Event, frozen=True, omit_defaults=True):
    """A client was refused: no process listens."""

    errno: str | None = None


class Accepted(Event, frozen=True):
    """The server was seen to have taken this client's connection."""


class NotAccepted(Event, frozen=True):
    """The server was proven not to have taken this client's connection."""


class Sent(WithBytes, frozen=True):
    """A client has sent its line, or a part of it; our server has sent a reply."""


class Said(WithBytes, frozen=True):
    """A client has said what belongs to the dialogue around its line; our server has greeted."""


class Received(WithBytes, frozen=True):
    """A client has received this; or our server has, from the client on trial."""


class Reads(Event, frozen=True):
    """A client that did not read begins to; `waiting` bytes lie there for it."""

    waiting: int


class Flooded(Event, frozen=True):
    """A client takes no more of what is sent without end; it has taken `taken` bytes."""

    taken: int


class Fin(Event, frozen=True, omit_defaults=True):
    """The other side has closed, in order; `errno` is empty."""

    errno: str | None = None


class Rst(Event, frozen=True, omit_defaults=True):
    """The connection was reset, and the client learnt it by this error."""

    errno: str | None = None


class HalfClosed(Event, frozen=True):
    """A client, or our server, has said that no more will come from it (FIN)."""


class Reset(Event, frozen=True, omit_defaults=True):
    """A client has broken its connection off (RST); of many at once one event, with their `count`."""

    count: int | None = None


class Left(Event, frozen=True, omit_defaults=True):
    """A client has closed for good; of many at once one event, with their `count`."""

    count: int | None = None


class ClientKilled(Event, frozen=True):
    """The program that a person sat at was ended by a signal, and not by one of ours."""


class Prompted(WithBytes, frozen=True):
    """A person was shown the prompt."""


class Typed(WithBytes, frozen=True):
    """A person has typed this; nothing for ^D, the end of input."""


class Shown(WithBytes, frozen=True):
    """A terminal has shown this."""


class Crowded(Event, frozen=True):
    """A crowd has come and gone.

    A visit is a list: the line, when it was intended, connected, sent, answered, ended (nanoseconds of a
    clock of their own, 0 for what did not happen), the answer, the error; and how many more bytes came
    than are kept, where the answer is too long to be a reply. `idle` is the share of the machine's
    processor time that was idle meanwhile; null where that is not known.
    """

    name: str
    visits: tuple[Visit, ...]
    idle: float | None = None


# What forkspec does.


class Frozen(Event, frozen=True):
    """A process was stopped; `stopped` is false where that did not come about."""

    pid: int
    stopped: bool = True


class Thawed(Event, frozen=True):
    """A stopped process goes on (SIGCONT)."""

    pid: int


class Signalled(Event, frozen=True):
    """A process was sent a signal; of SIGINT to the whole group the first process's pid."""

    pid: int
    signal: str


class Limited(Event, frozen=True):
    """The family gets no more descriptors, or processes, than it has: its `bound`; 0 without effect."""

    of: str
    bound: int


class Lifted(Event, frozen=True):
    """The limit is over."""

    of: str


class Injected(Event, frozen=True, omit_defaults=True):
    """A system call of the server was made to fail once.

    Which `call`, "" where none was met; `on` which file; how many `times` it was called afterwards.
    Where the file is a socket, `beside` tells how many calls on something else have failed, too.
    """

    error: str
    call: str
    on: str
    times: int
    beside: int = 0


class Ordered(Event, frozen=True):
    """At each fork() of a process the `first`, "parent" or "child", ran before the other; that is over.

    How many `forks` there were meanwhile; how many children had `ended` before their parent went on.
    """

    pid: int
    first: str
    forks: int
    ended: int


class Followed(Event, frozen=True, omit_defaults=True):
    """A process was followed from call to call, and held for a moment before each.

    `when`: a client "comes" or "asks" meanwhile, or a child "ends". There were so many `points`, and so
    many instructions `within` functions of the C library. `called` are those that its handler called
    and must not call (signal-safety(7)), as far as they were seen; they cannot be where the C library is
    part of its program (`is_static`).
    """

    pid: int
    when: str
    points: int
    within: int = 0
    called: tuple[str, ...] = ()
    is_static: bool = False


class AtPoint(Event, frozen=True, omit_defaults=True):
    """A process, or one thread, was held at one point: `before` or `after` a call, `within` a function.

    Meanwhile a child ended, SIGTERM came, or other clients came and asked.

    `result` is that of the call, or of the one before: an error's number, negative; 0; or 1 for more.
    Its `standing` has the library function that makes the call, syslog() say, where that is known.
    Where the point was not reached (`reached`) nobody was held. `trial` counts all that were tried; `of`
    so many that were drawn. Within a `function`, which another one (`via`) may have called, it is
    instruction `step` of `steps`; the last is the one behind the call.
    """

    pid: int
    trial: int
    when: str
    side: str
    call: str
    result: int
    standing: tuple[Standing, ...]
    reached: bool
    of: int = 0
    function: str = ""
    via: str = ""
    step: int = 0
    steps: int = 0


class Idled(Event, frozen=True):
    """What the family used in a window of time in which no client asked."""

    when: str
    window_ns: int
    cpu_ns: int
    wakings: int


class Witness(Event, frozen=True):
    """Whether a process that is none of the server's still lives."""

    lives: bool


class Ended(Event, frozen=True):
    """The whole family was killed; `left` processes could not be."""

    left: int


class Branched(Event, frozen=True, omit_defaults=True):
    """The scenario took another way, or broke off, and why.

    `limit` clients had a place. The accept queue has `places` places. `waiting` bytes lay unread.
    `refused`: this cell cannot do it. `bound`: the whole examination's time was up. `starved` processes
    were ended by the kernel, since all of a cell together had more memory than it may have. `lost`: the
    cell went, and all in it was ended with it. `traceback` is of an error of ours. What the server
    prints after its first `printed` bytes is about a client that does not speak as clients do.
    """

    cause: str
    limit: int | None = None
    places: int | None = None
    waiting: int | None = None
    refused: bool = False
    bound: bool = False
    starved: int = 0
    lost: bool = False
    traceback: str = ""
    printed: int | None = None


class Finished(Event, frozen=True):
    """The scenario ran to its end. The last event of a whole recording."""


class End(StrEnum):
    """How a connection ended, as its client learnt it."""

    FIN = "FIN"
    RST = "RST"


def word(kind: type[Event]) -> str:
    """What a kind is called in a stored recording: "half-closed"."""
    return str(kind.__struct_config__.tag)


def _kinds(of: type[Event]) -> tuple[type[Event], ...]:
    found = [kind for each in of.__subclasses__() for kind in (_kinds(each) or (each,))]
    return tuple(found)


KINDS: Final[dict[str, type[Event]]] = {word(each): each for each in _kinds(Event)}
