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
from harness.observe.watch import Event

from .client_protocol import ClientOrder, Started
from .look_protocol import Awaited, LookOrder, Standings
from .message import Done, Message
from .server_protocol import (
    Frozen,
    Injected,
    InjectionOrder,
    Killed,
    Limited,
    Lives,
    Met,
    ServerOrder,
    Used,
)
from .subject_protocol import LaunchReport, PortState, Printed, SubjectOrder

CellKind = Literal["bubblewrap", "namespaces", "plain"]


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
