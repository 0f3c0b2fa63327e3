"""Why a client waits while another one is silent: a parent in wait(), a full pool, one at a time."""

from collections.abc import Sequence
from typing import Final

from harness.call_kinds import READS
from harness.record.client import Client
from harness.record.recording import Recording
from harness.record.snapshot import Process, Snapshot

from . import children, design

_LOCKS: Final = frozenset({"fcntl", "flock", "futex", "semop", "semtimedop"})


def of_a_parent(process: Process | None) -> str:
    """Why a parent sleeps until one of its children has gone; "" where it does not."""
    if process is None:
        return ""
    if process.is_in_vfork:
        return "waits-in-vfork"
    return "waits-in-parent" if process.is_in_wait else ""


def beside_silent(
    seen: Recording, quick: Client, silent: Sequence[Client], stood: Process | None
) -> str:
    """The known fault of a server that lets a quick client wait beside silent ones.

    `stood` is the first process, as it stood meanwhile.
    """
    if seen.was_read(quick):
        return "reply-at-next-event"
    if len(silent) > 1:
        return "limited-workers"
    if (stood is not None and stood.is_in_vfork) or children.born_for(seen, silent[0]):
        return of_a_parent(stood) or _of_children(seen, quick)
    return _of_no_child(seen, silent[0], quick)


def _of_children(seen: Recording, quick: Client) -> str:
    """Why a child that was born for a client does not read its line; "" where it is not known."""
    at = seen.after(quick.asked)
    calls = {process.call for process in at.holders(quick.port) if process.pid != seen.root}
    return "lock-among-children" if calls and calls <= _LOCKS else ""


def _by_itself(seen: Recording, silent: Client, root: Process) -> str:
    """Why the first process serves by itself, one client after the other."""
    if children.begin_after(seen, silent.asked):
        return "reads-before-fork"
    is_alone = root.threads == 1 and "pthread_create" in (seen.imports or ())
    return "calls-thread-function" if is_alone else "iterative"


def _of_no_child(seen: Recording, silent: Client, quick: Client) -> str:
    """The cause where a server makes no child for a silent client, and serves no other meanwhile."""
    first = seen.after(silent.connected)
    root = first.find(seen.root)
    connection = seen.after(quick.asked).connection(quick.port)
    lets_nobody_in = connection is None or not connection.accepted
    # Go's threads are not its tasks: one of these has let the quick client in, and waits.
    waits_in_go = any(name.endswith(".go") for name in seen.files) and not lets_nobody_in
    itself = root is not None and (root.is_in_read or design.takes_itself(seen, silent, root))
    if root is not None and itself and not waits_in_go:  # whatever other threads it may have
        return "waits-in-loop" if _waited_for_any(seen, silent, root) else _by_itself(seen, silent, root)
    joins = root is not None and root.call == "futex" and lets_nobody_in
    if joins and design.has_started_threads(seen, silent):
        return "joins-at-once"
    if waits_in_go or design.has_started_threads(seen, silent, quick):
        return "lock-around-service"
    if len(first.living) == 1 and all(process.threads == 1 for process in first.living):
        return "reads-unready" if _reads_unready(seen, silent, quick) else "iterative"
    if root is not None and root.is_in_wait and _ends_with(seen, silent, first):
        return "forks-before-accept"
    several = of_one_for_several(seen, first)
    waits = _workers_wait_for_a_lock(seen, silent, first)
    return several or ("lock-among-workers" if waits else "one-worker")


def of_one_for_several(seen: Recording, at: Snapshot) -> str:
    """The cause where more threads of the first process read than clients are connected; "" elsewhere.

    Threads that read from a pipe, for want of clients, do not count: they did so before any came.
    """
    now, before = at.find(seen.root), seen.snapshots()[0].find(seen.root)
    if now is None or before is None:
        return ""
    reading = now.threads_in(READS) - before.threads_in(READS)
    return "several-serve-one" if reading > max(len(at.connections), 1) else ""


def _workers_wait_for_a_lock(seen: Recording, silent: Client, first: Snapshot) -> bool:
    """Whether several workers stood ready, and all but the one that has this client sleep for a lock.

    A JVM's own threads sleep as workers do.
    """
    holders = first.holders(silent.port)
    workers = [each for each in first.living if each.listens and each.pid != seen.root]
    others = [each for each in workers if each not in holders]
    if others and len(others) < len(workers):
        return all(each.call in _LOCKS for each in others)
    is_in_java = any(name.endswith((".java", ".jar")) for name in seen.files)
    return not is_in_java and design.threads_ready(seen, silent) > 1


def _reads_unready(seen: Recording, silent: Client, quick: Client) -> bool:
    """Whether its loop waits for both clients, and sleeps in a read() once the quick one has spoken."""
    waited, asked = (seen.after(each).find(seen.root) for each in (silent.connected, quick.asked))
    if waited is None or asked is None or not (waited.waiting_for_any and asked.is_in_read):
        return False
    return asked.clients == {silent.port, quick.port}


def _waited_for_any(seen: Recording, client: Client, now: Process) -> bool:
    """Whether a thread slept in poll(), select() or epoll_wait() before this client came, and woke."""
    before = seen.before(client.connected).find(now.pid)
    return before is not None and before.waiting_for_any > now.waiting_for_any


def _ends_with(seen: Recording, client: Client, at: Snapshot) -> bool:
    """Whether a child of the first process held this client, and ended when the client had gone."""
    holders = {p.key for p in at.holders(client.port) if p.ppid == seen.root}
    return bool(holders) and holders.isdisjoint(p.key for p in seen.last().living)
