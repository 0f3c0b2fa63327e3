"""Orders that bring on clients."""

from .message import AnsweredBy, Program


class StartConsole(AnsweredBy[int], frozen=True):
    """Start a program of ours on the attached terminal; its pid answers."""

    argv: list[bytes]
    env: dict[bytes, bytes]


class StartGuest(AnsweredBy[int], frozen=True):
    """Start a student's own client on the attached terminal, as a subject is; its pid answers."""

    program: Program


class WasKilled(AnsweredBy[bool], frozen=True):
    """Whether a signal has ended the program of ours that was started as this pid."""

    pid: int


class MakeSockets(AnsweredBy[None], frozen=True):
    """Make this number of TCP sockets in the cell, not connected; they come with the answer."""

    count: int
    v6: bool


ClientOrder = StartConsole | StartGuest | MakeSockets | WasKilled
