"""Orders that look at the family and its sockets, and their answers."""

import msgspec

from harness.observe.executed import Executed
from harness.observe.family_state import FamilyReport
from harness.observe.quiescence import TURNS

from .message import AnsweredBy, Message


class Prove(AnsweredBy[FamilyReport], frozen=True):
    """Wait until nothing can happen by itself.

    Each task that sleeps with a time limit has to wake `turns` times first. With `rest_will_do` a clock
    may still wake somebody.
    """

    deadline_ns: int
    turns: int = TURNS
    rest_will_do: bool = False


class Awaited(Message, frozen=True):
    """Whether it came true; if not at once, with the `report` of the rest that was waited for."""

    holds: bool
    report: FamilyReport | None = None


class AwaitAccepted(AnsweredBy[Awaited], frozen=True):
    """Wait until the server has taken the connection of the client on `port`."""

    port: int
    deadline_ns: int


class AwaitConsumed(AnsweredBy[Awaited], frozen=True):
    """Wait until the server has read all that the client on `port` has sent."""

    port: int
    deadline_ns: int


class TakeCensus(AnsweredBy[FamilyReport], frozen=True):
    """Look at the family and the sockets once, and prove nothing."""


class FamilyCount(Message, frozen=True):
    """Processes that lived, zombies, and open descriptors of all, at `at_ns` of the monotonic clock."""

    at_ns: int
    processes: int
    zombies: int
    descriptors: int


class CountFamily(AnsweredBy[FamilyCount], frozen=True):
    """Ask how large the family is now."""


class StockTaken(Message, frozen=True):
    """The family at rest: its size, its own memory, its processor time so far (see `family_count`)."""

    processes: int
    zombies: int
    descriptors: int
    kb: int
    own_us: int
    child_us: int


class TakeStock(AnsweredBy[StockTaken], frozen=True):
    """Ask for what the family holds and has used."""


class Standing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a thread stands: its call, addresses in the program, and what an interpreter says of it.

    `vain` is the error of an accept() that fails again and again while it runs.
    """

    pid: int
    call: str
    frames: list[int]
    told: str
    vain: str


class Stand(AnsweredBy[list[Standing]], frozen=True):
    """Ask where in their program the first threads of the first processes stand."""


class AllExecuted(Message, frozen=True):
    """The programs of the first processes that hold the server's listening socket."""

    processes: list[Executed]


class TellExecuted(AnsweredBy[AllExecuted], frozen=True):
    """Ask which programs the first processes execute that hold the server's listening socket."""


LookOrder = (
    Prove | AwaitAccepted | AwaitConsumed | TakeCensus | CountFamily | TakeStock | Stand | TellExecuted
)
LookAnswer = FamilyReport | Awaited | FamilyCount | StockTaken | list[Standing] | AllExecuted
