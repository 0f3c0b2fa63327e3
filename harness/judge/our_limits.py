"""Whether a run met a limit of ours: then it says nothing of the server."""

import re
import signal
from typing import Final

from harness.record.events import Died, Listens, Started
from harness.record.recording import Recording

_NO_MORE_TASKS: Final = re.compile(
    r"Resource temporarily unavailable|\bEAGAIN\b|can't start new thread|"
    r"unable to create (?:native |new )?thread|can't create Thread|failed to spawn thread|"
    r"Thread creation failed",
    re.IGNORECASE,
)
_THE_END: Final = 600  # of what was printed: the report of an error
_OF_ACCEPT: Final = re.compile(r"\baccept4?\b")
_WOULD_BLOCK: Final = re.compile(r"Resource temporarily unavailable|\bEAGAIN\b|\bBlockingIOError\b")
_BEGINS_TASKS: Final = re.compile(r"fork|clone|thread|spawn|pthread", re.IGNORECASE)


def wanted_more_tasks(seen: Recording) -> bool:
    """True when it ended before it listened, and said that no more thread or process can be made."""
    is_over = seen.first(Died) is not None and seen.first(Listens) is None
    is_short = _NO_MORE_TASKS.search(seen.printed) is not None
    return is_over and is_short and not found_nobody(seen)


def found_nobody(seen: Recording) -> bool:
    """Whether EAGAIN, which it prints, is of accept() with no client there, and not of fork()."""
    end = seen.printed[-_THE_END:]
    of_accept = _OF_ACCEPT.search(end) is not None and _WOULD_BLOCK.search(end) is not None
    return of_accept and _BEGINS_TASKS.search(end) is None


def met_our_limit(seen: Recording) -> bool:
    """True when it had all tasks or memory that its cell allows, or died of too much CPU time."""
    died = seen.final(Died)
    if died is not None and died.status & 0x7F == signal.SIGXCPU:
        return True
    if seen.starved:
        return True
    started = seen.first(Started)
    limit = started.limit if started is not None else None
    return limit is not None and any(
        sum(max(1, process.threads) for process in at.processes) >= limit - 1 for at in seen.snapshots()
    )
