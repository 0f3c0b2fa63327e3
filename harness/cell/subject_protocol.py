"""Orders that start the subject and ask what became of it, and their answers."""

from typing import Literal

from harness.observe.family_state import FamilyReport, ListenerState

from .message import AnsweredBy, Message, Program

Output = Literal["pty", "pipe"]


class LaunchReport(Message, frozen=True):
    """How a launch has ended.

    `root` is the first process, None where none is left. `stays` is False when the started process has
    ended, even if others of the family live on. `ready` is True once the ready text is printed. `hides`
    is True when a process of the family cannot be looked at. A `runaway` has more zombies or processes
    than any server begins with, and did not stop. `vain` is the error of its accept() where that fails
    again and again, on a descriptor that is no listening socket: `vain_on`. `exit` is the raw wait
    status of a process that has ended.
    """

    report: FamilyReport
    root: int | None
    stays: bool
    ready: bool
    hides: bool
    runaway: bool
    exit: int | None
    vain: str = ""
    vain_on: int = -1

    @property
    def listener(self) -> ListenerState | None:
        """Its listening socket, None without one."""
        return self.report.listener


class Launch(AnsweredBy[LaunchReport], frozen=True):
    """Start the subject, on a terminal if one is attached, and see it rest.

    `port` is the port that it was given. With `output` "pipe" it prints into a pipe. `spins` says that
    it is known to spin, and needs less proof. A client `aims_at` a port of ours, and has no listener. It
    starts with `inherits` descriptors of /dev/null open. `ready` is a regular expression for what it
    prints when it can serve, or writes into the file `ready_in` of its home. `typed` is the text that
    waits at its terminal. One that only a clock wakes has begun once it listens and `at_rest` so many
    threads stand still: an earlier start has proven that they stay so. 0 where that is not known. One
    that `never_rests` spun to the end of an earlier start: what it computes now is not waited for.
    """

    program: Program
    deadline_ns: int
    port: int | None = None
    output: Output = "pty"
    spins: bool = False
    aims_at: int | None = None
    inherits: int = 0
    ready: str = ""
    ready_in: str = ""
    typed: str = ""
    at_rest: int = 0
    never_rests: bool = False


class Printed(Message, frozen=True):
    """What the subject has printed, one character a byte: `total` bytes, of which the middle may be cut.

    Where nothing is cut all of it is `head`. `exit` is the raw wait status once it has ended. `starved`
    processes were ended by the kernel, since all together had more memory than their cell may have.
    """

    head: str
    tail: str
    total: int
    exit: int | None
    starved: int


class ReadOutput(AnsweredBy[Printed], frozen=True):
    """Ask what the subject has printed since it was launched, and how it has ended."""


class AwaitFreePort(AnsweredBy[bool], frozen=True):
    """Wait until no socket has the port, not even an old connection's; answer whether it is free.

    A server that `reuses` the port need not wait for old connections.
    """

    port: int
    reuses: bool
    deadline_ns: int


SubjectOrder = Launch | ReadOutput | AwaitFreePort
