"""What harness and keeper say to each other: one struct for each order, one for each answer.

The harness sends one `Setting`; the keeper answers `Opened` or `Broken`. Then the harness gives orders,
which the keeper obeys one after another and answers in that order, by the struct named here beside it or
by `Failed`. What the keeper sees in between it sends by itself: `Born`, `Exited`, `Reaped`.

Moments and deadlines are nanoseconds of the monotonic clock. A pid is numbered as the keeper sees it. A
command line, an environment and a path are bytes, as the system has them (os.fsencode): the name of a
file need not be text.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from harness.observe.family_state import FamilyReport
from harness.observe.quiescence import TURNS
from harness.observe.watch import Event

from .limits import Limits

CellKind = Literal["bubblewrap", "namespaces", "plain"]
Output = Literal["pty", "pipe"]
Resource = Literal["descriptors", "processes"]


class Message(msgspec.Struct, frozen=True, tag=True, forbid_unknown_fields=True):
    """Anything that goes from one process of ours to another."""


class OpenCell(Message, frozen=True):
    """To the zygote: fork a keeper that serves the attached channel. Nothing answers."""


class Setting(Message, frozen=True):
    """The first message of all: which cell is wanted, and the folders that the subject may read."""

    cell: CellKind
    folders: list[bytes]


class Opened(Message, frozen=True):
    """The keeper has settled in: the cell it was granted, and why not a better one (code, text)."""

    cell: CellKind
    refusals: list[tuple[str, str]]


class Broken(Message, frozen=True):
    """The keeper could not settle in, or cannot go on."""

    error: str


class Failed(Message, frozen=True):
    """An order that the system refused."""

    error: str


class Done(Message, frozen=True):
    """The order was obeyed, and there is nothing to say about it."""


class Program(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be started under limits: its command line, its environment, and where.

    `in_folder` starts it in the first of the folders, else in a scratch folder of its own.
    """

    argv: list[bytes]
    env: dict[bytes, bytes]
    limits: Limits
    in_folder: bool = False


# The subject: launched and listened to.


class Launch(Message, frozen=True):
    """Start the subject, and see it rest. On a terminal, if one is attached; `LaunchReport` answers.

    `port` is the port it was told. With `output` "pipe" it prints into a pipe. A known spinner (`spins`)
    is believed sooner. A client `aims_at` a port of ours, and has no listener. It `inherits` so many
    descriptors of /dev/null; `ready` is a regular expression for what it prints once it can serve.
    """

    program: Program
    deadline_ns: int
    port: int | None = None
    output: Output = "pty"
    spins: bool = False
    aims_at: int | None = None
    inherits: int = 0
    ready: str = ""


class LaunchReport(Message, frozen=True):
    """How a launch has ended.

    `root` is the first process, None where none is left; `stays` is False when what was started has
    gone, whoever lives on in its place; `ready` once it has printed what it is ready with; `hides` when
    one of it cannot be looked at. A `runaway` has more zombies or processes than any server begins with,
    and no end of it was seen. `exit` is the raw wait status of one that has ended already.
    """

    report: FamilyReport
    root: int | None
    stays: bool
    ready: bool
    hides: bool
    runaway: bool
    exit: int | None


class ReadOutput(Message, frozen=True):
    """What has the subject printed? `Printed` answers."""


class Printed(Message, frozen=True):
    """What the subject has printed, one character a byte: `total` bytes, of which the middle may be cut.

    Where nothing is cut all of it is `head`. `exit` is the raw wait status once it has ended.
    """

    head: str
    tail: str
    total: int
    exit: int | None


class AwaitFreePort(Message, frozen=True):
    """Wait until nobody has the port, not even an old connection; `PortState` answers.

    Who `reuses` the port need not wait for old connections.
    """

    port: int
    reuses: bool
    deadline_ns: int


class PortState(Message, frozen=True):
    """Whether the port is free."""

    free: bool


SubjectOrder = Launch | ReadOutput | AwaitFreePort


# Its clients: started, and given sockets.


class StartConsole(Message, frozen=True):
    """Start a program of ours on the attached terminal; `Started` answers."""

    argv: list[bytes]
    env: dict[bytes, bytes]


class StartGuest(Message, frozen=True):
    """Start a student's own client on the attached terminal, as a subject is; `Started` answers."""

    program: Program


class Started(Message, frozen=True):
    """The pid of what was started."""

    pid: int


class MakeSockets(Message, frozen=True):
    """Make so many TCP sockets in the cell; `Done` answers, with the sockets attached."""

    count: int
    v6: bool


ClientOrder = StartConsole | StartGuest | MakeSockets


# Looks: what the family and its sockets do.


class Prove(Message, frozen=True):
    """Wait until nothing can happen by itself; `FamilyReport` answers.

    Each task that sleeps with a time limit has to wake `turns` times first. With `rest_will_do` a clock
    may still wake somebody.
    """

    deadline_ns: int
    turns: int = TURNS
    rest_will_do: bool = False


class AwaitAccepted(Message, frozen=True):
    """Wait until the server has taken the connection of the client on `port`; `Awaited` answers."""

    port: int
    deadline_ns: int


class AwaitConsumed(Message, frozen=True):
    """Wait until the server has read all that the client on `port` has sent; `Awaited` answers."""

    port: int
    deadline_ns: int


class Awaited(Message, frozen=True):
    """Whether it came to hold; if not at once, the `report` of the rest that it was waited for."""

    holds: bool
    report: FamilyReport | None = None


class TakeCensus(Message, frozen=True):
    """Look once, prove nothing; `FamilyReport` answers."""


class Stand(Message, frozen=True):
    """Where in their program do the processes stand? `Standings` answers."""


class Standing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a thread stands: its call, addresses in the program, and what an interpreter says of it."""

    pid: int
    call: str
    frames: list[int]
    told: str


class Standings(Message, frozen=True):
    """Where the first threads of the first processes stand."""

    standing: list[Standing]


LookOrder = Prove | AwaitAccepted | AwaitConsumed | TakeCensus | Stand


# Acts on the server's processes.


class SendSignal(Message, frozen=True):
    """Send a signal to one process; `Done` answers."""

    pid: int
    signal: int


class Interrupt(Message, frozen=True):
    """Send SIGINT to the family's part of one process's group; `Done` answers."""

    pid: int


class Freeze(Message, frozen=True):
    """Stop one process, and wait until all its threads have stopped; `Frozen` answers.

    Its parent hears of it only if it is to be `told`.
    """

    pid: int
    told: bool
    deadline_ns: int


class Frozen(Message, frozen=True):
    """Whether every thread of it stands still."""

    frozen: bool


class Limit(Message, frozen=True):
    """Let the family get no more of a resource; `Limited` answers."""

    resource: Resource


class Limited(Message, frozen=True):
    """How many processes it was done to."""

    bound: int


class Lift(Message, frozen=True):
    """Give the family back what `Limit` has taken; `Done` answers."""

    resource: Resource


class MeasureIdle(Message, frozen=True):
    """Measure what the family uses for `window_ns` while nobody asks for anything; `Used` answers."""

    window_ns: int
    deadline_ns: int


class Used(Message, frozen=True):
    """Processor time that the family has used, and how often a task has woken; 0 where it rests."""

    window_ns: int
    cpu_ns: int
    wakings: int


class KillFamily(Message, frozen=True):
    """Kill all of the family; `Killed` answers."""

    deadline_ns: int


class Killed(Message, frozen=True):
    """How many of the family are left."""

    left: int


class AskLives(Message, frozen=True):
    """Does this process live? `Lives` answers."""

    pid: int


class Lives(Message, frozen=True):
    """Whether it lives, and is no zombie."""

    lives: bool


ServerOrder = SendSignal | Interrupt | Freeze | Limit | Lift | MeasureIdle | KillFamily | AskLives


class Inject(Message, frozen=True):
    """Let the next of these system calls fail with an error, until `Detach`; `Injected` answers."""

    pid: int
    calls: list[str]
    error: str
    deadline_ns: int


class Injected(Message, frozen=True):
    """Why it cannot be done; "" where it is done."""

    refused: str


class Detach(Message, frozen=True):
    """Let the family rest, then let its calls alone again; `Met` answers."""

    deadline_ns: int


class Met(Message, frozen=True):
    """Which call has met the error first, on what, and how many have; "" where none has."""

    call: str
    on: str
    times: int


InjectionOrder = Inject | Detach


Order = SubjectOrder | ClientOrder | LookOrder | ServerOrder | InjectionOrder
Answer = (
    Done
    | Failed
    | LaunchReport
    | Printed
    | PortState
    | Started
    | FamilyReport
    | Awaited
    | Standings
    | Frozen
    | Limited
    | Used
    | Killed
    | Lives
    | Injected
    | Met
)
FromKeeper = Opened | Broken | Event | Answer
OPEN_CELL: Final[msgspec.msgpack.Decoder[OpenCell]] = msgspec.msgpack.Decoder(OpenCell)
SETTING: Final[msgspec.msgpack.Decoder[Setting]] = msgspec.msgpack.Decoder(Setting)
ORDER: Final[msgspec.msgpack.Decoder[Order]] = msgspec.msgpack.Decoder(Order)
FROM_KEEPER: Final[msgspec.msgpack.Decoder[FromKeeper]] = msgspec.msgpack.Decoder(FromKeeper)
