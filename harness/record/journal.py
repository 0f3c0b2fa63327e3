"""Writes the recording while a scenario runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .recording import Event, Kind


class Journal:
    """Collects events. `now_ns` is a monotonic clock; events count from the first call to it."""

    def __init__(self, now_ns: Callable[[], int]) -> None:
        self.events: list[Event] = []
        self._now_ns = now_ns
        self._start_ns = now_ns()

    def note(
        self, actor: str, kind: Kind, data: bytes = b"", at_ns: int | None = None, **detail: Any
    ) -> None:
        """Write down one event, seen now or at a moment given in monotonic nanoseconds."""
        seen_ns = self._now_ns() if at_ns is None else at_ns
        self.events.append(Event(seen_ns - self._start_ns, actor, kind, data, detail))

    def note_family(self, event: dict[str, Any]) -> None:
        """Write down a birth or death that the keeper saw."""
        detail = {key: event[key] for key in ("ppid", "status", "parent_in") if key in event}
        kind = Kind(event["what"])
        self.note(f"process {event['pid']}", kind, at_ns=event["at_ns"], **detail)

    def note_proof(self, report: dict[str, Any]) -> None:
        """Write down a snapshot with what it proves."""
        detail = {k: v for k, v in report.items() if k not in {"reply", "fds", "at_ns", "holds"}}
        self.note("keeper", Kind.PROVED, at_ns=report["at_ns"], **detail)

    def note_output(self, output: dict[str, Any]) -> None:
        """Write down what the server has printed, and how it ended if it has."""
        cut = f"\n[... {output['total']} bytes ...]\n" if output["tail"] else ""
        text = output["head"] + cut + output["tail"]
        self.note("server", Kind.PRINTED, text.encode("latin-1"))
        if output["exit"] is not None:
            self.note("server", Kind.DIED, status=output["exit"])
