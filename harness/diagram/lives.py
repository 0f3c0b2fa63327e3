"""The life of each process, as a recording tells it: birth, looks at it, exit, reaping. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from harness.record.events import Born, Died, Ended, Event, Exited, Proved, Reaped, Started
from harness.record.recording import Recording
from harness.record.snapshot import Process


@dataclass(slots=True)
class Life:
    """One process, in the recording's nanoseconds; None for what was not seen.

    `looks` are (moment, what was seen then). The process was born after `since_ns`, a look without it,
    and before `born_ns`, when it was first seen. `guessed` names what only a look told, and no pidfd: it
    had happened by then. `was_ended`: forkspec ended it, with the whole family. What forkspec started is
    no zombie, since forkspec waits for it.
    """

    pid: int
    born_ns: int
    since_ns: int | None = None
    ppid: int | None = None
    exited_ns: int | None = None
    reaped_ns: int | None = None
    status: int | None = None
    looks: list[tuple[int, Process]] = field(default_factory=list)
    guessed: set[type[Event]] = field(default_factory=set)
    was_ended: bool = False

    @property
    def ends_ns(self) -> int | None:
        """When it stopped living: its exit, or the first look without it."""
        return self.exited_ns if self.exited_ns is not None else self.reaped_ns

    def lives_at(self, moment_ns: int) -> bool:
        """Whether it had been born and had not exited."""
        return self.born_ns <= moment_ns and (self.ends_ns is None or moment_ns < self.ends_ns)


def lives(recording: Recording) -> list[Life]:
    """All processes that were ever seen, in order of birth; the shortest were not."""
    found: list[Life] = []
    current: dict[int, Life] = {}
    looks: list[tuple[int, frozenset[int]]] = []
    for event in recording.in_time:
        if isinstance(event, Proved):
            looks.append((event.at_ns, _look(event, current, found)))
        elif isinstance(event, Born | Exited | Reaped):
            _told(event, current, found)
    killed = [event.at_ns for event in recording.every(Ended)]
    for life in found:
        _vanish(life, looks)
        life.since_ns = max((at for at, _ in looks if at < life.born_ns), default=None)
        end = next((at for at in killed if life.born_ns <= at), None)
        if end is not None and life.ends_ns is None:
            life.exited_ns = life.reaped_ns = end
            life.was_ended = True
    started = roots(recording, found)
    for event in recording.every(Died):
        for life in [each for each in started if each.born_ns <= event.at_ns][-1:]:
            life.status = event.status if life.status is None else life.status
    for life in started:
        if life.exited_ns is not None:
            life.reaped_ns = life.exited_ns
    return sorted(found, key=lambda life: life.born_ns)


def _look(event: Proved, current: dict[int, Life], found: list[Life]) -> frozenset[int]:
    for process in event.family:
        life = current.get(process.pid)
        is_another = life is not None and life.looks and life.looks[-1][1].key != process.key
        if life is None or is_another:
            life = current[process.pid] = Life(
                process.pid, event.at_ns, ppid=process.ppid, guessed={Born}
            )
            found.append(life)
        life.looks.append((event.at_ns, process))
        if process.is_zombie and life.exited_ns is None:
            life.exited_ns = event.at_ns
            life.guessed.add(Exited)
        if process.is_zombie and life.status is None:
            life.status = process.exit
    return frozenset(process.pid for process in event.family)


def _told(event: Born | Exited | Reaped, current: dict[int, Life], found: list[Life]) -> None:
    life = current.get(event.pid)
    match event:
        case Born() if life is not None and Born in life.guessed:
            life.guessed.discard(Born)  # told a moment after the look that saw it first
        case Born():
            current[event.pid] = Life(event.pid, event.at_ns, ppid=event.ppid)
            found.append(current[event.pid])
        case Exited() if life is not None:
            life.exited_ns = event.at_ns if life.exited_ns is None else min(life.exited_ns, event.at_ns)
            life.status = life.status if event.status is None else event.status
            life.guessed.discard(Exited)
        case Reaped() if life is not None:
            life.reaped_ns = event.at_ns


def _vanish(life: Life, looks: list[tuple[int, frozenset[int]]]) -> None:
    """Give an end to processes that a look no longer shows and that are never seen again."""
    if life.reaped_ns is not None:
        return
    told = life.exited_ns if Exited not in life.guessed else None
    last_ns = max([life.born_ns, *([told] if told else []), *(at for at, _ in life.looks)])
    gone = next((at for at, seen in looks if at > last_ns and life.pid not in seen), None)
    if gone is not None:
        life.reaped_ns = gone
        life.guessed.add(Reaped)


def roots(recording: Recording, family: Sequence[Life]) -> list[Life]:
    """The lives that forkspec started itself; more than one after a restart."""
    found: list[Life] = []
    for event in recording.every(Started):
        pid = event.pid
        rest = (life for life in family if life.pid == pid and life not in found)
        found.extend(life for life in [next(rest, None)] if life is not None)
    return found
