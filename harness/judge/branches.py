"""Faults of parent and child after fork(), where a branch (slide 10) does the wrong thing."""

import os
import signal
from collections.abc import Sequence
from typing import Final

from harness.call_kinds import ACCEPTS
from harness.record.client import Client
from harness.record.events import Died, Stood
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.record.snapshot import Process, Snapshot

from . import children, crashes, design, endings, interrupted, uncaught, wording

_EBADF: Final = "Bad file descriptor"


def are_swapped(seen: Recording, first: Client) -> bool:
    """Whether the first process served the first client and ended, and a child goes on accepting."""
    left = first.left
    if left is None or not first.answer:
        return False
    after = seen.after(left)
    is_gone = after.find(seen.root) is None
    return is_gone and any(after.find(child.pid) for child in followers(seen, first))


def followers(seen: Recording, first: Client) -> list[Process]:
    """The children that listen and were born while the first process read from the first client."""
    if first.connected is None:
        return []
    root, during = seen.root, seen.after(first.connected)
    parent = during.find(root)
    if parent is None or first.port not in parent.serves or not parent.is_in_read:
        return []
    born = during.born_since(seen.before(first.connected))
    return [process for process in born if process.ppid == root and process.listens]


def both_serve(seen: Recording, client: Client) -> bool:
    """Whether the first process and the child that it forked for a client both wait for its words."""
    now = seen.after(client.connected)
    parent = now.find(seen.root)
    pair = [parent, *children.born_for(seen, client)] if parent is not None else []
    reading = [each for each in pair if client.port in each.serves and each.is_in_read]
    return parent in reading and len(reading) > 1


def both_accept(seen: Recording, client: Client) -> bool:
    """Whether a child was forked for a client and waits for the next, as the first process does."""
    if client.connected is None:
        return False
    now = seen.after(client.connected)
    born = now.born_since(seen.before(client.connected))
    pair = [now.find(seen.root), *(each for each in born if each.ppid == seen.root)]
    accept = [each is not None and each.listens and each.call in ACCEPTS for each in pair]
    return accept[0] and any(accept[1:])


def why_it_ended(seen: Recording, first: Client, *, served: int) -> str:
    """The cause of a server that ended after some clients; "" where no known cause fits."""
    during, died, root = seen.after(first.connected), seen.first(Died), seen.root
    crashed = died is not None and endings.is_crash(died.status)
    if both_serve(seen, first):
        return "both-serve"
    if crashed and _calls_its_thread(seen, first):
        return "calls-thread-function"
    was_there = seen.before(first.connected).find(root) is not None
    if was_there and during.find(root) is None and children.born_for(seen, first):
        if _EBADF in wording.said(seen):
            return "parent-closes-listener"
        return "" if crashed else "parent-exits"
    if not any(p.listens for p in during.living) and children.is_born(seen, first):
        return "parent-closes-listener"
    by_thread = "thread-ends-program" if served == 1 and _ends_by_a_thread(seen, first, died) else ""
    by_signal = "kills-own-group" if endings.by_own_signal(seen) else interrupted.death(seen)
    by_workers = "workers-end" if 0 < served <= len(children.workers(seen)) and not crashed else ""
    own = by_signal or uncaught.of_server(seen) or by_thread or by_workers
    return own or _how_it_went(seen, died, served)


def _ends_by_a_thread(seen: Recording, first: Client, died: Died | None) -> bool:
    """Whether it exited by itself after it had answered a client by a thread."""
    exited = died is not None and os.WIFEXITED(died.status)
    return exited and bool(first.answer) and design.has_started_threads(seen, first)


def why_nobody_listens(seen: Recording, before: Sequence[Client]) -> str:
    """The cause where the server lives, and the socket does not listen since `before` was served.

    A parent closes it as soon as it has forked; a child that shuts it down does so at its end.
    """
    if not before:
        return "parent-closes-listener"
    during = seen.after(before[0].connected)
    if (root := during.find(seen.root)) is not None and root.catches_all:  # it is Go's
        return "accepts-once"
    child = children.born_for(seen, before[0])
    listened = any(process.pid == seen.root and process.listens for process in during.living)
    return "listener-shut-down" if child and listened else "parent-closes-listener"


def why_it_stays(seen: Recording, client: Client, at: Snapshot, child: Process) -> str:
    """The cause of a child that lives on after its client has left; "" where no known cause fits."""
    if at.proof != "spin":
        return "child-in-accept" if child.call.startswith("accept") else ""
    if child.listens or child.call:
        return ""
    if client.port not in child.serves:
        return "child-spins"
    return "spins-on-goodbye" if _read_until_it_left(seen, client, child.pid) else ""


def why_it_spins(seen: Recording, otherwise: str) -> str:
    """The cause where a child runs on since a client has left: by its accept(), or `otherwise`."""
    if run_without_client(seen):
        return "forks-on-eintr"
    stood = seen.final(Stood)
    children = [each for each in stood.standing if each.pid != seen.root] if stood is not None else []
    return "comes-back-to-accept" if any(each.vain for each in children) else otherwise


def run_without_client(seen: Recording) -> bool:
    """Whether all that runs without end are children that never held a connection.

    Their parent catches SIGCHLD: it has forked because accept() was interrupted.
    """
    looks = seen.snapshots()
    spin = next((at for at in reversed(looks) if at.proof == "spin"), None)
    root = spin.find(seen.root) if spin is not None else None
    if spin is None or root is None or not root.call or not root.handles(signal.SIGCHLD):
        return False
    running = [process for process in spin.living if not process.call]
    served = {process.key for at in looks for process in at.living if process.serves}
    return bool(running) and served.isdisjoint(process.key for process in running)


def reads_past_the_end(seen: Recording, client: Client, at: Snapshot) -> bool:
    """Whether a process runs without end, and holds what it read from until this client left."""
    running = [process for process in at.holders(client.port) if process.is_awake]
    is_over = at.proof == "spin" and client.left is not None
    return is_over and any(_read_until_it_left(seen, client, each.pid) for each in running)


def _read_until_it_left(seen: Recording, client: Client, pid: int) -> bool:
    try:
        earlier = seen.before(client.left)
    except Missing:
        return False
    child = earlier.find(pid)
    return child is not None and bool(child.reads_in) and earlier.is_proof


def _calls_its_thread(seen: Recording, first: Client) -> bool:
    """Whether the only thread of a program that starts threads read from its first client itself."""
    root = seen.after(first.connected).find(seen.root)
    reads = root is not None and root.threads == 1 and first.port in root.serves and root.is_in_read
    return reads and "pthread_create" in (seen.imports or ())


def _how_it_went(seen: Recording, died: Died | None, served: int) -> str:
    """The cause of a server that ended after it had `served` clients; "" where no known one fits."""
    if died is None or crashes.aborts(seen, died.signal):
        return ""
    code = os.waitstatus_to_exitcode(died.status)
    if code == -signal.SIGPIPE:
        return "writes-after-goodbye"
    if served != 1:
        return "ends-after-so-many" if code == 0 and served > 1 else ""
    return "one-shot" if code == 0 else "dies-after-first" if endings.is_crash(died.status) else ""
