"""Judges what is left of a server to which SIGTERM came while it was held at one point."""

import signal
from collections.abc import Sequence
from typing import Final

from harness.call_kinds import LETS_IN
from harness.record.events import AtPoint, Signalled
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.record.snapshot import Process, Snapshot
from harness.record.spelling import called

from . import at_point
from .verdict import Verdict, failed

EXPECTED: Final = "its end, and that of its children, as when SIGTERM comes at rest"
FORKS: Final = frozenset({"fork", "vfork", "clone", "clone3"})


def what_went_wrong(seen: Recording) -> Verdict | None:
    """The failure, where more is left than at rest, or anything after the clients; else None."""
    index, event = list(seen.all(AtPoint))[-1]
    if not event.reached:
        return None
    signalled = seen.place_of(Signalled)
    if signalled is None:
        raise Missing("no SIGTERM came at rest")
    what = f"SIGTERM came when the server {at_point.in_words(event)}"
    at_rest, then = seen.after(signalled), seen.after(index)
    is_there = at_rest.find(seen.root) in at_rest.living
    children_stay = bool(_others(at_rest, seen.root))
    end = seen.after(seen.client(f"stays {event.trial}").left)
    for at, may_be_there, may_stay in ((then, is_there, children_stay), (end, False, False)):
        late = ", although the clients have gone" if at is end else ""
        server, others = at.find(event.pid), _others(at, event.pid)
        if server in at.living and server is not None and not may_be_there:
            at.proven()
            return failed(
                f"{what}; it has not ended{late}: it "
                f"{f'sleeps in {called(server.call)}' if server.call else 'goes on'}",
                expected=EXPECTED,
                cause=_why_it_lives(server, event),
            )
        if others and not may_stay:
            at.proven()
            return failed(
                f"{what}; {len(others)} of its processes live{'s' if len(others) == 1 else ''} on{late}",
                expected=EXPECTED,
                cause=_why_they_live(others, event),
                left=len(others),
            )
    return None


def _others(at: Snapshot, root: int) -> Sequence[Process]:
    return [process for process in at.living if process.pid != root]


def _why_they_live(others: Sequence[Process], event: AtPoint) -> str:
    """The cause where children live on: none is known of one that is stopped, as by its own tracer."""
    is_newborn = event.call in FORKS and not any(each.state in "Tt" for each in others)
    return "newborn-lives-on" if is_newborn else ""


def _why_it_lives(server: Process, event: AtPoint) -> str:
    """The cause where it lives on, by the call in which it sleeps and the point at which it was held.

    A loop that looks at its flag only once that call has returned sleeps there wherever it was held.
    """
    if server.call == "futex":
        return "sigterm-handler-takes-lock"
    sleeps = event.side == "before" and event.call in LETS_IN and server.call == event.call
    heard = server.handles(signal.SIGTERM) and server.call in LETS_IN
    return "sigterm-lost" if sleeps or heard else ""
