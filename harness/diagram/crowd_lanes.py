"""The lanes of a crowd's clients, by their visits: their times are in a clock of their own. Pure."""

from collections.abc import Iterator
from typing import Final

from harness.record.events import Born, Exited, Reaped
from harness.record.recording import Recording
from harness.record.spelling import spell
from harness.record.visits import Crowd, Visit

from .client_lanes import TEXT
from .timeline import Happening, Lane, Mark, Phase, Span

_LATE_NS: Final = 150_000_000  # a segment that was dropped comes again after 200 ms (TCP_RTO_MIN)
_ERRORS: Final = {
    "ECONNREFUSED": Happening.REFUSED,
    "ECONNRESET": Happening.RST,
    "EPIPE": Happening.RST,
}
_SEEN_BY_KEEPER: Final = (Born, Exited, Reaped)


def lanes(crowd: Crowd, recording: Recording) -> Iterator[Lane]:
    """A lane for each client of a crowd, named "NAME 1" and so on.

    A crowd's times are in another clock. They are shifted so that the crowd's last moment is the moment
    of its event. If a client gave up, its last moments are those of waiting: then the crowd's first
    moment is put where the harness did the last thing before.
    """
    over_ns = recording.events[crowd.index].at_ns
    moments = [at for visit in crowd.visits for at in _moments(visit) if at]
    if not moments:
        return
    shift_ns = over_ns - max(moments)
    if any(visit.error and not visit.ended_ns for visit in crowd.visits):
        before = [e for e in recording.events[: crowd.index] if not isinstance(e, _SEEN_BY_KEEPER)]
        shift_ns = min(shift_ns, max((e.at_ns for e in before), default=0) - min(moments))
    for number, visit in enumerate(crowd.visits, 1):
        if visit.connected_ns or visit.error:
            yield _visit(f"{crowd.name} {number}", visit, shift_ns, over_ns)


def _visit(name: str, visit: Visit, shift_ns: int, over_ns: int) -> Lane:
    """One visit; what has not ended lasts until the crowd was over."""
    end_ns = visit.ended_ns or max(over_ns - shift_ns, *_moments(visit))
    is_late = (visit.sent_ns or end_ns) - visit.intended_ns > _LATE_NS
    is_turned_away = bool(visit.error) and end_ns == visit.connected_ns
    is_let_in = not is_late and not is_turned_away and visit.error != "ECONNREFUSED"
    turns = [
        (visit.connected_ns, Phase.SILENT if is_let_in else Phase.CONNECTING),
        (visit.sent_ns, Phase.WAITING),
        (visit.answered_ns, Phase.ANSWERED),
    ]
    turns = [turn for turn in turns if turn[0]] if visit.connected_ns else []
    spans = [
        Span(begin_ns + shift_ns, stop_ns + shift_ns, phase, TEXT[phase])
        for (begin_ns, phase), (stop_ns, _) in zip(turns, [*turns[1:], (end_ns, None)], strict=False)
        if stop_ns > begin_ns
    ]
    marks = [
        Mark(at_ns + shift_ns, what, told)
        for at_ns, what, told in (
            (visit.connected_ns, Happening.CONNECTS, "connects" if is_let_in else "tries to connect"),
            (visit.sent_ns, Happening.ASKS, f"sends {spell(visit.line)}"),
            (visit.answered_ns, Happening.REPLY, f"receives {spell(visit.answer, more=visit.more)}"),
            (
                visit.ended_ns if visit.refusal else 0,
                Happening.NOTE,
                f"receives {spell(visit.refusal, more=visit.more)}",
            ),
            (0 if visit.error else visit.ended_ns, Happening.FIN, "reads the end"),
        )
        if at_ns
    ]
    if visit.error:
        what = _ERRORS.get(visit.error, Happening.NOTE)
        told = visit.error if visit.ended_ns else f"gives up: {visit.error}"
        marks.append(Mark(end_ns + shift_ns, what, told))
    return Lane(name, tuple(spans), tuple(sorted(marks, key=lambda mark: mark.at_ns)))


def _moments(visit: Visit) -> tuple[int, ...]:
    return visit.intended_ns, visit.connected_ns, visit.sent_ns, visit.answered_ns, visit.ended_ns
