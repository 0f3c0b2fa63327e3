"""Turns the keeper's reports into a recording's events, field by field, with no opinion."""

from typing import assert_never

from msgspec import UNSET, convert
from msgspec.structs import asdict
from msgspec.structs import replace as changed

from harness.cell import look_protocol, subject_protocol
from harness.observe import family_state, watch
from harness.record.events import (
    Born,
    Branched,
    Died,
    Exited,
    Listens,
    Printed,
    Proved,
    Reaped,
    Standing,
    word,
)
from harness.record.journal import Journal

_KEEPER = "keeper"


def proof_of(report: family_state.FamilyReport) -> Proved:
    """The event that a report becomes; its moment is the keeper's, in monotonic nanoseconds."""
    seen = {field: getattr(report, field) for field in report.__struct_fields__}
    proof = convert({"kind": word(Proved), "actor": _KEEPER, **seen}, Proved, from_attributes=True)
    family = (each if each.opens else changed(each, opens=UNSET) for each in proof.family)
    return changed(proof, family=tuple(family))


def note_proof(journal: Journal, proof: Proved) -> None:
    """Write down what was seen, and what it proves; in the recording its moment is the journal's."""
    journal.note_at(proof.at_ns, lambda at_ns, _: changed(proof, at_ns=at_ns), proof.actor)


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
    journal.note(Listens, "server", **asdict(listener))


def note_output(journal: Journal, printed: subject_protocol.Printed) -> None:
    """Write down what the server has printed, and how it ended if it has."""
    cut = f"\n[... {printed.total} bytes ...]\n" if printed.tail else ""
    journal.note(Printed, "server", (printed.head + cut + printed.tail).encode("latin-1"))
    if printed.exit is not None:
        journal.note(Died, "server", printed.exit)
    if printed.starved:
        cause = "all processes together had more memory than a cell may have"
        journal.note(Branched, "keeper", cause=cause, starved=printed.starved)


def standing_of(standing: look_protocol.Standing) -> Standing:
    """Where a process stands, its addresses not yet made to lines of source."""
    frames = tuple(standing.frames)
    return Standing(standing.pid, standing.call, (), frames, standing.told, standing.vain)
