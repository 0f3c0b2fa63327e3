"""What a keeper reports, turned into what a recording keeps: cells know nothing of recordings."""

from __future__ import annotations

from typing import Any

import msgspec

from harness.cell.subject_protocol import Printed
from harness.observe.family_state import FamilyReport
from harness.observe.watch import Born, Event, Exited, Reaped
from harness.record.journal import Journal
from harness.record.recording import Kind
from harness.record.snapshot import Snapshot, snapshot

_KINDS = {Born: Kind.BORN, Exited: Kind.EXITED, Reaped: Kind.REAPED}


def plain(struct: msgspec.Struct) -> dict[str, Any]:
    """The fields of a report as a recording keeps them."""
    fields: dict[str, Any] = msgspec.to_builtins(struct, str_keys=True)
    fields.pop("type", None)
    return fields


def snapshot_of(journal: Journal, report: FamilyReport) -> Snapshot:
    """The snapshot of a report that comes now, after all that was noted."""
    return snapshot(len(journal.events), plain(report))


def note_report(journal: Journal, report: FamilyReport) -> None:
    """Write down what was seen, and what it proves."""
    journal.note_proof(plain(report))


def note_event(journal: Journal, event: Event) -> None:
    """Write down a birth or a death that the keeper saw."""
    journal.note_family({**plain(event), "what": _KINDS[type(event)].value})


def note_output(journal: Journal, printed: Printed) -> None:
    """Write down what the server has printed, and how it ended if it has."""
    journal.note_output(plain(printed))
