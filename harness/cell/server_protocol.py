"""Orders that act on the server's processes, and their answers."""

from __future__ import annotations

from typing import Literal

from .message import Message

Resource = Literal["descriptors", "processes"]


class SendSignal(Message, frozen=True):
    """Send a signal to one process; `Done` answers."""

    pid: int
    signal: int


class Interrupt(Message, frozen=True):
    """Send SIGINT to the family's part of one process's group; `Done` answers."""

    pid: int


class Freeze(Message, frozen=True):
    """Stop one process, and wait until all its threads have stopped; `Frozen` answers.

    With `told`, its parent hears of it.
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
