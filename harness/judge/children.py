"""The children that a server forks for its clients: which, whether proven, and whether too many."""

from __future__ import annotations

from typing import Final

from . import views
from .recording import Client, Kind, Missing, Recording

NONE_BORN: Final = "no process is born for a client here"
NONE_EXITS: Final = "no child exits here"
Served = tuple[Client, tuple[int, ...]]


def served(seen: Recording) -> list[Served]:
    """Each client for which children were born, with their pids."""
    return [
        (client, tuple(p.pid for p in born))
        for client in seen.clients("client ")
        if client.came and (born := views.born_for(seen, client))
    ]


def proven(seen: Recording) -> list[Served]:
    """Those of `served` whose service was seen under a proof of rest.

    Raises:
        Missing: there are children, and no proof: a server may yet close what it still holds.
    """
    all_served = served(seen)
    at_rest = [each for each in all_served if seen.after(each[0].connected).is_proof]
    if all_served and not at_rest:
        raise Missing("the server was not proven to be at rest while a child served")
    return at_rest


def forks_without_a_client(seen: Recording, clients: list[Served]) -> int:
    """How often the first process forked between a client's being served and the next one's coming.

    Counted by pids where the cell numbers its own; believed only when one such child was seen.

    Raises:
        Missing: forks were counted, and none was seen: somebody else's, perhaps.
    """
    root = views.server(seen)
    counted = noticed = 0
    for client, _ in clients:
        during, after = seen.after(client.connected), seen.after(views.left(seen, client))
        if during.last_pid is not None and after.last_pid is not None:
            counted += after.last_pid - during.last_pid
        noticed += sum(
            event.kind is Kind.BORN and event.detail.get("ppid") == root
            for event in seen.events[during.index : after.index]
        )
    if counted and not noticed:
        raise Missing(f"{counted} processes were born without a client, and none of them was seen")
    return max(counted, noticed) if noticed else 0
