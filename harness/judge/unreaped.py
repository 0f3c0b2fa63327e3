"""Why children stay zombies, from their parent's signal masks, process groups and timer."""

import signal
from typing import Final

from harness.record.recording import Recording
from harness.record.snapshot import Process, Snapshot
from harness.signal_mask import bit, without_faulthandler

from . import children

SIGCHLD: Final = bit(signal.SIGCHLD)
_SIGWAIT: Final = "rt_sigtimedwait"
_TELL: Final = frozenset({"sigwait", "sigwaitinfo", "sigtimedwait", "signalfd"})
_SIGSEGV: Final = bit(signal.SIGSEGV)
# So many signals caught, SIGSEGV among them: Ruby catches 12 for itself, Go nearly all.
_OF_A_RUN_TIME: Final = 8


def cause(seen: Recording, exited: int) -> str:
    """The known fault behind these zombies of all that `exited`; "" for none or several."""
    last = seen.last()
    parent = _parent(last)
    if parent is None or any(call.startswith("wait") for call in parent.calls):
        return ""  # it sleeps in wait() for one in particular, or for none of these
    if parent.caught is None or parent.blocked is None or is_of_a_run_time(parent.caught):
        never = "sigchld-not-blocked" if _waits_in_vain(parent) else "never-reaps"
        return {exited: never, exited - 1: "reaps-first-only"}.get(len(last.zombies), "")
    if parent.blocked & SIGCHLD:  # one that takes it by signalfd(2) or sigwait(3) leaves none pending
        return "blocks-sigchld" if parent.pending & SIGCHLD else ""
    first = children.before_anybody_came(seen).find(parent.pid)
    return _by_handler(seen, parent, first) if parent.caught & SIGCHLD else _without(seen, first)


def spins_in_handler(seen: Recording, at: Snapshot) -> bool:
    """Whether the first process spins in its own handler for SIGCHLD; not told of a run-time's."""
    root = at.find(seen.root)
    if at.proof != "spin" or root is None or root.caught is None or root.blocked is None:
        return False
    return root.state == "R" and bool(root.caught & root.blocked & SIGCHLD)


def is_of_a_run_time(caught: int) -> bool:
    """Whether a language's run-time has installed these handlers: they say nothing of the program's."""
    others = without_faulthandler(caught)
    return bool(caught & _SIGSEGV) and others.bit_count() >= _OF_A_RUN_TIME


def _parent(last: Snapshot) -> Process | None:
    """The one living process that is the parent of all the zombies."""
    parents = {zombie.ppid for zombie in last.zombies}
    return next((p for p in last.living if {p.pid} == parents), None)


def _by_handler(seen: Recording, parent: Process, first: Process | None) -> str:
    """The fault of a parent that has a handler."""
    last = seen.last()
    groups = {zombie.group for zombie in last.zombies}
    if first is None or None in groups or parent.group is None:
        return ""
    if parent.waited > first.waited:
        return _reaps_another(seen)
    if parent.group not in groups:
        return "waits-for-own-group"
    return "handler-passes-over" if _calls_wait(seen) else "handler-reaps-none"


def _reaps_another(seen: Recording) -> str:
    """The fault of a parent that waits for children, but for none of those that serve clients."""
    serving = {pid for _, pids in children.served(seen) for pid in pids}
    stay = {zombie.pid for zombie in seen.last().zombies}
    return "reaps-another-child" if serving and serving <= stay else ""


def _calls_wait(seen: Recording) -> bool:
    """Whether the program calls wait() or one like it somewhere, as its imports say."""
    return any(name.startswith("wait") for name in seen.imports or ())


def _without(seen: Recording, first: Process | None) -> str:
    """The fault of a parent that has no handler, or none any more; `first` is it before all clients."""
    last, served = seen.last(), children.served(seen)
    parent = None if first is None else last.find(first.pid)
    if first is None or parent is None or first.caught is None:
        return ""
    waited, zombies = parent.waited > first.waited, {zombie.pid for zombie in last.zombies}
    serving = {pid for _, pids in served for pid in pids}
    if first.caught & SIGCHLD:
        early = set(served[0][1]) if served else set()
        return "reaps-first-only" if waited and zombies == serving - early else ""
    if last.proof == "until":
        return "reaps-by-clock" if len(last.living) == 1 else ""
    if waited:
        return _reaps_another(seen)
    is_below = parent.pid != seen.root and last.find(seen.root) is not None
    if is_below:
        return "worker-never-reaps"
    otherwise = "waits-too-early" if _calls_wait(seen) and _is_on_its_own(seen, first) else "never-reaps"
    is_discarded = not parent.blocked and _is_to_be_told(seen, parent)
    return "sigchld-not-blocked" if is_discarded else otherwise


def _is_to_be_told(seen: Recording, parent: Process) -> bool:
    """Whether it takes signals by sigwait(3) or signalfd(2), where only those come that are blocked."""
    return _SIGWAIT in parent.sleeping or not _TELL.isdisjoint(seen.imports or ())


def _waits_in_vain(parent: Process) -> bool:
    """Whether a thread of it sleeps in sigwait(3), and SIGCHLD is neither blocked nor handled."""
    return _SIGWAIT in parent.sleeping and parent.blocked == 0 and not (parent.caught or 0) & SIGCHLD


def _is_on_its_own(seen: Recording, first: Process) -> bool:
    """Whether no other process stood beside it, and no child handles SIGCHLD: it would wait itself."""
    beside = [each for each in children.before_anybody_came(seen).living if each.pid != first.pid]
    born = [each for at in seen.snapshots() for each in at.living if each.pid != first.pid]
    return not beside and not any((each.caught or 0) & SIGCHLD for each in born)


def has_handler(seen: Recording) -> bool | None:
    """Whether the server had a handler for SIGCHLD when the first client came; None: not known."""
    first = children.before_anybody_came(seen).find(seen.root)
    if first is None or first.caught is None or is_of_a_run_time(first.caught):
        return None
    return bool(first.caught & SIGCHLD)
