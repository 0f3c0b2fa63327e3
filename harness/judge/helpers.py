"""Helpers: processes that a daemon starts with one of its first clients and keeps. They serve none."""

from collections.abc import Sequence
from typing import Final

from harness.record.events import Connected
from harness.record.recording import Recording
from harness.record.snapshot import Key, Snapshot

_FEWEST: Final = 4  # clients, of whom the second half brings none


def kept(seen: Recording) -> frozenset[Key]:
    """The helpers in a recording, by `Process.key`; none where few clients came.

    A helper is begun by a process that is older than all clients, or by another helper, and lives to the
    end. It was never seen to hold a connection or the listening socket, while another process held the
    connection of the client with whom it came. Where such a process comes with the second half of the
    clients none is a helper: each client may leave one behind.
    """
    came = [(index, event.port) for index, event in seen.all(Connected) if event.port is not None]
    if len(came) < _FEWEST:
        return frozenset()
    looks = seen.snapshots()
    found = _first_looks(looks, seen.before(came[0][0]))
    stay: set[Key] = set()
    for key in found.keys() & {process.key for process in looks[-1].living}:
        number = sum(index < found[key].index for index, _ in came)
        if number > len(came) // 2:
            return frozenset()
        index, port = came[number - 1]
        if seen.after(index).holders(port):
            stay.add(key)
    return frozenset(stay)


def _first_looks(looks: Sequence[Snapshot], before: Snapshot) -> dict[Key, Snapshot]:
    """The processes that may be helpers, and when each was seen first."""
    known = {process.key for process in before.processes}
    busy = {each.key for look in looks for each in look.processes if each.serves or each.listens}
    parents = {process.pid for process in before.living}
    found: dict[Key, Snapshot] = {}
    for look in looks:
        for process in look.living:
            if process.key not in known | busy | found.keys() and process.ppid in parents:
                found[process.key] = look
                parents.add(process.pid)
    return found
