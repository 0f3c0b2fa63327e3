"""Faults that show when SIGCHLD interrupts the call in which the server sleeps."""

import errno
import os
import re
from collections.abc import Sequence
from typing import Final

from harness.call_kinds import ACCEPTS
from harness.record.client import Client
from harness.record.events import Died
from harness.record.recording import Recording
from harness.record.snapshot import Process, Snapshot
from harness.record.spelling import ending

from . import children, endings, service_calls, unreaped, wording
from .verdict import Verdict, blocked, failed, not_applicable, passed

_DEATHS: Final = frozenset(
    {"eintr-is-fatal", "errno-overwritten", "handler-exits", "listener-shut-down", "wait-raises"}
)
_ANOTHER_ERROR: Final = os.strerror(errno.ECHILD)
_RAISED: Final = re.compile(r"\bChildProcessError\b|\bErrno::ECHILD\b")  # Python's, and Ruby's
NEVER_ENDS: Final = "handler-never-ends"
_NOT_LISTENING: Final = os.strerror(errno.EINVAL)  # of an accept() that slept until then
_BACK: Final = "the server back in accept(), and the next client served"


def goes_on(seen: Recording, clients: Sequence[Client]) -> Verdict:
    """Judge a server whose first child has exited: it must have gone on to the second client."""
    served = children.served(seen)
    is_first = bool(served) and clients[0].name == served[0][0].name
    if not is_first and not (clients and children.over_at_once(seen, clients[0])):
        return not_applicable(children.none_born(seen))
    if not any(p.listens for p in seen.after(clients[0].connected).living):
        return blocked("service/again")
    after = seen.after(clients[0].left)
    if is_first and any(p.pid in served[0][1] for p in after.living):
        return not_applicable(children.NONE_EXITS)
    fallen = _fallen(seen, clients[0], after) or _ran_away(seen, served)
    if fallen is not None:
        return fallen
    if not clients[1].answer:
        return _unanswered(seen, clients[1])
    return passed("a child exited while the server slept in accept(), and it went on")


def _unanswered(seen: Recording, second: Client) -> Verdict:
    """The verdict on a server that outlived its first child's exit; a later death has another reason."""
    at = seen.after(second.asked).proven()
    if not seen.is_alive(at):
        return blocked("service/again")
    return failed(
        f"after the first child had exited the next client {wording.no_answer(second)}: "
        f"{wording.where_it_stood(seen, at)}",
        expected=_BACK,
        cause=NEVER_ENDS
        if unreaped.spins_in_handler(seen, at)
        else "errno-is-stale"
        if passes_over(seen, second, at)
        else "",
    )


def passes_over(seen: Recording, client: Client, at: Snapshot) -> bool:
    """Whether the parent has let this client in and forked no child, and is back in accept().

    Once accept() was interrupted errno stays EINTR, also where the next call succeeds (errno(3)).
    """
    root = at.find(seen.root)
    has_it = root is not None and client.port in root.serves and root.call in ACCEPTS
    return has_it and unreaped.has_handler(seen) is not False and not children.is_born(seen, client)


def death(seen: Recording) -> str:
    """The cause of a server's death where SIGCHLD interrupted it and it ended; "" otherwise."""
    clients = seen.clients("client ")
    if len(clients) < 2 or clients[0].left is None:  # noqa: PLR2004
        return ""
    cause = goes_on(seen, clients).evidence.cause
    return cause if cause in _DEATHS else ""


def in_its_handler(seen: Recording, waiting: Client, root: Process | None) -> str:
    """The cause where SIGCHLD came without a dead child, and no client is served until a child dies."""
    if root is not None and root.is_in_wait:
        return "sleeps-in-handler"
    return NEVER_ENDS if unreaped.spins_in_handler(seen, seen.after(waiting.asked)) else ""


def _could_interrupt(seen: Recording, first: Client) -> bool:
    """Whether SIGCHLD can end a call: it has a handler, and the server did not sleep in wait()."""
    root = seen.after(first.connected).find(seen.root)
    waits = root is not None and root.call.startswith("wait")
    return unreaped.has_handler(seen) is not False and not waits


def _fallen(seen: Recording, first: Client, after: Snapshot) -> Verdict | None:
    if seen.is_alive(after):
        return None
    died = seen.first(Died)
    if not _could_interrupt(seen, first):
        return blocked("service/again")
    crashed = died is not None and endings.is_crash(died.status)
    how = ending(died.status) if died else "ended"
    said = wording.said(seen)
    return failed(
        f"when the first child exited, the server {how}{said}",
        expected=_BACK,
        cause="" if crashed else by_its_words(seen) or _by_an_error(seen, said),
    )


def by_its_words(seen: Recording) -> str:
    """The cause of a server that an error of its own wait has ended; "" where it speaks of none."""
    return "wait-raises" if _RAISED.search(wording.said(seen)) else ""


def _by_an_error(seen: Recording, said: str) -> str:
    if not said and (seen.subject.endswith(".py") or service_calls.exits_in_handler(seen)):
        return "handler-exits"  # Python itself makes an interrupted call again
    if _NOT_LISTENING in said:
        return "listener-shut-down"
    return "errno-overwritten" if _ANOTHER_ERROR in said else "eintr-is-fatal"


def _never_let_go(seen: Recording, served: list[children.Served]) -> bool:
    """Whether the first process holds a client's connection still, when this client has left."""
    client = served[0][0]
    root = seen.after(client.left).find(seen.root)
    return root is not None and client.port in root.serves


def _ran_away(seen: Recording, served: list[children.Served]) -> Verdict | None:
    needless = children.forks_without_a_client(seen, served)
    if not needless:
        return None
    return failed(
        f"after a child had exited, the server forked {needless} times though no client had come",
        expected="no fork where no client has come",
        cause="accept-outside-loop" if _never_let_go(seen, served) else "forks-on-eintr",
        needless_forks=needless,
    )
