"""A crew: a pool of processes that is started when clients have come, and serves one after the other."""

from collections.abc import Sequence
from typing import Final

from harness.call_kinds import ACCEPTS
from harness.record.events import Connected
from harness.record.recording import Recording
from harness.record.snapshot import Key, Process, Snapshot

from .decided import once

_UNMISTAKABLE: Final = 3  # children for the first client: no server is known that makes so many for each
_FEWEST: Final = 2  # clients served by who had served before, where fewer came with the first


def of(seen: Recording) -> frozenset[Key]:
    """The processes of such a pool, by `Process.key`; empty where there is none."""
    return once(of, seen, _find)


def _find(seen: Recording) -> frozenset[Key]:
    """The processes of the pool.

    They come with the first client, and with a later one only where each of them has a client already.
    A process that waits in accept() is none of them, nor is one beside which an older one serves.
    """
    hands: dict[Key, Process] = {}
    first, again = 0, 0
    for index, event in seen.all(Connected):
        if event.port is None:
            continue
        start, now = seen.before(index), seen.after(index)
        born = _born(start, now, event.port)
        holders = {each.key for each in now.holders(event.port)}
        served = not holders.isdisjoint(hands)
        if born and hands and not _are_busy(start, hands):
            return frozenset()
        if not born and holders and not served:
            return frozenset()
        first = first or (len(born) if holders <= {each.key for each in born} else 1)
        again += served and not born
        hands |= {each.key: each for each in born}
        if any(each.key in hands and each.call in ACCEPTS for each in now.living):
            return frozenset()
    return frozenset(hands) if again >= _FEWEST or first >= _UNMISTAKABLE else frozenset()


def _born(start: Snapshot, now: Snapshot, port: int) -> list[Process]:
    """The processes that came with a client: one has its connection, or all of one parent have it."""
    new = now.born_since(start)
    having = [each for each in new if port in each.serves]
    if not having:
        return []
    born = [each for each in new if each.ppid == having[0].ppid]
    is_one = len(having) in {1, len(born)} and all(each.state == "S" for each in born)
    return born if is_one else [having[0]]


def _are_busy(start: Snapshot, hands: dict[Key, Process]) -> bool:
    """Whether there is one, and each has a client."""
    there: Sequence[Process] = [each for each in start.living if each.key in hands]
    return bool(there) and all(each.serves for each in there)
