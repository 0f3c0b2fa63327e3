"""How processes ended: their known wait statuses, and which of them crashed."""

import os
import signal
from typing import Final

from harness.record.client import Client
from harness.record.events import Died, Ended, Exited, Signalled, Started
from harness.record.last_words import is_of_memory
from harness.record.recording import Recording

CRASHES: Final = frozenset(
    {signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGTRAP}
)
_SENT: Final = frozenset(
    {signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2}
)  # not SIGKILL, which comes also where memory runs out


def statuses(seen: Recording) -> dict[int, int]:
    """Raw wait statuses by pid, of all whose end was seen: zombies, reported exits, the server."""
    found: dict[int, int] = {}
    for event in seen.every(Exited):
        if event.status is not None:
            found[event.pid] = event.status
    for snapshot in seen.snapshots():
        if snapshot.proof != "guard":
            found |= {p.pid: p.exit for p in snapshot.zombies if p.exit is not None}
    started, died = seen.first(Started), seen.first(Died)
    if started is not None and died is not None and started.pid is not None:
        found[started.pid] = died.status
    return found


def is_crash(status: int) -> bool:
    """Whether it died of a signal that a program causes by a mistake of its own (signal(7))."""
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) in CRASHES


def by_own_signal(seen: Recording) -> bool:
    """Whether the server was ended by a signal that only a process sends, and forkspec sent none."""
    died = seen.first(Died)
    is_sent = died is not None and died.signal in _SENT
    return is_sent and not (seen.first(Signalled) or seen.first(Ended))


def gives_up(seen: Recording) -> bool:
    """Whether it ended itself by abort(3), as run-times do at an uncaught error; not for memory."""
    died = seen.final(Died)
    aborts = died is not None and died.signal == signal.SIGABRT
    return aborts and not is_of_memory(seen.printed)


def serving(seen: Recording, client: Client) -> set[int]:
    """The processes that were seen to hold this client's connection."""
    return {process.pid for at in seen.snapshots() for process in at.holders(client.port)}


def of_serving(seen: Recording, client: Client) -> int | None:
    """The wait status of a process that served this client and has ended; None where none was seen."""
    known = statuses(seen)
    return next((known[pid] for pid in serving(seen, client) if pid in known), None)


def lives_on(seen: Recording, client: Client) -> bool:
    """Whether each process that was seen to serve this client is alive at the end."""
    served, living = serving(seen, client), {process.pid for process in seen.last().living}
    return bool(served) and served <= living
