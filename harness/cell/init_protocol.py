"""What keeper and init say to each other: one struct for each order, one for each answer.

Init is forked from the keeper, as the keeper is from the zygote, and never exec'd: what the zygote has
imported is there, although the interpreter was started without site-packages. A pid is numbered as init
sees it.
"""

from __future__ import annotations

from typing import Final

import msgspec

from .message import Message, Program
from .subject_protocol import Output


class StartSubject(Message, frozen=True):
    """Start a subject on a terminal of its own, or on the attached one; `StartedInside` answers.

    It starts with `inherits` descriptors of /dev/null open. With `output` "pipe" it prints into a pipe.
    `typed` waits at its terminal for a process that reads there.
    """

    program: Program
    output: Output = "pty"
    inherits: int = 0
    typed: str = ""


class StartOurs(Message, frozen=True):
    """Start a program of ours, all its streams on the attached descriptor; `StartedInside` answers."""

    argv: list[bytes]
    env: dict[bytes, bytes]


class StartedInside(Message, frozen=True):
    """The pid of what was started."""

    pid: int


class AskLastPid(Message, frozen=True):
    """Which is the newest pid of this pid namespace? `LastPid` answers."""


class LastPid(Message, frozen=True):
    """The newest pid, of tasks that have gone, too."""

    pid: int


class AskPrinted(Message, frozen=True):
    """What has this subject printed? `PrintedInside` answers."""

    pid: int


class PrintedInside(Message, frozen=True):
    """The beginning of what it printed, one character a byte, and the end where the middle was cut."""

    head: str
    tail: str
    total: int


class Ready(Message, frozen=True):
    """Init has settled in; `refused` says why it has no mounts of its own, "" where it has."""

    refused: str


class Gone(Message, frozen=True):
    """Init has waited for a child: its raw wait status."""

    pid: int
    status: int


ToInit = StartSubject | StartOurs | AskLastPid | AskPrinted
InitAnswer = Ready | StartedInside | LastPid | PrintedInside
FromInit = Gone | InitAnswer
TO_INIT: Final[msgspec.msgpack.Decoder[ToInit]] = msgspec.msgpack.Decoder(ToInit)
FROM_INIT: Final[msgspec.msgpack.Decoder[FromInit]] = msgspec.msgpack.Decoder(FromInit)
