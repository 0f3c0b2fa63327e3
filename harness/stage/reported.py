"""What the keeper reports becomes what a recording keeps: field by field, with no opinion."""

from __future__ import annotations

from typing import assert_never

from msgspec import convert

from harness.cell import look_protocol, subject_protocol
from harness.observe import family_state, watch
from harness.record.events import Born, Died, Exited, Listens, Printed, Proved, Reaped, Standing
from harness.record.journal import Journal
from harness.record.log import snapshot
from harness.record.snapshot import Connection, Listener, Process, Snapshot

_KEEPER = "keeper"


def snapshot_of(journal: Journal, report: family_state.FamilyReport) -> Snapshot:
    """The snapshot of a report that comes now, after all that was noted."""
    return snapshot(len(journal.events), _proved(report.at_ns, _KEEPER, report))


def note_report(journal: Journal, report: family_state.FamilyReport) -> None:
    """Write down what was seen, and what it proves."""
    journal.note_at(report.at_ns, _proved, _KEEPER, report)


def note_event(journal: Journal, event: watch.Event) -> None:
    """Write down a birth or a death that the keeper saw."""
    actor = f"process {event.pid}"
    match event:
        case watch.Born():
            journal.note_at(event.at_ns, Born, actor, event.ppid, event.parent_in)
        case watch.Exited():
            journal.note_at(event.at_ns, Exited, actor, event.status)
        case watch.Reaped():
            journal.note_at(event.at_ns, Reaped, actor)
        case _:
            assert_never(event)


def note_listener(journal: Journal, listener: family_state.ListenerState) -> None:
    """Write down where the server listens."""
    journal.note(
        Listens,
        "server",
        port=listener.port,
        address=listener.address,
        v6=listener.v6,
        v6_only=listener.v6_only,
        queue=listener.queue,
        backlog=listener.backlog,
    )


def note_output(journal: Journal, printed: subject_protocol.Printed) -> None:
    """Write down what the server has printed, and how it ended if it has."""
    cut = f"\n[... {printed.total} bytes ...]\n" if printed.tail else ""
    journal.note(Printed, "server", (printed.head + cut + printed.tail).encode("latin-1"))
    if printed.exit is not None:
        journal.note(Died, "server", printed.exit)


def standing_of(standing: look_protocol.Standing) -> Standing:
    """Where a process stands, its addresses not yet made to lines of source."""
    return Standing(standing.pid, standing.call, (), tuple(standing.frames), standing.told)


def _proved(at_ns: int, actor: str, report: family_state.FamilyReport) -> Proved:
    return Proved(
        at_ns,
        actor,
        proof=report.proof,
        until_ns=report.until_ns,
        why_not=report.why_not,
        last_pid=report.last_pid,
        orphans_of=report.orphans_of,
        listener=convert(report.listener, Listener | None, from_attributes=True),
        family=convert(report.family, tuple[Process, ...], from_attributes=True),
        connections=convert(report.connections, dict[int, Connection], from_attributes=True),
        time_wait=report.time_wait,
    )
