"""Start a subject in a cell and find its listener: by ownership, never by banner or connecting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import msgspec

from harness.cell.cell import Cell, program
from harness.cell.limits import Limits
from harness.cell.subject_protocol import Output
from harness.observe.family_state import FamilyReport, ListenerState

from .build import Subject

_PROCESSES: Final = 128
_BESIDE: Final = 'cp -Rf "$0/." . && unset PWD OLDPWD; exec "$@"'


@dataclass(frozen=True, slots=True)
class Launched:
    """How a launch ended.

    `report` is the proof of rest after it; `root` the first pid; `exit` the raw wait status when it has
    ended already; `limit` how many processes it may have;
    `stays` is False when what was started has gone, whoever lives on in its place; `is_ready` when
    it has not printed what it prints once it can serve; `hides` where one of it cannot be looked at;
    a `runaway` has more zombies or processes than any server begins with, and no end of it was seen.
    """

    root: int | None
    exit: int | None
    limit: int
    stays: bool
    is_ready: bool
    hides: bool
    runaway: bool
    report: FamilyReport

    @property
    def listener(self) -> ListenerState | None:
        """Its listening socket, None without one."""
        return self.report.listener


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
) -> Launched:
    """Start the server and wait until it listens and rests, or never will.

    Where it prints something once it can serve, `ready` is a regular expression for that. Who naps or
    burns before has its limit `start_s` for it.

    It prints to a "pty" or a "pipe". One that is known to spin (`spins`) is believed sooner. Allows it
    128 processes and two for each client: a sound fork server must never meet our limit. A client is
    started on a `terminal` that somebody sits at, and `aims_at` a port of ours. One that `inherits` so
    many descriptors of /dev/null may have as many more than others.
    """
    limit = _PROCESSES + 2 * clients
    limits = Limits.of(subject.limits, processes=limit)
    if inherits:
        limits = msgspec.structs.replace(limits, descriptors=limits.descriptors + inherits)
    found = await cell.launch(
        program(start_words(subject), subject.variables, limits, in_folder=subject.in_folder),
        deadline_ns=deadline_ns,
        terminal=terminal,
        port=subject.port,
        output=output,
        spins=spins,
        aims_at=aims_at,
        inherits=inherits,
        ready=ready,
        typed=subject.typed,
    )
    return Launched(
        root=found.root,
        exit=found.exit,
        limit=limit,
        stays=found.stays,
        is_ready=found.ready,
        hides=found.hides,
        runaway=found.runaway,
        report=found.report,
    )


def start_words(subject: Subject) -> tuple[str, ...]:
    """The words that start it; what lies beside it is first copied to where it starts, and may write.

    The shell that copies becomes the program: nothing of it is left.
    """
    if subject.beside is None:
        return subject.argv
    return ("/bin/sh", "-c", _BESIDE, str(subject.beside), *subject.argv)
