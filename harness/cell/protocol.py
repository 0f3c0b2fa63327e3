"""What harness and keeper say to each other: one struct for each order, with the type of its answer.

The harness sends one `Setting`; the keeper answers `Opened` or `Broken`. Then the harness gives orders,
which the keeper obeys one after another and answers in that order, by what the order says or by
`Failed`. What the keeper sees in between it sends by itself: `Born`, `Exited`, `Reaped`.

Moments and deadlines are nanoseconds of the monotonic clock. A pid is numbered as the keeper sees it. A
command line, an environment and a path are bytes, as the system has them (os.fsencode): the name of a
file need not be text.
"""

from typing import Final, Literal

import msgspec

from harness.observe.watch import Event

from .client_protocol import ClientOrder
from .look_protocol import LookAnswer, LookOrder
from .message import AnsweredBy, Message
from .server_protocol import InjectionOrder, Met, Paused, ServerOrder, Used
from .subject_protocol import LaunchReport, Printed, SubjectOrder
from .trace_protocol import Forks, Passed, TraceOrder

CellKind = Literal["bubblewrap", "namespaces", "plain"]


class OpenCell(Message, frozen=True):
    """To the zygote: fork a keeper that serves the attached channel. Nothing answers."""


class Setting(Message, frozen=True):
    """The first message of all: which cell is wanted, and the folders that the subject may read."""

    cell: CellKind
    folders: list[bytes]


class Refusal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a better cell is not to be had: a code of ours, and what the machine said."""

    code: str
    text: str


class Opened(Message, frozen=True):
    """The keeper has settled in: the kind of cell, why it is none better, why memory is `unbounded`."""

    cell: CellKind
    refusals: list[Refusal]
    unbounded: str


class Renew(AnsweredBy[bool], frozen=True):
    """End the subject and all beside it, and begin as if just opened; False where something is left."""


class Broken(Message, frozen=True):
    """The keeper could not settle in, or cannot go on."""

    error: str


class Failed(Message, frozen=True):
    """An order that the system refused."""

    error: str


Order = SubjectOrder | ClientOrder | LookOrder | ServerOrder | InjectionOrder | TraceOrder | Renew
Report = LaunchReport | Printed | Paused | Used | Met | Forks | Passed
Answer = LookAnswer | Report | bool | int | str | Failed | None
FromKeeper = Opened | Broken | Event | Answer
OPEN_CELL: Final[msgspec.msgpack.Decoder[OpenCell]] = msgspec.msgpack.Decoder(OpenCell)
SETTING: Final[msgspec.msgpack.Decoder[Setting]] = msgspec.msgpack.Decoder(Setting)
ORDER: Final[msgspec.msgpack.Decoder[Order]] = msgspec.msgpack.Decoder(Order)
FROM_KEEPER: Final[msgspec.msgpack.Decoder[FromKeeper]] = msgspec.msgpack.Decoder(FromKeeper)
