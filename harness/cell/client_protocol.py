"""Orders that bring on clients, and their answers."""

from __future__ import annotations

from .message import Message, Program


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
    """Make this number of TCP sockets in the cell; `Done` answers, with the sockets attached."""

    count: int
    v6: bool


ClientOrder = StartConsole | StartGuest | MakeSockets
