"""Orders that trace the server: which process runs first after fork(), which is held beside a call."""

from harness.observe import fork_tracer
from harness.observe.call_point import Look, Point

from .message import AnsweredBy, Message

First = fork_tracer.First


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


class HoldAtPoint(AnsweredBy[str], frozen=True):
    """Follow a process from call to call until `LetGo`, and hold it at the goal; its new children, too.

    Without a goal it is held at each point for a moment; by `look` its "handler" or its "loop" is
    stepped through (`observe.call_tracer`). The answer is why it cannot be done; "" where it is done.
    """

    pid: int
    goal: Point | None
    look: Look = "calls"


class HoldThread(AnsweredBy[str], frozen=True):
    """Follow all threads until `LetGo`, and hold the first at the goal; answers as `HoldAtPoint`."""

    pid: int
    goal: Point | None


class AskHeld(AnsweredBy[bool], frozen=True):
    """Whether a thread is held at the goal."""


class ReleaseNewborn(AnsweredBy[None], frozen=True):
    """Let the new children go that are held."""


class Passed(Message, frozen=True):
    """Whether the goal was reached, which points were passed, and which functions were called.

    These are of `library.UNSAFE`, known where single steps were made, and the program `is_told` to call
    them: it has a C library that is not part of it.
    """

    is_reached: bool
    points: list[Point]
    called: list[str]
    is_told: bool


class LetGo(AnsweredBy[Passed], frozen=True):
    """Let everybody run as they will."""


TraceOrder = (
    BeginForkOrder
    | ReleaseChildren
    | EndForkOrder
    | HoldAtPoint
    | HoldThread
    | AskHeld
    | ReleaseNewborn
    | LetGo
)
