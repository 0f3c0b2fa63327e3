"""What keeper and init say to each other: one struct for each order, with its answer.

Init is forked from the keeper, as the keeper is from the zygote, and never exec'd: what the zygote has
imported is there, although the interpreter was started without site-packages. A pid is numbered as init
sees it.

Beside these orders there is a bell, a socket of its own: each byte on it is answered by /proc/loadavg as
init reads it (`InitLine.last_pid`), or by UNABLE and an errno(3). Every report asks for that, some seven
hundred in a check.
"""

from typing import Final

import msgspec

from .message import AnsweredBy, Message, Program
from .subject_protocol import Output


class StartSubject(AnsweredBy[int], frozen=True):
    """Start a subject on a terminal of its own, or on the attached one; its pid answers.

    It starts with `inherits` descriptors of /dev/null open. With `output` "pipe" it prints into a pipe.
    `typed` waits at its terminal for a process that reads there.
    """

    program: Program
    output: Output = "pty"
    inherits: int = 0
    typed: str = ""


class StartOurs(AnsweredBy[int], frozen=True):
    """Start a program of ours, all its streams on the attached descriptor; its pid answers."""

    argv: list[bytes]
    env: dict[bytes, bytes]


class EndAll(AnsweredBy[bool], frozen=True):
    """End all processes but init; whether nobody and nothing of theirs is left."""


class PrintedInside(Message, frozen=True):
    """The head and tail of what it printed, a character a byte; `ended` for too much memory together."""

    head: str
    tail: str
    total: int
    ended: int


class AskPrinted(AnsweredBy[PrintedInside], frozen=True):
    """Ask for what this subject has printed."""

    pid: int


class Ready(Message, frozen=True):
    """Init has settled in; `refused` and `unbounded` say why without mounts or a bound on memory."""

    refused: str
    unbounded: str


class Unable(Message, frozen=True):
    """An order that the system refused, with this errno(3)."""

    number: int


class Gone(Message, frozen=True):
    """Init has waited for a child: its raw wait status."""

    pid: int
    status: int


UNABLE: Final = b"!"
ToInit = StartSubject | StartOurs | AskPrinted | EndAll
InitAnswer = Ready | PrintedInside | Unable | bool | int
FromInit = Gone | InitAnswer
TO_INIT: Final[msgspec.msgpack.Decoder[ToInit]] = msgspec.msgpack.Decoder(ToInit)
FROM_INIT: Final[msgspec.msgpack.Decoder[FromInit]] = msgspec.msgpack.Decoder(FromInit)
