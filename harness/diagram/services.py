"""Which process serves which client, and when, as looks saw it or as can be concluded from them. Pure.

A look is a single moment. Between two looks it is known who held a connection at both of them, and which
replies came. What follows from neither is not claimed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from harness.record.recording import Recording
from harness.record.snapshot import Snapshot

from .lives import Life, roots
from .timeline import Happening, Lane, Phase

_ENDS = frozenset({Happening.FIN, Happening.RST})
_GOES = frozenset({*_ENDS, Happening.LEAVES, Happening.BREAKS_OFF})
_ACTS = _GOES - _ENDS | {Happening.CONNECTS, Happening.PART, Happening.ASKS, Happening.ENDS_INPUT}
Look = tuple[int, Snapshot]
Stretch = tuple[int, int]


@dataclass(slots=True)
class Service:
    """A process holds a client's connection, from `start_ns` to `end_ns`.

    `seen_ns` is the first moment that shows it (a look, or the reply); `held_ns` is the last.
    """

    client: str
    start_ns: int
    end_ns: int
    seen_ns: int
    held_ns: int
    is_end_exact: bool = False
    is_concluded: bool = False


class Services:
    """The facts about clients and the family's lives that the looks of a recording show."""

    def __init__(
        self,
        recording: Recording,
        family: Sequence[Life],
        clients: Sequence[Lane],
        ports: Mapping[int, str],
    ) -> None:
        """`ports` says which client each port belongs to."""
        self._end_ns, self._family, self._clients = recording.end_ns, family, clients
        self._lanes = {lane.name: lane for lane in clients}
        self._ports = ports
        self._port_of = {name: port for port, name in ports.items()}
        self._acts = sorted(m.at_ns for lane in clients for m in lane.marks if m.what in _ACTS)
        looks = [(recording.events[at.index].at_ns, at) for at in recording.snapshots()]
        self._looks: list[Look] = sorted(looks, key=lambda look: look[0])
        self.of: list[list[Service]] = [self._seen(life) for life in family]
        if len(roots(recording, family)) == len(family):
            for client in clients:
                if all(each.client != client.name for held in self.of for each in held):
                    self._conclude(client)
        for life, held in zip(family, self.of, strict=True):
            if all(len(seen.serves) <= 1 for _, seen in life.looks):
                _set_apart(held)

    def unknown(self) -> list[tuple[int, int, str]]:
        """(from, to, client): a process may have served the client then, and no look saw it."""
        known: dict[str, list[Stretch]] = {}
        for each in (each for held in self.of for each in held):
            known.setdefault(each.client, []).append((each.start_ns, each.end_ns))
        moments = [0, *(at for at, _ in self._looks), self._end_ns]
        found = []
        for client in self._clients:
            mine = known.get(client.name, [])
            is_in = [span.start_ns for span in client.spans if span.phase is not Phase.CONNECTING]
            came_ns = min(is_in, default=self._end_ns)
            gone_ns = next((m.at_ns for m in client.marks if m.what in _GOES), self._end_ns)
            for n, (begin, end) in enumerate(pairwise(moments)):
                start_ns, stop_ns = max(begin, came_ns), min(end, gone_ns)
                if start_ns >= stop_ns or any(a < end and begin < b for a, b in mine):
                    continue
                before = self._accepted(client.name, n - 1)
                after = self._accepted(client.name, n)
                if not before and after is not False:
                    found.append((start_ns, stop_ns, client.name))
        return found

    def _accepted(self, client: str, number: int) -> bool | None:
        """Whether a look shows the client's connection as accepted; None where it does not show it."""
        if not 0 <= number < len(self._looks):
            return None
        found = self._looks[number][1].connection(self._port_of.get(client))
        return None if found is None else found.accepted

    def _seen(self, life: Life) -> list[Service]:
        """The clients that it was seen to serve: one stretch for each row of looks that show it."""
        found: list[Service] = []
        stop_ns = life.ends_ns if life.ends_ns is not None else self._end_ns
        served = (port for _, seen in life.looks for port in seen.serves if port in self._ports)
        for port in dict.fromkeys(served):
            name = self._ports[port]
            open_: Service | None = None
            before_ns = life.born_ns
            for at_ns, seen in life.looks:
                if port in seen.serves and open_ is None:
                    open_ = self._begun(name, before_ns, at_ns)
                    found.append(open_)
                elif port not in seen.serves and open_ is not None:
                    self._end(open_, min(at_ns, stop_ns), is_exact=stop_ns <= at_ns)
                    open_ = None
                elif open_ is not None:
                    open_.held_ns = at_ns
                before_ns = at_ns
            if open_ is not None:
                self._end(open_, stop_ns, is_exact=True)
        return found

    def _begun(self, name: str, before_ns: int, at_ns: int) -> Service:
        """The beginning, which no look shows: the client's connect, or the last look or birth before."""
        client = self._lanes.get(name)
        came_ns = before_ns if client is None else min(client.start_ns, at_ns)
        replied_ns = _replied(client)
        is_new = replied_ns is not None and before_ns < replied_ns < at_ns
        seen_ns = replied_ns if replied_ns is not None and is_new else at_ns
        start_ns = self._let_in(name, max(before_ns, came_ns), seen_ns)
        return Service(name, start_ns, at_ns, seen_ns, at_ns)

    def _let_in(self, client: str, at_ns: int, seen_ns: int) -> int:
        """The earliest moment from `at_ns` to `seen_ns` at which a client can have been let in.

        A look that shows it not accepted shows a server at rest: an act of a client comes first.
        """
        looks = [number for number, (at, _) in enumerate(self._looks) if at <= at_ns]
        if not looks or self._accepted(client, looks[-1]) is not False:
            return at_ns
        return next((act for act in self._acts if at_ns < act < seen_ns), at_ns)

    def _end(self, service: Service, most_ns: int, *, is_exact: bool) -> None:
        """The end: when the client read its end, if it lies between the looks, else the second look."""
        client = self._lanes.get(service.client)
        marks = [
            mark
            for mark in (client.marks if client is not None else ())
            if mark.what in _GOES and service.held_ns <= mark.at_ns <= most_ns
        ]
        read = [mark for mark in marks if mark.what in _ENDS]
        service.held_ns = marks[0].at_ns if marks else service.held_ns
        service.end_ns = read[0].at_ns if read else most_ns
        service.is_end_exact = read[0].is_exact if read else is_exact

    def _conclude(self, client: Lane) -> None:
        """A reply that no process was seen to give comes from the only process that can have given it.

        No pid was given out while that process lived, so none was born unseen. The look before shows
        that the client had not come or was not accepted; the look after ends what can be said.
        """
        replied_ns = _replied(client)
        living = [n for n, life in enumerate(self._family) if replied_ns and life.lives_at(replied_ns)]
        if replied_ns is None or len(living) != 1:
            return
        life = self._family[living[0]]
        mine = [look for look in self._looks if look[1].find(life.pid) and look[0] >= life.born_ns]
        before = [n for n, (at, _) in enumerate(self._looks) if at < replied_ns][-1:]
        after = [look for look in self._looks if look[0] >= replied_ns][:1]
        pids = {seen.last_pid for _, seen in [*mine, *after]}
        if not before or not after or len(pids) != 1 or None in pids:
            return
        looked_ns = self._looks[before[0]][0]
        if client.start_ns <= looked_ns and self._accepted(client.name, before[0]) is not False:
            return
        ends = [mark for mark in client.marks if mark.what in _GOES and mark.at_ns >= replied_ns][:1]
        is_read = bool(ends) and ends[0].what in _ENDS and ends[0].is_exact
        end_ns = min([after[0][0], *(mark.at_ns for mark in ends)])
        start_ns = self._let_in(client.name, max(client.start_ns, looked_ns), replied_ns)
        is_exact = is_read and ends[0].at_ns == end_ns
        concluded = Service(client.name, start_ns, end_ns, replied_ns, replied_ns, is_exact, True)
        self.of[living[0]].append(concluded)


def _replied(client: Lane | None) -> int | None:
    marks = client.marks if client is not None else ()
    return next((mark.at_ns for mark in marks if mark.what is Happening.REPLY), None)


def _set_apart(held: list[Service]) -> None:
    """Stretches that do not overlap, where no look shows two connections at once."""
    held.sort(key=lambda each: (each.seen_ns, each.start_ns))
    for first, second in pairwise(held):
        if first.end_ns <= second.start_ns:
            continue
        end_ns = first.end_ns if first.is_end_exact else max(first.held_ns, second.start_ns)
        cut_ns = max(first.start_ns, min(end_ns, second.seen_ns))
        first.is_end_exact = first.is_end_exact and cut_ns == first.end_ns
        first.end_ns = second.start_ns = cut_ns
