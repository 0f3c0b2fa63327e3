"""Events in the order in which they were seen, and the moments of rest among them."""

from collections.abc import Iterator
from functools import cached_property
from typing import TypeVar, cast

from .events import Event, Proved, WithBytes, word
from .missing import Missing
from .snapshot import Snapshot

Of = TypeVar("Of", bound=Event)


class Log:
    """The events of one run: flat, frozen facts. A place is an index into `events`."""

    events: tuple[Event, ...]

    @property
    def end_ns(self) -> int:
        """The moment of the last event; 0 where there is none."""
        return max((event.at_ns for event in self.events), default=0)

    def all(self, kind: type[Of], actor: str | None = None) -> Iterator[tuple[int, Of]]:
        """Place and event of every event of a kind, of one actor or of any."""
        for index, event in self._by_kind.get(kind, ()):
            if actor in (None, event.actor):
                yield index, cast("Of", event)

    def every(self, kind: type[Of], actor: str | None = None) -> Iterator[Of]:
        """Every event of a kind, of one actor or of any."""
        return (event for _, event in self.all(kind, actor))

    def first(self, kind: type[Of], actor: str | None = None) -> Of | None:
        """The first event of a kind, or None."""
        return next(self.every(kind, actor), None)

    def place_of(self, kind: type[Of], actor: str | None = None) -> int | None:
        """The place of the first event of a kind, or None."""
        return next((index for index, _ in self.all(kind, actor)), None)

    def require(self, kind: type[Of]) -> Of:
        """The first event of a kind; raises Missing where there is none."""
        if (event := self.first(kind)) is None:
            raise Missing(f"the recording does not say that it {word(kind)}")
        return event

    def final(self, kind: type[Of]) -> Of | None:
        """The last event of a kind, or None."""
        return next(reversed(list(self.every(kind))), None)

    def bytes_at(self, index: int) -> bytes:
        """The bytes that were said or shown in the event at this place; b"" of one without bytes."""
        event = self.events[index]
        return event.data if isinstance(event, WithBytes) else b""

    def snapshots(self) -> tuple[Snapshot, ...]:
        """Every snapshot, in order."""
        return self._snapshots

    def looks(self, start: int = -1, stop: int | None = None) -> list[Snapshot]:
        """The snapshots behind one event and, if it is given, before another one."""
        stop = len(self.events) if stop is None else stop
        return [each for each in self._snapshots if start < each.index < stop]

    def after(self, index: int | None) -> Snapshot:
        """The first snapshot after an event; raises Missing without one, or if the guard ran out."""
        for snapshot in self._snapshots:
            if index is not None and snapshot.index > index:
                return snapshot.settled()
        raise Missing("the recording ends before the server came to rest")

    def before(self, index: int | None) -> Snapshot:
        """The last snapshot before an event; raises as `after`."""
        for snapshot in reversed(self._snapshots):
            if index is not None and snapshot.index < index:
                return snapshot.settled()
        raise Missing("nothing was seen before")

    def last(self) -> Snapshot:
        """The last snapshot; raises as `after`."""
        return self.before(len(self.events))

    def seconds_between(self, start: int, stop: int) -> float:
        """From one event to another."""
        return (self.events[stop].at_ns - self.events[start].at_ns) / 1e9

    def rest_is_proven_between(self, start: int | None, stop: int | None) -> bool:
        """Whether rest was proven between two events: only then is "no answer" a fact."""
        return start is not None and any(snapshot.is_proof for snapshot in self.looks(start, stop))

    @cached_property
    def _by_kind(self) -> dict[type[Event], list[tuple[int, Event]]]:
        found: dict[type[Event], list[tuple[int, Event]]] = {}
        for index, event in enumerate(self.events):
            found.setdefault(type(event), []).append((index, event))
        return found

    @cached_property
    def _snapshots(self) -> tuple[Snapshot, ...]:
        return tuple(snapshot(index, event) for index, event in self.all(Proved))


def snapshot(index: int, event: Proved) -> Snapshot:
    """The snapshot that an event carries, at its place among the events."""
    return Snapshot(
        index=index,
        proof=event.proof,
        init=event.orphans_of,
        processes=event.family,
        connections=event.connections,
        listener=event.listener,
        last_pid=event.last_pid,
        why_not=event.why_not,
        time_wait=event.time_wait,
    )
