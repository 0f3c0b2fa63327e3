"""Orders that decide who runs first after a fork(), and their answers."""

from typing import Literal

from .message import AnsweredBy, Message

First = Literal["parent", "child"]


class BeginForkOrder(AnsweredBy[str], frozen=True):
    """At each fork() of a process let the parent, or the child, run first, until `EndForkOrder`.

    The answer is why it cannot be done; "" where it is done.
    """

    pid: int
    first: First


class ReleaseChildren(AnsweredBy[None], frozen=True):
    """Let the children go that are held since they are not to run first."""


class Forks(Message, frozen=True):
    """How often it forked meanwhile; how many children had ended before their parent went on."""

    forks: int
    ended: int


class EndForkOrder(AnsweredBy[Forks], frozen=True):
    """Let everybody run as they will."""


ForkOrder = BeginForkOrder | ReleaseChildren | EndForkOrder
