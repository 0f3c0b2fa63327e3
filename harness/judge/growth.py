"""What grows from client to client in the processes that were there from the start.

Growth counts, not size: a pool that starts its threads late is no leak, nor is a table that has found
its size.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from harness.record.snapshot import Process, Snapshot

from .unreaped import is_of_a_run_time

_POINTS: Final = 3
_STEADY: Final = 0.6  # of the faster interval: what slows down finds its size (an allocator's arenas)
_BY_THE_DOZEN: Final = 32
_STEADILY, _FEW = 0.02, 8  # for each client, and in all: what is no chance
_EVERY_SECOND: Final = 0.5
_KB_PER_MB: Final = 1024
_SMALL_KB: Final = 512
_PROVEN_KB: Final = 8 << 10  # more garbage than a run-time leaves lying that begins so small
_HEAP: Final = 20  # times its size at first: so far a JVM lets its heap grow before it collects
_PROVEN_CLIENTS: Final = 2000  # that is enough of one thread, which has no collector beside it
_AMPLY: Final = 1.3  # it may go on growing a little more slowly, and is not asked for again
_TELLING: Final = 80  # clients that show a descriptor which is lost with every tenth
_TELLING_OF_SMALL: Final = 210  # clients that show 1 KiB lost with each, where nothing else grows


@dataclass(frozen=True, slots=True)
class Milestone:
    """The family at rest after a number of clients."""

    clients: int
    at: Snapshot


@dataclass(frozen=True, slots=True)
class _Quantity:
    """Something that a process has, and how fast it must grow to be a leak.

    It must grow by at least `per_client` in each interval, by `least` in all, and by `manifold` times
    what was there at the start: a runtime that collects garbage lets it grow for a while. With `up_to`,
    only processes that had at most so much at the start are looked at, and so no such runtime.
    """

    name: str
    of: Callable[[Process], int]
    per_client: float
    least: int
    manifold: int = 0
    up_to: int = 0


_QUANTITIES: Final = (
    _Quantity("descriptors", lambda process: process.fds, _STEADILY, _FEW),
    _Quantity("threads", lambda process: process.threads, _STEADILY, _FEW),
    _Quantity("memory", lambda process: process.kb, 2.0, _KB_PER_MB, manifold=3),
    _Quantity("memory", lambda process: process.kb, 0.6, 200, up_to=_SMALL_KB),
)


@dataclass(frozen=True, slots=True)
class Growth:
    """What grows (`name`), its size at the last milestones; `leads` is where new descriptors lead."""

    name: str
    clients: tuple[int, ...]
    stood: tuple[int, ...]
    leads: str = ""

    @property
    def per_client(self) -> float:
        """The mean growth for each client; for memory in KiB."""
        return (self.stood[-1] - self.stood[0]) / (self.clients[-1] - self.clients[0])

    def __str__(self) -> str:
        """As "14 descriptors after 100 clients, 34 after 300, 54 after 500"."""
        if self.name == "memory":
            stood, unit = [f"{kb / _KB_PER_MB:.1f}" for kb in self.stood], "MiB of memory of its own"
            more = f": {self.per_client:.0f} KiB for each client"
        else:
            stood, unit, more = [str(each) for each in self.stood], self.name, self._often
        first, *later = zip(stood, self.clients, strict=True)
        told = [f"{first[0]} {_one_or_more(unit, first[0])} after {first[1]} clients"]
        return ", ".join(told + [f"{now} after {clients}" for now, clients in later]) + more

    @property
    def _often(self) -> str:
        """How many clients leave one of it, and where it leads: ": 1 for every 10 clients"."""
        every = round(1 / self.per_client)
        often = "1 for each client" if every <= 1 else f"1 for every {every} clients"
        return f": {often}{f', {self.leads}' if self.leads else ''}"


def _one_or_more(unit: str, count: str) -> str:
    return unit[:-1] if count == "1" and unit.endswith("s") else unit


def leaks(
    start: Snapshot,
    milestones: Sequence[Milestone],
    one_by_one: Milestone | None,
    *,
    has_grown: bool = False,
    proven: bool = True,
    later: Snapshot | None = None,
) -> list[Growth]:
    """Everything that grew steadily between the last three milestones.

    With fewer milestones only zombies tell anything, where the family `has_grown` so much that no more
    clients came. Memory counts only if it went on to grow as fast with `one_by_one` clients more, no two
    of whom came at the same time: a thread that serves beside others for the first time costs a stack
    and an arena. And, where it must be `proven`, only if it grew so much, or for so long, that what
    finds its size has found it.
    Threads and descriptors that have grown since the first of these milestones must still be there in a
    `later` look: Ruby keeps a thread for some seconds after its end.
    """
    points = milestones[-_POINTS:]
    if len(points) < _POINTS:
        many = _many_zombies(Milestone(0, start), points) if has_grown else None
        return [many] if many is not None else []
    found = [_zombies(points)]
    for quantity in _QUANTITIES:
        if any(each is not None and each.name == quantity.name for each in found):
            continue
        grows = _steady(quantity, start, points)
        if grows is not None and quantity.name == "memory":
            is_proven = not (proven and to_prove(start, milestones))
            if not (is_proven and _goes_on(grows, start, points[-1], one_by_one)):
                continue
        elif grows is not None and later is not None and _is_given_back(quantity, points[0].at, later):
            continue
        found.append(grows)
    return [each for each in found if each is not None]


def _is_given_back(quantity: _Quantity, at: Snapshot, later: Snapshot) -> bool:
    """Whether those who are in both looks have no more of it in the later one."""
    both = [(p, q) for p in at.living if (q := later.find(p.pid)) is not None and q.key == p.key]
    return sum(quantity.of(q) for _, q in both) <= sum(quantity.of(p) for p, _ in both)


def to_prove(start: Snapshot, milestones: Sequence[Milestone]) -> int:
    """How many clients must have come in all until memory that grows is proven to leak.

    0 where none grows, or it is proven: a runtime lets its garbage grow for thousands of clients, and a
    pool fills, before they come to their size.
    """
    points = milestones[-_POINTS:]
    memory = (each for each in _QUANTITIES if each.name == "memory")
    grows = next(
        (g for each in memory if len(points) == _POINTS and (g := _steady(each, start, points))), None
    )
    if grows is None:
        return 0
    had = _own_kb(start, start)
    has_heap = any(is_of_a_run_time(process.caught or 0) for process in start.living)
    enough_kb = max(_PROVEN_KB, _HEAP * had if has_heap else 0)
    came, left_kb = points[-1].clients, had + enough_kb - _own_kb(start, points[-1].at)
    if left_kb <= 0:
        return 0
    needed = came + int(_AMPLY * left_kb / grows.per_client) + 1
    if all(p.threads <= 1 for point in points for p in point.at.living):
        needed = min(needed, _PROVEN_CLIENTS)
    return needed if needed > came else 0


def _own_kb(start: Snapshot, at: Snapshot) -> int:
    """The memory of their own that the processes of the start have, in KiB."""
    pids = {process.pid for process in start.living}
    return sum(p.kb for p in at.living if p.pid in pids)


def telling(start: Snapshot) -> int:
    """How many clients must come between the first milestone and the last for a small leak to show."""
    return _TELLING_OF_SMALL if any(0 < p.kb <= _SMALL_KB for p in start.living) else _TELLING


def _goes_on(grows: Growth, start: Snapshot, before: Milestone, after: Milestone | None) -> bool:
    if after is None:
        return False
    had, has = (_own_kb(start, each.at) for each in (before, after))
    return has - had >= _STEADY * grows.per_client * after.clients


def _zombies(points: Sequence[Milestone]) -> Growth | None:
    """Zombies that stayed while further clients came; the last clients' may still go."""
    *before, last = [{process.key for process in point.at.zombies} for point in points]
    stuck = [len(zombies & last) for zombies in before]
    if stuck != sorted(set(stuck)) or stuck[-1] <= 1:
        return None
    return _growth("zombies", points, [*map(len, before), len(last)])


def _many_zombies(start: Milestone, points: Sequence[Milestone]) -> Growth | None:
    """Zombies by the dozen: a server that reaps at accept() leaves only a few."""
    points = [start, *points]
    return _by_the_dozen("zombies", points, [len(point.at.zombies) for point in points])


def _by_the_dozen(name: str, points: Sequence[Milestone], counts: Sequence[int]) -> Growth | None:
    """Whether there is at least one more for every second client, and many in all."""
    enough = _every(_EVERY_SECOND, points, counts)
    return _growth(name, points, counts) if enough and counts[-1] - counts[0] >= _BY_THE_DOZEN else None


def _every(per_client: float, points: Sequence[Milestone], stood: Sequence[int]) -> bool:
    """Whether it grew in each interval by at least so much for each client."""
    return len(points) > 1 and all(
        after - before >= per_client * (later.clients - earlier.clients)
        for (before, after), (earlier, later) in zip(pairwise(stood), pairwise(points), strict=True)
    )


def _is_steady(points: Sequence[Milestone], stood: Sequence[int]) -> bool:
    """Whether it grew by about as much for each client in every interval."""
    rates = [
        (after - before) / (later.clients - earlier.clients)
        for (before, after), (earlier, later) in zip(pairwise(stood), pairwise(points), strict=True)
    ]
    return min(rates, default=0) >= _STEADY * max(rates, default=0)


def processes(
    start: Snapshot, milestones: Sequence[Milestone], *, has_grown: bool = False
) -> Growth | None:
    """Processes that were born since the start and stayed while further clients came.

    A pool that starts its workers late stops growing. With fewer than three milestones only a large
    number tells anything, where the family `has_grown` so much that no more clients came.
    """
    points = milestones[-_POINTS:]
    if not points:
        return None
    old, last = ({p.key for p in at.living} for at in (start, points[-1].at))
    stay = [len({p.key for p in point.at.living} & last - old) for point in points]
    if len(points) < _POINTS:
        return (
            _by_the_dozen("processes", [Milestone(0, start), *points], [0, *stay]) if has_grown else None
        )
    enough = _every(_STEADILY, points, stay) and stay[-1] - stay[0] >= _FEW
    return _growth("processes", points, stay) if enough and _is_steady(points, stay) else None


def _steady(quantity: _Quantity, start: Snapshot, points: Sequence[Milestone]) -> Growth | None:
    """The sum of those processes that grew in each interval."""
    rows = []
    for process in start.living:
        found = [point.at.find(process.pid) for point in points]
        row = [quantity.of(p) for p in found if p is not None and p.key == process.key]
        if len(row) == len(points) and row == sorted(set(row)):
            rows.append((quantity.of(process), row))
    at_start = sum(before for before, _ in rows)
    stood = [sum(row[i] for _, row in rows) for i in range(len(points))]
    if quantity.up_to and at_start > quantity.up_to:
        return None
    if not _is_steady(points, stood):
        return None
    enough = _every(quantity.per_client, points, stood)
    least = max(quantity.least, quantity.manifold * at_start)
    if not enough or stood[-1] - stood[0] < least:
        return None
    leads = new_ones(points[0].at, points[-1].at) if quantity.name == "descriptors" else ""
    return _growth(quantity.name, points, stood, leads)


def new_ones(before: Snapshot, after: Snapshot) -> str:
    """The target of most of the descriptors that came between two looks, in words; "" if unseen."""
    new: Counter[str] = Counter()
    for process in after.living:
        earlier = before.find(process.pid)
        if earlier is not None and earlier.key == process.key:
            new += Counter(process.opens or {}) - Counter(earlier.opens or {})
    if not new:
        return ""
    (what, count), all_of_them = new.most_common(1)[0], new.total()
    kind = f"the file {what}" if what.startswith("/") else f"a {what}"
    return f"{'each' if count == all_of_them else 'mostly'} {kind}"


def _growth(name: str, points: Sequence[Milestone], stood: Sequence[int], leads: str = "") -> Growth:
    return Growth(name, tuple(point.clients for point in points), tuple(stood), leads)
