"""Judges that a server survives what was done to it: the next client is answered."""

import os
import signal
from typing import Final

from harness.record.client import Client
from harness.record.events import Died, Reset
from harness.record.last_words import is_uncaught
from harness.record.recording import Recording
from harness.record.snapshot import Snapshot
from harness.record.spelling import ending

from . import endings, uncaught, wording
from .verdict import Verdict, failed

_NAMED: Final = {"EPIPE": "write-error-is-fatal", "ECONNRESET": "reset-is-fatal"}
_OF_A_HELPER: Final = frozenset({"ENOBUFS", "ENOENT"})  # nothing that a client does leads to these
_FATAL: Final = "-is-fatal"
_OF_ACCEPT: Final = frozenset({"ECONNABORTED", "EMFILE", "ENFILE", "ENOBUFS", "EPROTO"})
_SHORTAGES: Final = frozenset({"emfile-is-fatal", "fork-failure-is-fatal", "thread-failure-is-fatal"})
_ACCEPT_FAILED: Final = frozenset({"emfile-is-fatal", "accept-error-is-fatal"})
_LOCK: Final = "futex"
_SEVERAL: Final = 2  # a JVM may end a thread of its own


def failure(
    seen: Recording,
    client: Client,
    what: str,
    *,
    expected: str,
    died: str = "",
    mute: str = "",
    at: Snapshot | None = None,
) -> Verdict:
    """The failure of a server that should have survived: a later client was not answered.

    `died` is the cause if the server has ended, `mute` if it lives and does not answer. `at` is the look
    that proves it, where another one does than the first after it has asked.

    Raises:
        Missing: it was not proven that no answer can come.
    """
    at = at or seen.unanswered(client)
    if not seen.is_alive(at):
        end = seen.final(Died)
        how = ending(end.status) if end else "is gone"
        told = (
            f"{what}, {'' if what.startswith('when ') else 'and '}the server {how}{wording.said(seen)}"
        )
        number = end.signal if end else 0
        died = _by_its_signal(seen, number, died) if number else _by_another_error(seen, died)
        return failed(told, expected=expected, cause=died or _by_its_words(seen), died=True)
    return failed(
        f"{what}; the next one got no answer: {wording.where_all_stood(seen, at)}, "
        f"{wording.whereabouts(at, client, wording.NEXT)}{wording.printed_too(seen)}",
        expected=expected,
        cause="one-accept-per-edge"
        if at.overlooks_the_queue
        else "lock-kept"
        if uncaught.is_of_a_poisoned_lock(seen)
        else uncaught.of_acceptor(seen, at)
        or mute
        or _by_its_acceptor(seen, at, died)
        or _by_what_accept_returned(seen, at, died)
        or _by_its_listener(at, died)
        or _by_its_lock(seen, at, client),
    )


def _by_what_accept_returned(seen: Recording, at: Snapshot, died: str) -> str:
    """The cause where the first process, of one thread, runs on and on since accept() failed."""
    root = at.find(seen.root)
    if died not in _ACCEPT_FAILED or at.proof != "spin" or root is None:
        return ""
    return "" if root.call or root.serves or root.threads > 1 else "reads-from-minus-one"


def _by_its_signal(seen: Recording, number: int, died: str) -> str:
    """The cause of a death by a signal; `died` is that of a server that gives itself up."""
    if number == signal.SIGPIPE:
        return "dies-of-sigpipe"
    if "FD_SETSIZE" in wording.said(seen):
        return "beyond-fd-setsize"  # the C library's own check of FD_SET()
    if number == signal.SIGSEGV and died in _SHORTAGES:
        return "crashes-on-shortage"
    return died if died.endswith(_FATAL) and endings.gives_up(seen) else ""


def _by_another_error(seen: Recording, died: str) -> str:
    """The cause where the server names another error at its end than the one that is expected."""
    if _ends_by_handler(seen, signal.SIGPIPE):
        return "sigpipe-handler-exits"
    named = wording.errors_named(seen)
    if died == _NAMED["ECONNRESET"] and "EPIPE" in named and "ECONNRESET" not in named:
        return _NAMED["EPIPE"]
    is_other = died in _NAMED.values() and bool(_OF_A_HELPER & named)
    return "error-ends-server" if is_other else died


def _ends_by_handler(seen: Recording, number: int) -> bool:
    """Whether it has exited without a word, and had a handler for this signal.

    A run-time that has one for SIGSEGV, as Java's and Go's, has its own for SIGPIPE, too; Python has
    none, and is given one for SIGSEGV, to tell where it stands.
    """
    looks = [at for at in seen.snapshots() if seen.is_alive(at)]
    root = looks[-1].find(seen.root) if looks else None
    if root is None or not root.handles(number) or wording.said(seen):
        return False
    return seen.subject.endswith(".py") or not root.handles(signal.SIGSEGV)


def of_workers(seen: Recording) -> str:
    """The cause where clients that broke off have ended workers, and none followed them; else ""."""
    broke_off = [index for index, _ in seen.all(Reset)]
    looks = [at for at in seen.snapshots() if seen.is_alive(at)]
    left = [_workers(at) for at in looks if broke_off and at.index > broke_off[0]]
    ended = _workers(looks[0]) - min(left) if left else 0
    if ended < _SEVERAL:
        return ""
    by_signal = filter(os.WIFSIGNALED, endings.statuses(seen).values())
    by_sigpipe = signal.SIGPIPE in map(os.WTERMSIG, by_signal)
    return "sigpipe-ends-workers" if by_sigpipe else "reset-ends-workers"


def _by_its_words(seen: Recording) -> str:
    """The cause by the error that it names at its end: a run-time's report of an exception does."""
    named = wording.errors_named(seen)
    return next((cause for error, cause in _NAMED.items() if error in named), uncaught.of_server(seen))


def _by_its_acceptor(seen: Recording, at: Snapshot, died: str) -> str:
    """The cause where an uncaught error has ended the thread that accepts, or that starts others."""
    if not is_uncaught(seen.printed):
        return ""
    lets_in = any(process.may_let_in for process in at.living)
    if not lets_in and not _OF_ACCEPT.isdisjoint(wording.errors_named(seen)):
        return "acceptor-ends"
    return "starter-ends" if died == "thread-failure-is-fatal" else ""


def _by_its_listener(at: Snapshot, died: str) -> str:
    """The cause where accept() has failed, and no process has listened since."""
    is_lost = died in _ACCEPT_FAILED and not any(process.listens for process in at.living)
    return "closes-listener-on-error" if is_lost else ""


def _by_its_lock(seen: Recording, at: Snapshot, client: Client) -> str:
    """The cause where a thread has read this line, and one more waits for a lock than at first."""
    start = seen.snapshots()[0]
    waiting = [
        each.sleeping.get(_LOCK, 0) - (before.sleeping.get(_LOCK, 0) if before is not None else 0)
        for each in at.holders(client.port)
        for before in [start.find(each.pid)]
        if each.threads > 1
    ]
    return "lock-kept" if seen.was_read(client) and sum(waiting) > 0 else ""


def _workers(at: Snapshot) -> int:
    return sum(process.threads for process in at.living)
