"""The lanes of the server's processes: birth, clients served, stops, exit, zombie, reaping. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from harness.record.events import Exited, Frozen, Reaped, Signalled, Stood, Thawed
from harness.record.recording import Recording
from harness.record.snapshot import Process
from harness.record.spelling import called, ending

from .lives import Life, roots
from .services import Service, Services
from .timeline import Happening, Lane, Mark, Phase, Span

_SIGNAL: Final = 0x7F  # of a wait status
_OF_THE_STAGE: Final = (Frozen, Thawed, Signalled, Stood)
_MOST_NAMES: Final = 4  # are told, and of more their number


@dataclass(frozen=True, slots=True)
class _Dark:
    """A stretch in which no look shows what the server served: from, to, and why, in a clause."""

    start_ns: int
    end_ns: int
    why: str


def lanes(
    recording: Recording,
    family: Sequence[Life],
    clients: Sequence[Lane],
    ports: Mapping[int, str],
    crowds: Sequence[tuple[str, int, int]] = (),
) -> tuple[Lane, ...]:
    """A lane for each life, in the order of birth. `crowds` are (name, from, to)."""
    end_ns = recording.end_ns
    names = _names(recording, family)
    services = Services(recording, family, clients, ports)
    dark = [_Dark(a, b, f"whom it serves of the crowd {name!r} was not seen") for name, a, b in crowds]
    dark += _together(services.unknown())
    ours = replace(recording, events=tuple(e for e in recording.events if isinstance(e, _OF_THE_STAGE)))
    return tuple(
        Lane(
            name=names[id(life)],
            spans=tuple(_spans(ours, life, held, dark, end_ns)),
            marks=tuple(sorted(_marks(ours, life, names, family), key=lambda mark: mark.at_ns)),
            pid=life.pid,
            parent=_parent(life, family, names),
        )
        for life, held in zip(family, services.of, strict=True)
    )


def _together(unknown: Sequence[tuple[int, int, str]]) -> list[_Dark]:
    """Stretches that touch each other as one, with all their clients."""
    found: list[tuple[int, int, list[str]]] = []
    for start_ns, end_ns, client in sorted(unknown):
        if found and start_ns < found[-1][1]:
            begin_ns, stop_ns, clients = found.pop()
            found.append((begin_ns, max(stop_ns, end_ns), [*clients, client]))
        else:
            found.append((start_ns, end_ns, [client]))
    return [
        _Dark(start_ns, end_ns, f"whether it serves {_list(list(dict.fromkeys(clients)))} was not seen")
        for start_ns, end_ns, clients in found
    ]


def _names(recording: Recording, family: Sequence[Life]) -> dict[int, str]:
    """Names by identity of the life: "server" for what was started, its children are numbered.

    The second child of "child 1" is "child 1.2".
    """
    started = roots(recording, family)
    names = {id(life): "server" if n == 0 else f"server {n + 1}" for n, life in enumerate(started)}
    number, below = 0, Counter[str]()
    for life in family:
        if id(life) in names:
            continue
        parent = _parent(life, family, names)
        if not parent:
            names[id(life)] = f"process {life.pid}"
        elif parent.startswith("server"):
            number += 1
            names[id(life)] = f"child {number}"
        else:
            below[parent] += 1
            names[id(life)] = f"{parent}.{below[parent]}"
    return names


def _parent(life: Life, family: Sequence[Life], names: Mapping[int, str]) -> str:
    parents = [each for each in family if each.pid == life.ppid and each.born_ns <= life.born_ns]
    return names.get(id(parents[-1]), "") if parents and parents[-1] is not life else ""


def _spans(
    recording: Recording, life: Life, held: Sequence[Service], dark: Sequence[_Dark], end_ns: int
) -> Iterator[Span]:
    stop_ns = life.ends_ns if life.ends_ns is not None else end_ns
    stopped = _stopped(recording, life, stop_ns)
    for each in held:  # a stopped process begins nothing
        goes_on = [b for a, b in stopped if a <= each.start_ns < b < each.seen_ns]
        each.start_ns = max([each.start_ns, *goes_on])
    inner = [at for each in held for at in (each.start_ns, each.end_ns)]
    inner += [at for each in dark for at in (each.start_ns, each.end_ns)]
    inner += [at for pair in stopped for at in pair] + [at for at, _ in life.looks]
    cuts = sorted({life.born_ns, stop_ns, *(at for at in inner if life.born_ns < at < stop_ns)})
    exact = _exact(life, held, stopped, stop_ns)
    pieces = []
    for begin, end in pairwise(cuts):
        piece = _piece(life, held, stopped, dark, begin, end)
        pieces.append(replace(piece, is_start_exact=begin in exact, is_end_exact=end in exact))
    yield from _merged(pieces)
    if life.exited_ns is None:
        return
    gone_ns = life.reaped_ns if life.reaped_ns is not None else end_ns
    if gone_ns > life.exited_ns:
        text = "zombie" if life.reaped_ns is not None else "zombie: nobody has waited for it"
        yield Span(
            life.exited_ns, gone_ns, Phase.ZOMBIE, text,
            is_start_exact=Exited not in life.guessed, is_end_exact=Reaped not in life.guessed,
        )  # fmt: skip


def _exact(
    life: Life, held: Sequence[Service], stopped: Iterable[tuple[int, int]], stop_ns: int
) -> frozenset[int]:
    """The moments of a life that were stamped exactly; births and beginnings of service are not."""
    ends = {each.end_ns for each in held if each.is_end_exact}
    vague = {each.end_ns for each in held if not each.is_end_exact} | {each.start_ns for each in held}
    last = Exited if life.exited_ns is not None else Reaped
    told = set() if last in life.guessed else {stop_ns}
    return frozenset((ends - vague) | {at for pair in stopped for at in pair} | told)


def _piece(
    life: Life,
    held: Sequence[Service],
    stopped: Iterable[tuple[int, int]],
    dark: Sequence[_Dark],
    start_ns: int,
    end_ns: int,
) -> Span:
    serving = [each for each in held if each.start_ns <= start_ns and end_ns <= each.end_ns]
    names = tuple(dict.fromkeys(each.client for each in serving))
    if any(begin <= start_ns and end_ns <= end for begin, end in stopped):
        return Span(start_ns, end_ns, Phase.STOPPED, "stopped (SIGSTOP)", names)
    if names:
        how = ", concluded: no other process was born" if any(s.is_concluded for s in serving) else ""
        text = f"serves {_list(names)}{how}"
        return Span(start_ns, end_ns, Phase.SERVING, text, names)
    is_server = any(seen.listens for _, seen in life.looks)
    unseen = [each.why for each in dark if each.start_ns <= start_ns and end_ns <= each.end_ns]
    if is_server and life.looks[0][0] > start_ns:
        unseen = ["nobody has looked at it yet"]
    if is_server and unseen:
        return Span(start_ns, end_ns, Phase.ALIVE, f"lives; {unseen[0]}")
    before, after = _around(life, held, start_ns, end_ns)
    looks = [seen for seen in (before, after) if seen is not None]
    slept = before is not None and after is not None and before.call == after.call
    call = looks[0].call if slept and not any(look.may_let_in for look in looks) else ""
    asleep = f"; asleep in {called(call)}" if call else ""
    if is_server:
        phase = Phase.IDLE if all(look.may_let_in for look in looks) else Phase.ALIVE
        return Span(start_ns, end_ns, phase, f"holds no client{asleep}", call=call)
    served = any(each.end_ns <= start_ns for each in held)
    text = "holds no client any more" if served else "serves nobody, as far as was seen"
    return Span(start_ns, end_ns, Phase.ALIVE, f"{text}{asleep}", call=call)


def _around(
    life: Life, held: Sequence[Service], start_ns: int, end_ns: int
) -> tuple[Process | None, Process | None]:
    """The looks next to a stretch, before and after it, if the process served no client in between."""
    before = [look for look in life.looks if look[0] <= start_ns][-1:]
    after = [look for look in life.looks if look[0] >= end_ns and not look[1].is_zombie][:1]
    for at, _ in before:
        before = [] if any(at < each.end_ns <= start_ns for each in held) else before
    for at, _ in after:
        after = [] if any(end_ns <= each.start_ns <= at for each in held) else after
    return (before[0][1] if before else None), (after[0][1] if after else None)


def _merged(pieces: Iterable[Span]) -> Iterator[Span]:
    """The spans; neighbours with the same phase, clients and text become one."""
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
    """A span from each SIGSTOP that the harness sent to its SIGCONT."""
    found, since = [], None
    for event in recording.in_time:
        if not isinstance(event, Frozen | Thawed | Signalled):
            continue
        if event.pid != life.pid or not life.lives_at(event.at_ns):
            continue
        if isinstance(event, Frozen) and event.stopped:
            since = event.at_ns if since is None else since
        elif since is not None and _goes_on(event):
            found.append((since, event.at_ns))
            since = None
    return [*found, (since, stop_ns)] if since is not None else found


def _goes_on(event: Frozen | Thawed | Signalled) -> bool:
    is_woken = isinstance(event, Signalled) and event.signal in {"SIGCONT", "SIGKILL"}
    return is_woken or isinstance(event, Thawed)


def _marks(
    recording: Recording, life: Life, names: Mapping[int, str], family: Sequence[Life]
) -> Iterator[Mark]:
    parent = _parent(life, family, names)
    is_root = names[id(life)].startswith("server")
    born = f"is born of {parent}" if parent else "is started" if is_root else "is first seen"
    yield Mark(
        life.born_ns, Happening.BORN, f"{born} (pid {life.pid})", is_exact=False, since_ns=life.since_ns
    )
    is_killed = life.was_ended or bool((life.status or 0) & _SIGNAL)
    ends = Happening.KILLED if is_killed else Happening.EXITS
    how = "is ended by forkspec" if life.was_ended else "ends"
    how = ending(life.status) if life.status is not None else how
    if is_root or life.was_ended:
        if life.ends_ns is not None:
            yield Mark(life.ends_ns, ends, how, Exited not in life.guessed)
    else:
        yield from _exit_and_reaping(life, ends, how)
    yield from _of_the_stage(recording, life)


def _exit_and_reaping(life: Life, ends: Happening, how: str) -> Iterator[Mark]:
    """How a child ended, and that it was waited for: one mark, where both are one moment."""
    at_once = life.reaped_ns == life.exited_ns
    if life.exited_ns is not None and not at_once:
        yield Mark(life.exited_ns, ends, how, Exited not in life.guessed)
    if life.reaped_ns is not None:
        told = f"{how}, and is reaped at once" if at_once else "is reaped: somebody has waited for it"
        yield Mark(life.reaped_ns, Happening.REAPED, told, Reaped not in life.guessed)


def _of_the_stage(recording: Recording, life: Life) -> Iterator[Mark]:
    """Marks for forkspec's acts on the process, and for the places where it was seen to stand."""
    for event in recording.events:
        if isinstance(event, Stood):
            for each in event.standing:
                if each.pid == life.pid and each.frames:
                    yield Mark(event.at_ns, Happening.NOTE, f"stands in {each.frames[0]}")
        elif isinstance(event, Frozen | Thawed | Signalled):
            if event.pid != life.pid or not life.lives_at(event.at_ns):
                continue
            match event:
                case Frozen():
                    yield Mark(event.at_ns, Happening.STOPS, "is stopped by forkspec (SIGSTOP)")
                case Thawed():
                    yield Mark(event.at_ns, Happening.GOES_ON, "goes on (SIGCONT)")
                case Signalled():
                    told = f"gets {event.signal} from forkspec"
                    yield Mark(event.at_ns, Happening.SIGNAL, told)


def _list(names: Sequence[str]) -> str:
    told = ", ".join(names[:_MOST_NAMES])
    more = len(names) - _MOST_NAMES
    return f"{told} and {more} more" if more > 0 else told
