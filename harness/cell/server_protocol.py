"""Orders that act on the server's processes, and their answers."""

from typing import Final, Literal

from .message import AnsweredBy, Message

Resource = Literal["descriptors", "processes"]


class SendSignal(AnsweredBy[None], frozen=True):
    """Send a signal to one process."""

    pid: int
    signal: int


class Interrupt(AnsweredBy[None], frozen=True):
    """Send SIGINT to the family's part of one process's group."""

    pid: int


class Freeze(AnsweredBy[bool], frozen=True):
    """Stop one process, and wait until all its threads have stopped; whether they have is the answer.

    With `told`, its parent hears of it.
    """

    pid: int
    told: bool
    deadline_ns: int


class Limit(AnsweredBy[int], frozen=True):
    """Let the family get no more of a resource; the answer is how many processes are bound by that."""

    resource: Resource


class Lift(AnsweredBy[None], frozen=True):
    """Give the family back what `Limit` has taken."""

    resource: Resource


class Used(Message, frozen=True):
    """Processor time that the family has used, and how often a task has woken; 0 where it rests."""

    window_ns: int
    cpu_ns: int
    wakings: int


class MeasureIdle(AnsweredBy[Used], frozen=True):
    """Measure what the family uses for `window_ns` while nobody asks for anything."""

    window_ns: int
    deadline_ns: int


class Paused(Message, frozen=True):
    """The processes that were stopped and let go on; `stopped` if all of them stood still at once."""

    pids: list[int]
    stopped: bool


class Pause(AnsweredBy[Paused], frozen=True):
    """Stop the whole family, as Ctrl-Z does (SIGSTOP), and let it go on once all have stopped."""

    deadline_ns: int


class KillFamily(AnsweredBy[int], frozen=True):
    """Kill all of the family; the answer is how many are left."""

    deadline_ns: int


class AskLives(AnsweredBy[bool], frozen=True):
    """Ask whether this process lives, and is no zombie."""

    pid: int


ServerOrder = (
    SendSignal | Interrupt | Freeze | Pause | Limit | Lift | MeasureIdle | KillFamily | AskLives
)


SPARED: Final = "spared"


class Inject(AnsweredBy[str], frozen=True):
    """Let the next of these system calls fail with an error, until `Detach`.

    With `port`, only one on the connection of the client that has this port. The answer is why it
    cannot be done; "" where it is done. It is SPARED, and no `Detach` is to follow, where that call
    never waits: no signal can interrupt it.
    """

    pid: int
    calls: list[str]
    error: str
    deadline_ns: int
    port: int = 0


class Met(Message, frozen=True):
    """The call that has met the error first, on which file, and how many calls have; "" if none has.

    Where that was a socket, `beside` tells how many calls have met it on something else.
    """

    call: str
    on: str
    times: int
    beside: int = 0


class Detach(AnsweredBy[Met], frozen=True):
    """Let the family rest, then let its calls alone again."""

    deadline_ns: int


InjectionOrder = Inject | Detach
