"""The base of all messages between our processes."""

from functools import cache
from typing import Any, Final, Generic, TypeVar, get_args, get_origin

import msgspec

from .limits import Limits

HOME: Final = "{home}"
USER: Final = "{whoever runs it}"
Answer_co = TypeVar("Answer_co", covariant=True)


class Message(msgspec.Struct, frozen=True, tag=True, forbid_unknown_fields=True):
    """Anything that goes from one process of ours to another."""


class AnsweredBy(Message, Generic[Answer_co], frozen=True):
    """An order; None answers where there is nothing to say but that it was obeyed."""


@cache
def answer_to(order: type[AnsweredBy[Any]]) -> type:
    """The type of the answers to a kind of order."""
    (answer,) = get_args(order.__orig_bases__[0])  # type: ignore[attr-defined]  # types.get_original_bases
    kind: type = get_origin(answer) or answer
    return kind


class Program(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be started under limits: its command line, its environment, and where.

    `in_folder` starts it in the first of the folders that it `reads`, else at home: in a folder of its
    own, in which copies of the files `at_home` lie, by the names they have there, and the files whose
    contents are `written`; a name that ends in "/" is an empty folder. In a word, a variable and what
    is written, HOME stands for that folder, and USER for the name of whoever it runs as.
    """

    argv: list[bytes]
    env: dict[bytes, bytes]
    limits: Limits
    in_folder: bool = False
    reads: list[bytes] = []
    at_home: dict[bytes, bytes] = {}
    written: dict[bytes, bytes] = {}
