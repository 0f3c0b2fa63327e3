"""Moves late stamps back, so that causes come before effects. Pure.

The harness stamps a connect or a read when it gets to it, and a birth when a look saw the process: these
moments are the latest possible ones. A child that was forked for a client proves that the client had
connected before; the client's reply proves that the child had been born before. Where a look shows that
the server had ended a connection, or that the only holder of it had exited, all that the client heard
had been sent before. What a person's terminal shows comes later, and stays where it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Self

from msgspec.structs import replace as changed

from harness.record.events import Connected, Event, Exited, Fin, Proved, Reads, Received, Rst, Sent
from harness.record.recording import Recording

from .lives import Life
from .timeline import Happening, Lane

_HEARD: Final = (Received, Fin, Rst)
_SERVER_HAS_ENDED: Final = frozenset({"FIN_WAIT1", "FIN_WAIT2", "CLOSING", "TIME_WAIT"})


@dataclass(frozen=True, slots=True)
class Late:
    """The events that were stamped late, and moved back: each stands at the latest possible moment."""

    _moved: frozenset[tuple[str, type[Event], int]] = frozenset()

    @classmethod
    def between(cls, stamped: Sequence[Event], placed: Sequence[Event]) -> Self:
        """Those that stand earlier than they were stamped."""
        pairs = zip(stamped, placed, strict=True)
        return cls(frozenset(_key(now) for then, now in pairs if now.at_ns != then.at_ns))

    def __contains__(self, event: Event) -> bool:
        return _key(event) in self._moved


def _key(event: Event) -> tuple[str, type[Event], int]:
    return event.actor, type(event), event.at_ns


def placed(
    stamped: Recording, family: Sequence[Life], ports: Mapping[int, str]
) -> tuple[Recording, Late]:
    """The recording and the family, with connects, replies and births at moments that are possible."""
    port_of = {name: port for port, name in ports.items()}
    recording = _heard(stamped, family, port_of)
    _after_their_parents(family)
    _before_who_had_to_wait(recording, family, port_of)
    forked = _forked_for(family, ports)
    _before_their_replies(recording, forked)
    by_ns: dict[str, int] = {}
    for event in recording.events:  # what a client did or heard, it did connected
        by_ns[event.actor] = min(event.at_ns + 1, by_ns.get(event.actor, event.at_ns + 1))
    for name, life in forked:
        by_ns[name] = min(life.born_ns, by_ns[name])
    seen = [(e.at_ns, frozenset(e.connections)) for e in recording.every(Proved)]
    events = tuple(
        _moved(event, min(by_ns[event.actor], _seen_by(event, port_of.get(event.actor), seen)))
        if isinstance(event, Connected)
        else event
        for event in recording.events
    )
    return replace(recording, events=events), Late.between(stamped.events, events)


def _heard(recording: Recording, family: Sequence[Life], port_of: Mapping[str, int]) -> Recording:
    """What clients heard, in order, placed before the event that shows that no more could come."""
    slow = {event.actor for event in recording.every(Reads)}
    ended = _ended(recording, family)
    began: dict[str, int] = {}
    moved: dict[int, list[int]] = {}
    for index, event in sorted(enumerate(recording.events), key=lambda each: each[1].at_ns):
        if isinstance(event, Connected | Sent):
            began[event.actor] = event.at_ns
        elif isinstance(event, _HEARD) and event.actor not in slow:
            looks = ended.get(port_of.get(event.actor, 0), [])
            by_ns = [at for at in looks if began.get(event.actor, 0) < at < event.at_ns][:1]
            moved.setdefault(by_ns[0] if by_ns else 0, []).append(index)
    events = list(recording.events)
    for end_ns, indices in moved.items():
        for place, index in enumerate(indices if end_ns else ()):
            events[index] = _moved(events[index], end_ns - len(indices) + place + 1)
    return replace(recording, events=tuple(events))


def _ended(recording: Recording, family: Sequence[Life]) -> dict[int, list[int]]:
    """The moment at which the server's end was seen to be closed, by the client's port."""
    found: dict[int, set[int]] = {}
    for event in recording.every(Proved):
        for port, connection in event.connections.items():
            if connection.state in _SERVER_HAS_ENDED:
                found.setdefault(port, set()).add(event.at_ns)
    holders: dict[int, list[Life]] = {}
    for life in family:
        for port in {port for _, seen in life.looks for port in seen.serves}:
            holders.setdefault(port, []).append(life)
    for port, lives in holders.items():
        if len(lives) == 1 and lives[0].ends_ns is not None:
            found.setdefault(port, set()).add(lives[0].ends_ns)
    return {port: sorted(moments) for port, moments in found.items()}


def place_zombies(family: Sequence[Life], clients: Sequence[Lane], ports: Mapping[int, str]) -> None:
    """Give a birth and an exit to processes that were zombies when they were first seen.

    It is not known which client each of them served. They are assigned, in order, to the last replies
    that came from no process that was seen: the family's curve then has a step for each, and not one
    step at the look.
    """
    served = {ports.get(port) for life in family for _, seen in life.looks for port in seen.serves}
    stories = [lane for lane in clients if lane.name not in served]
    replies = sorted(each for lane in stories for each in [_reply_and_end(lane)] if each is not None)
    unseen: dict[int, list[Life]] = {}
    for life in family:
        if life.looks and life.looks[0][1].is_zombie and life.since_ns is not None:
            unseen.setdefault(life.since_ns, []).append(life)
    for since_ns, zombies in unseen.items():
        by_ns = min(life.born_ns for life in zombies)
        theirs = [each for each in replies if since_ns + 1 < each[0] < by_ns]
        for life, (replied_ns, ended_ns) in zip(reversed(zombies), reversed(theirs), strict=False):
            life.born_ns = replied_ns - 1
            life.exited_ns = min(ended_ns, life.exited_ns or ended_ns)
            life.guessed.add(Exited)


def _reply_and_end(lane: Lane) -> tuple[int, int] | None:
    replied = [mark.at_ns for mark in lane.marks if mark.what is Happening.REPLY][:1]
    ended = [mark.at_ns for mark in lane.marks if mark.what in {Happening.FIN, Happening.RST}][:1]
    return (replied[0], (ended or replied)[0]) if replied else None


def _before_who_had_to_wait(
    recording: Recording, family: Sequence[Life], port_of: Mapping[str, int]
) -> None:
    """A parent that slept in wait() accepted no client before a child exited: place exit and reaping so.

    Both are one moment there; they are stamped when the harness gets to them, perhaps after the client.
    """
    looks = list(recording.every(Proved))
    for event in recording.every(Received):
        port = port_of.get(event.actor, 0)
        before = [look for look in looks if look.at_ns < event.at_ns and port in look.connections][-1:]
        if not before or before[0].connections[port].accepted:
            continue
        waiting = {each.pid for each in before[0].family if each.is_in_wait}
        exits = [
            life
            for life in family
            if life.ppid in waiting and life.exited_ns is not None and life.exited_ns > before[0].at_ns
        ]
        first = min(exits, key=lambda life: life.exited_ns or 0, default=None)
        if first is not None and first.exited_ns is not None:
            first.exited_ns = min(first.exited_ns, event.at_ns - 1)
            if first.reaped_ns is not None:
                first.reaped_ns = first.exited_ns


def _after_their_parents(family: Sequence[Life]) -> None:
    """Let a process be born after its parent, where one look found both."""
    by_pid: dict[int | None, list[Life]] = {}
    for life in family:
        by_pid.setdefault(life.pid, []).append(life)
    for life in reversed(family):
        older = by_pid.get(life.ppid, [])
        if len(older) == 1 and older[0] is not life and life.born_ns <= older[0].born_ns:
            older[0].born_ns = life.born_ns - 1


def _forked_for(family: Sequence[Life], ports: Mapping[int, str]) -> list[tuple[str, Life]]:
    """(client, child) where the child held the client's connection when it was first looked at.

    A worker that accepts clients by itself may have been born before them: it listens, and its parent
    was never seen to accept anybody.
    """
    pids = {life.pid: life for life in family}
    found = []
    for life in family:
        parent = pids.get(life.ppid) if life.ppid is not None else None
        if parent is None or parent is life or not life.looks:
            continue
        first = life.looks[0][1]
        is_worker = first.listens and not any(seen.may_let_in for _, seen in parent.looks)
        if not is_worker:
            found += [(ports[port], life) for port in first.serves if port in ports]
    return found


def _before_their_replies(recording: Recording, forked: Sequence[tuple[str, Life]]) -> None:
    for name, life in forked:
        answered = recording.client(name).heard
        if answered is not None:
            before_ns = recording.events[answered].at_ns - 1
            if (life.since_ns or 0) < before_ns < life.born_ns:
                life.born_ns = before_ns


def _seen_by(event: Event, port: int | None, looks: Sequence[tuple[int, frozenset[int]]]) -> int:
    """The latest moment at which a client can have connected, by the last look before its stamp."""
    before = [(at, there) for at, there in looks if at <= event.at_ns][-1:]
    return before[0][0] if before and port in before[0][1] else event.at_ns + 1


def _moved(event: Event, by_ns: int) -> Event:
    """The event, moved to one nanosecond before `by_ns` if it is not earlier."""
    if event.at_ns < by_ns:
        return event
    return changed(event, at_ns=by_ns - 1)
