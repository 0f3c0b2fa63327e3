"""The values of a space-time diagram: lanes, spans and marks. Pure; they know no recording."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Phase(StrEnum):
    """What goes on during a span: the first five in a client's lane, the others in a process's.

    `CONNECTING`: the handshake is not completed, the accept queue is full. `QUEUED`: connected, seen
    not to be accepted, has said nothing. `SILENT`: connected, has said nothing. `WAITING`: has asked,
    no reply yet. `ANSWERED`: the reply has come, the connection is still open.

    `IDLE`: holds the listening socket and no client, and can accept the next. `SERVING`: holds the
    connection of the span's clients. `ALIVE`: lives, and is neither, or nobody looked. `STOPPED`: by
    SIGSTOP. `ZOMBIE`: has exited and has not been waited for.
    """

    CONNECTING = "connecting"
    QUEUED = "queued"
    SILENT = "silent"
    WAITING = "waiting"
    ANSWERED = "answered"
    IDLE = "idle"
    SERVING = "serving"
    ALIVE = "alive"
    STOPPED = "stopped"
    ZOMBIE = "zombie"


class Happening(StrEnum):
    """What a mark stands for. `NOTE` is anything else that deserves a word.

    `PART`: a client has sent a part of a line. `EXITS`: a process ends by itself, `KILLED`: by a signal.
    """

    CONNECTS = "connects"
    REFUSED = "refused"
    PART = "part"
    ASKS = "asks"
    REPLY = "reply"
    FIN = "fin"
    RST = "rst"
    ENDS_INPUT = "ends-input"
    BREAKS_OFF = "breaks-off"
    LEAVES = "leaves"
    BORN = "born"
    EXITS = "exits"
    KILLED = "killed"
    REAPED = "reaped"
    STOPS = "stops"
    GOES_ON = "goes-on"
    SIGNAL = "signal"
    PROVED = "proved"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a lane, in the recording's nanoseconds; the spans of a lane do not overlap.

    `clients` are those served meanwhile. A start or an end that is not exact was seen at a look (a
    snapshot) or concluded: it happened near that moment, and `about` says so. `text` is one clause for a
    hover. `call` is the system call in which a process that serves nobody slept at both looks around the
    span.
    """

    start_ns: int
    end_ns: int
    phase: Phase
    text: str
    clients: tuple[str, ...] = ()
    is_start_exact: bool = True
    is_end_exact: bool = True
    call: str = ""

    @property
    def about(self) -> str:
        """A clause that names the ends that no look shows, for a hover or a table; "" without any."""
        ends = [("begins", self.is_start_exact), ("ends", self.is_end_exact)]
        vague = " and ".join(verb for verb, is_exact in ends if not is_exact)
        return f"{vague} about here" if vague else ""


@dataclass(frozen=True, slots=True)
class Mark:
    """One moment of a lane. `text` says in a clause what happened; bytes in it are spelt in ASCII.

    What is not exact happened near that moment or before it: after `since_ns`, if that is known, when a
    look had not shown it yet. `about` stands before the moment in words.
    """

    at_ns: int
    what: Happening
    text: str
    is_exact: bool = True
    since_ns: int | None = None

    @property
    def about(self) -> str:
        """The word before the mark's moment: "about ", or "" where it is exact."""
        return "" if self.is_exact else "about "


@dataclass(frozen=True, slots=True)
class Lane:
    """One client, or one process of the server's family.

    `name` is unique in a diagram: the client's name, "server", "child 3". `pid` is a process's, None
    for a client. `parent` is the lane of the process that forked it: "" for a client, and where the
    parent was not seen. Spans and marks are in the order of time; of clients in the crowd, shifted.
    """

    name: str
    spans: tuple[Span, ...]
    marks: tuple[Mark, ...]
    pid: int | None = None
    parent: str = ""

    @property
    def is_client(self) -> bool:
        """Whether it is a client's lane."""
        return self.pid is None

    @property
    def start_ns(self) -> int:
        """Its first moment."""
        return min([each.start_ns for each in self.spans] + [each.at_ns for each in self.marks])

    @property
    def end_ns(self) -> int:
        """Its last moment."""
        return max([each.end_ns for each in self.spans] + [each.at_ns for each in self.marks])

    @property
    def clients(self) -> tuple[str, ...]:
        """All clients that a process has served, in the order in which it began."""
        return tuple(dict.fromkeys(client for span in self.spans for client in span.clients))

    @property
    def was_zombie(self) -> bool:
        """Whether it was a zombie at last, even for a moment."""
        return bool(self.spans) and self.spans[-1].phase is Phase.ZOMBIE

    @property
    def stays_zombie(self) -> bool:
        """Whether it was a zombie when it was last seen: it was not reaped."""
        return self.was_zombie and not self.was(Happening.REAPED)

    def was(self, what: Happening) -> bool:
        """Whether there is such a mark."""
        return any(mark.what is what for mark in self.marks)


@dataclass(frozen=True, slots=True)
class FamilyAt:
    """How many processes that were seen the family had from a moment on; births are about."""

    at_ns: int
    alive: int
    zombies: int


@dataclass(frozen=True, slots=True)
class SpaceTime:
    """A space-time diagram: lanes of clients and of processes on one axis of time.

    `start_ns` lies shortly before the first client, or before the first process where no client came;
    what lies before it is the server's start. `end_ns` is the recording's end. `clients` are in the
    order of appearance, `processes` in the order of birth. `marks` belong to no lane: proofs of rest
    (`PROVED`), limits, errors, ways that the scenario took. `family` is a step function. `crowds` names
    the crowds among the clients: their times are in another clock, are shifted as a whole, and are right
    among themselves.
    """

    scenario: str
    start_ns: int
    end_ns: int
    clients: tuple[Lane, ...]
    processes: tuple[Lane, ...]
    marks: tuple[Mark, ...]
    family: tuple[FamilyAt, ...]
    crowds: tuple[str, ...] = ()

    @property
    def lanes(self) -> tuple[Lane, ...]:
        """Clients first, then processes."""
        return self.clients + self.processes

    def forks(self) -> Iterator[tuple[int, str, str]]:
        """(moment, parent's lane, child's lane) of each birth whose parent has a lane.

        No moment of birth is exact: a look shows the child, and not the fork.
        """
        for lane in self.processes:
            if lane.parent:
                yield lane.start_ns, lane.parent, lane.name

    def only(self, most: int, of: tuple[Lane, ...]) -> tuple[tuple[Lane, ...], int]:
        """At most `most` lanes, the first and last ones; and how many lie between, left out."""
        if len(of) <= most:
            return of, 0
        last = most // 3
        return of[: most - last] + of[len(of) - last :], len(of) - most
