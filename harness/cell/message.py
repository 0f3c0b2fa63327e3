"""What all messages between our processes are made of."""

from __future__ import annotations

import msgspec

from .limits import Limits


class Message(msgspec.Struct, frozen=True, tag=True, forbid_unknown_fields=True):
    """Anything that goes from one process of ours to another."""


class Done(Message, frozen=True):
    """The order was obeyed, and there is nothing to say about it."""


class Program(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be started under limits: its command line, its environment, and where.

    `in_folder` starts it in the first of the folders, else in a scratch folder of its own.
    """

    argv: list[bytes]
    env: dict[bytes, bytes]
    limits: Limits
    in_folder: bool = False
