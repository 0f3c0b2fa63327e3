"""Writes the recording while a scenario runs."""

from collections.abc import Callable
from typing import Concatenate, ParamSpec

from msgspec.structs import replace

from .events import Event, WithBytes

Fields = ParamSpec("Fields")


class Journal:
    """Collects events. `now_ns` is a monotonic clock; events count from the first call to it."""

    def __init__(self, now_ns: Callable[[], int]) -> None:
        self.events: list[Event] = []
        self._now_ns = now_ns
        self._start_ns = now_ns()

    def note(
        self,
        kind: Callable[Concatenate[int, str, Fields], Event],
        actor: str,
        *args: Fields.args,
        **fields: Fields.kwargs,
    ) -> None:
        """Write down one event, seen now: `note(Sent, "anna", line)`."""
        self.note_at(self._now_ns(), kind, actor, *args, **fields)

    def note_at(
        self,
        at_ns: int,
        kind: Callable[Concatenate[int, str, Fields], Event],
        actor: str,
        *args: Fields.args,
        **fields: Fields.kwargs,
    ) -> None:
        """Note an event that was seen at another moment, in monotonic nanoseconds."""
        self.events.append(kind(at_ns - self._start_ns, actor, *args, **fields))

    def forget(self, since: int, *, but: type[Event]) -> None:
        """Forget the events from this place on, except those of one kind."""
        self.events[since:] = [event for event in self.events[since:] if isinstance(event, but)]

    def keep(self, kind: type[WithBytes], actor: str, most: int) -> None:
        """Cut the bytes of an actor's events of a kind to `most` in all; the events stand."""
        for at, event in enumerate(self.events):
            if isinstance(event, kind) and event.actor == actor:
                kept = event.data[:most]
                self.events[at] = replace(event, data=kept)
                most -= len(kept)
