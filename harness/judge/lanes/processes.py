"""The lanes of the server's processes: born, serving whom, stopped, exited, zombie, reaped. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from harness.judge.recording import Kind, Recording
from harness.judge.views import ending

from .lives import Life, roots
from .timeline import Happening, Lane, Mark, Phase, Span

_ENDS: Final = frozenset({Happening.FIN, Happening.RST})
_POLLS: Final = ("poll", "ppoll", "select", "pselect6", "epoll_wait", "epoll_pwait", "epoll_pwait2")
_LETS_IN: Final = frozenset({"accept", "accept4", *_POLLS})
_GOES: Final = frozenset({*_ENDS, Happening.LEAVES, Happening.BREAKS_OFF})
_OF_THE_STAGE: Final = frozenset({Kind.FROZEN, Kind.THAWED, Kind.SIGNALLED, Kind.STOOD})


@dataclass(slots=True)
class _Service:
    """A process holds a client's connection: from, to, and whether these moments are exact."""

    client: str
    start_ns: int
    end_ns: int
    is_start_exact: bool = False
    is_end_exact: bool = False
    is_concluded: bool = False


def processes(
    recording: Recording, family: Sequence[Life], clients: Sequence[Lane], ports: Mapping[int, str]
) -> tuple[Lane, ...]:
    """A lane for each life, in the order of birth."""
    end_ns = recording.end_ns
    names = _names(recording, family)
    lanes_by_name = {lane.name: lane for lane in clients}
    pids = {life.pid for life in family}
    services = [
        _services(life, ports, lanes_by_name, end_ns, is_child=life.ppid in pids) for life in family
    ]
    seen = {each.client for held in services for each in held}
    for client in clients:
        if client.name not in seen:
            _conclude(client, family, services)
    ours = replace(recording, events=tuple(e for e in recording.events if e.kind in _OF_THE_STAGE))
    return tuple(
        Lane(
            name=names[id(life)],
            spans=tuple(_spans(ours, life, held, end_ns)),
            marks=tuple(sorted(_marks(ours, life, names, family), key=lambda mark: mark.at_ns)),
            pid=life.pid,
            parent=_parent(life, family, names),
        )
        for life, held in zip(family, services, strict=True)
    )


def _names(recording: Recording, family: Sequence[Life]) -> dict[int, str]:
    """By identity of the life: the started ones have their name, their descendants are numbered."""
    started, pids = roots(recording, family), {life.pid for life in family}
    names = {id(life): "server" if n == 0 else f"server {n + 1}" for n, life in enumerate(started)}
    number = 0
    for life in family:
        if id(life) in names:
            continue
        if life.ppid in pids:
            number += 1
            names[id(life)] = f"child {number}"
        else:
            names[id(life)] = f"process {life.pid}"
    return names


def _parent(life: Life, family: Sequence[Life], names: Mapping[int, str]) -> str:
    parents = [each for each in family if each.pid == life.ppid and each.born_ns <= life.born_ns]
    return names[id(parents[-1])] if parents and parents[-1] is not life else ""


def _services(
    life: Life, ports: Mapping[int, str], clients: Mapping[str, Lane], end_ns: int, *, is_child: bool
) -> list[_Service]:
    """Whom it was seen to serve: for each client one stretch per row of looks that show it."""
    found: list[_Service] = []
    stop_ns = life.ends_ns if life.ends_ns is not None else end_ns
    for port in dict.fromkeys(port for _, seen in life.looks for port in seen.serves if port in ports):
        client = clients.get(ports[port])
        open_: _Service | None = None
        before_ns = life.born_ns
        for at_ns, seen in life.looks:
            if port in seen.serves and open_ is None:
                from_birth = is_child and at_ns == life.looks[0][0]
                open_ = _begun(client, ports[port], life, before_ns, at_ns, from_birth=from_birth)
                found.append(open_)
            elif port not in seen.serves and open_ is not None:
                _end(open_, client, before_ns, min(at_ns, stop_ns), is_exact=stop_ns <= at_ns)
                open_ = None
            before_ns = at_ns
        if open_ is not None:
            _end(open_, client, before_ns, stop_ns, is_exact=True)
    return found


def _begun(
    client: Lane | None, name: str, life: Life, before_ns: int, at_ns: int, *, from_birth: bool
) -> _Service:
    """A child that holds it at the first look has held it from birth; else since some moment before."""
    if from_birth:
        return _Service(name, life.born_ns, at_ns, is_start_exact=Kind.BORN not in life.guessed)
    came_ns = client.start_ns if client is not None else before_ns
    return _Service(name, max(before_ns, min(came_ns, at_ns)), at_ns)


def _end(service: _Service, client: Lane | None, seen_ns: int, most_ns: int, *, is_exact: bool) -> None:
    """It ended when the client read its end, if that lies between the looks; else by the second look."""
    marks = client.marks if client is not None else ()
    read = [mark.at_ns for mark in marks if mark.what in _ENDS and seen_ns <= mark.at_ns <= most_ns]
    service.end_ns = read[0] if read else most_ns
    service.is_end_exact = bool(read) or is_exact


def _conclude(client: Lane, family: Sequence[Life], services: Sequence[list[_Service]]) -> None:
    """A reply that nobody was seen to give comes from the one process that lived, if there was one."""
    replied = next((mark.at_ns for mark in client.marks if mark.what is Happening.REPLY), None)
    if replied is None:
        return
    living = [n for n, life in enumerate(family) if life.lives_at(replied)]
    if len(living) != 1:
        return
    held = services[living[0]]
    queued = [
        span.end_ns for span in client.spans if span.phase is Phase.QUEUED and span.end_ns <= replied
    ]
    freed = [each.end_ns for each in held if client.start_ns < each.end_ns <= replied] if queued else []
    start_ns = max([client.start_ns, *queued, *freed])
    ends = [mark.at_ns for mark in client.marks if mark.what in _GOES and mark.at_ns >= replied]
    end_ns = ends[0] if ends else replied
    held.append(_Service(client.name, start_ns, end_ns, is_end_exact=bool(ends), is_concluded=True))


def _spans(recording: Recording, life: Life, held: Sequence[_Service], end_ns: int) -> Iterator[Span]:
    stop_ns = life.ends_ns if life.ends_ns is not None else end_ns
    stopped = _stopped(recording, life, stop_ns)
    inner = [at for each in held for at in (each.start_ns, each.end_ns)]
    inner += [at for pair in stopped for at in pair] + [at for at, _ in life.looks]
    cuts = sorted({life.born_ns, stop_ns, *(at for at in inner if life.born_ns < at < stop_ns)})
    exact = {life.born_ns: Kind.BORN not in life.guessed, stop_ns: Kind.EXITED not in life.guessed}
    for each in held:
        exact[each.start_ns] = exact.get(each.start_ns, True) and each.is_start_exact
        exact[each.end_ns] = exact.get(each.end_ns, True) and each.is_end_exact
    pieces = []
    for begin, end in pairwise(cuts):
        piece = _piece(life, held, stopped, begin, end)
        starts, ends = exact.get(begin, True), exact.get(end, True)
        pieces.append(replace(piece, is_start_exact=starts, is_end_exact=ends))
    yield from _merged(pieces)
    if life.exited_ns is None:
        return
    gone_ns = life.reaped_ns if life.reaped_ns is not None else end_ns
    if gone_ns > life.exited_ns:
        text = "zombie" if life.reaped_ns is not None else "zombie: nobody has waited for it"
        yield Span(
            life.exited_ns, gone_ns, Phase.ZOMBIE, text,
            is_start_exact=Kind.EXITED not in life.guessed, is_end_exact=Kind.REAPED not in life.guessed,
        )  # fmt: skip


def _piece(
    life: Life, held: Sequence[_Service], stopped: Iterable[tuple[int, int]], start_ns: int, end_ns: int
) -> Span:
    serving = [each for each in held if each.start_ns <= start_ns and end_ns <= each.end_ns]
    names = tuple(dict.fromkeys(each.client for each in serving))
    if any(begin <= start_ns and end_ns <= end for begin, end in stopped):
        return Span(start_ns, end_ns, Phase.STOPPED, "stopped (SIGSTOP)", names)
    if names:
        how = ", concluded: no other process lives" if any(s.is_concluded for s in serving) else ""
        text = f"serves {_list(names)}{how}"
        return Span(start_ns, end_ns, Phase.SERVING, text, names)
    call = _call(life, start_ns, end_ns)
    asleep = f"; asleep in {call}()" if call else ""
    if any(seen.listens for _, seen in life.looks):
        phase = Phase.IDLE if not call or call in _LETS_IN else Phase.ALIVE
        return Span(start_ns, end_ns, phase, f"holds no client{asleep}", call=call)
    served = any(each.end_ns <= start_ns for each in held)
    text = "holds no client any more" if served else "serves nobody, as far as was seen"
    return Span(start_ns, end_ns, Phase.ALIVE, f"{text}{asleep}", call=call)


def _call(life: Life, start_ns: int, end_ns: int) -> str:
    """Where it slept at the last look before a stretch and at the first after it; "" if it moved."""
    before = [seen for at, seen in life.looks if at <= start_ns][-1:]
    after = [seen for at, seen in life.looks if at >= end_ns][:1]
    calls = {seen.call for seen in before + after}
    if any(_LETS_IN & set(seen.calls) for seen in before + after):
        return ""
    return calls.pop() if len(calls) == 1 else ""


def _merged(pieces: Iterable[Span]) -> Iterator[Span]:
    """Neighbours that say the same are one."""
    last: Span | None = None
    for span in pieces:
        if last is not None and (last.phase, last.clients, last.text) == (
            span.phase,
            span.clients,
            span.text,
        ):
            last = replace(last, end_ns=span.end_ns, is_end_exact=span.is_end_exact)
            continue
        if last is not None:
            yield last
        last = span
    if last is not None:
        yield last


def _stopped(recording: Recording, life: Life, stop_ns: int) -> list[tuple[int, int]]:
    """From each time the harness stopped it to when it let it go on."""
    found, since = [], None
    for event in sorted(recording.events, key=lambda each: each.at_ns):
        if event.detail.get("pid") != life.pid or not life.lives_at(event.at_ns):
            continue
        if event.kind is Kind.FROZEN and event.detail.get("stopped", True):
            since = event.at_ns if since is None else since
        elif since is not None and _goes_on(event.kind, str(event.detail.get("signal", ""))):
            found.append((since, event.at_ns))
            since = None
    return [*found, (since, stop_ns)] if since is not None else found


def _goes_on(kind: Kind, signal: str) -> bool:
    return kind is Kind.THAWED or (kind is Kind.SIGNALLED and signal in {"SIGCONT", "SIGKILL"})


def _marks(
    recording: Recording, life: Life, names: Mapping[int, str], family: Sequence[Life]
) -> Iterator[Mark]:
    parent = _parent(life, family, names)
    born = f"is born of {parent}" if parent else "is started"
    yield Mark(life.born_ns, Happening.BORN, f"{born} (pid {life.pid})", Kind.BORN not in life.guessed)
    if life.exited_ns is not None and life.reaped_ns != life.exited_ns:
        how = ending(life.status) if life.status is not None else "exits"
        yield Mark(life.exited_ns, Happening.EXITS, how, Kind.EXITED not in life.guessed)
    if life.reaped_ns is not None:
        how = "is reaped: somebody has waited for it"
        if life.reaped_ns == life.exited_ns:
            how = f"{ending(life.status)}, and is reaped at once" if life.status is not None else "ends"
        yield Mark(life.reaped_ns, Happening.REAPED, how, Kind.REAPED not in life.guessed)
    yield from _of_the_stage(recording, life)


def _of_the_stage(recording: Recording, life: Life) -> Iterator[Mark]:
    """What forkspec did to it, and where it was seen to stand."""
    for event in recording.events:
        if event.kind is Kind.STOOD:
            for each in event.detail["standing"]:
                if each["pid"] == life.pid and each["frames"]:
                    yield Mark(event.at_ns, Happening.NOTE, f"stands in {each['frames'][0]}")
        elif event.detail.get("pid") == life.pid and life.lives_at(event.at_ns):
            match event.kind:
                case Kind.FROZEN:
                    yield Mark(event.at_ns, Happening.STOPS, "is stopped by forkspec (SIGSTOP)")
                case Kind.THAWED:
                    yield Mark(event.at_ns, Happening.GOES_ON, "goes on (SIGCONT)")
                case Kind.SIGNALLED:
                    told = f"gets {event.detail['signal']} from forkspec"
                    yield Mark(event.at_ns, Happening.SIGNAL, told)


def _list(names: Sequence[str], most: int = 4) -> str:
    told = ", ".join(names[:most])
    return told if len(names) <= most else f"{told} and {len(names) - most} more"
