"""Orders that look at the family and its sockets, and their answers."""

from __future__ import annotations

import msgspec

from harness.observe.family_state import FamilyReport
from harness.observe.quiescence import TURNS

from .message import Message


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
