"""Start a subject in a cell and find its listener: by ownership, never by banner or connecting."""

from typing import Final

import msgspec

from harness.cell.cell import Cell
from harness.cell.limits import Limits
from harness.cell.subject_protocol import Launch, LaunchReport, Output

from .at_home import program_of
from .subject import Subject

_PROCESSES: Final = 128


def most_processes(subject: Subject, clients: int) -> int:
    """How many tasks a server may have: a sound one must never meet our limit."""
    return _PROCESSES + subject.pool + 2 * clients


async def launch(
    cell: Cell,
    subject: Subject,
    clients: int,
    deadline_ns: int,
    output: Output = "pty",
    *,
    spins: bool = False,
    terminal: int | None = None,
    aims_at: int | None = None,
    inherits: int = 0,
    ready: str = "",
    ready_in: str = "",
    at_rest: int = 0,
    never_rests: bool = False,
) -> LaunchReport:
    """Start the server and wait until it listens and rests, or never will.

    Where it prints something once it can serve, or writes it into the file `ready_in` of its home,
    `ready` is a regular expression for that. If it naps or computes before, it has `start_s`.

    It prints to a "pty" or a "pipe". One that is known to spin (`spins`) is believed sooner. A client is
    started on a `terminal` that somebody sits at, and `aims_at` a port of ours. One that `inherits` so
    many descriptors of /dev/null may have as many more than others. If only a clock wakes it, an
    earlier start may have proven how many threads it has `at_rest`: then a look at rest will do. What
    one computes that `never_rests` at its start is not waited for.
    """
    limits = Limits.of(subject.limits, processes=most_processes(subject, clients))
    if inherits:
        limits = msgspec.structs.replace(limits, descriptors=limits.descriptors + inherits)
    what = program_of(subject, limits)
    order = Launch(
        what,
        deadline_ns,
        subject.port,
        output,
        spins,
        aims_at,
        inherits,
        ready,
        ready_in,
        subject.typed,
        at_rest,
        never_rests,
    )
    return await cell.ask(order, [] if terminal is None else [terminal])
