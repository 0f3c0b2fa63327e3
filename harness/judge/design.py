"""How a server is built to serve many clients, as its first client shows, in the catalogue's words."""

import itertools
from collections import Counter
from typing import Final

from harness.call_kinds import ACCEPTS, LETS_IN, POLLS, READS
from harness.record.client import Client
from harness.record.events import Born
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.record.snapshot import Process, Snapshot

from . import children, crew
from .unreaped import SIGCHLD

ONE_PROCESS: Final = "one process"
_A_PAIR: Final = 2
_CALLED_SO: Final = {
    "fork": ("fork", "double fork"),
    "threads": ("threads", "pool"),
    "prefork": ("prefork", "workers", "crew"),
    "pool": ("pool", "prefork", "workers", "crew"),
    "event loop": (ONE_PROCESS,),
}
_IN_WORDS: Final = {
    "fork": "a child process for each client",
    "double fork": "a child's child process for each client",
    "threads": "a thread for each client",
    "prefork": "processes started beforehand",
    "crew": "processes that are started when clients come, and serve one after the other",
    "workers": "processes started beforehand, each for many clients at once",
    "pool": "threads started beforehand",
    "event loop": "one process that waits for all its clients at once",
    ONE_PROCESS: "the one process that listens",
}


def seen_in(series: Recording) -> str:
    """The design that "one after another" shows: "fork", "threads", "prefork(n)", "pool(n)", ...

    Or "double fork"; "crew(n)", of a pool that clients start; or "one process": only more clients
    tell whether it serves them one at a time or all at once.

    Raises:
        Missing: nobody connected, or nothing of the design was seen.
    """
    start, client, during = _connecting(series, 0)
    root = series.root
    if hands := crew.of(series):
        return f"crew({len(hands)})"
    if born := children.born_for(series, client):
        child = next((p for p in born if client.port in p.serves), born[-1])
        orphan = child.ppid == start.init and during.find(root) is not None
        return "double fork" if orphan else "fork"
    if workers := _workers(start, during, client, root):
        return "threads" if _threading(start, during, client) == "threads" else f"prefork({workers})"
    if gone := _gone(series, client):
        return gone
    found = _threading(start, during, client)
    if found == "threads" and _next_needs_no_thread(series):
        return ONE_PROCESS
    return found


def with_many(found: str, crowd: Recording) -> str:
    """The design that one client after another has shown, corrected by silent ones that come together.

    A pool may grow while all its threads are busy: a thread for each client, then. A pool may also
    start its threads with its first clients, and then no more. A process that was started beforehand may
    serve many clients at once; where it is the only one, the other starts it and watches over it.

    Raises:
        Missing: nobody was connected, or there is no look at them.
    """
    silent = [each for each in crowd.clients("silent ") if each.connected is not None]
    if not silent:
        raise Missing("no silent client was connected")
    start, now = crowd.before(silent[0].connected), crowd.after(silent[-1].connected)
    if found.startswith("prefork("):
        return _of_many_each(found, crowd.root, start, now)
    serving = max(now.living, key=lambda process: len(process.clients), default=None)
    before = start.find(serving.pid) if serving is not None else None
    if serving is None or before is None:
        return found
    started = serving.threads - before.threads
    if found.startswith("pool(") and len(silent) <= started + int(found[len("pool(") : -1]):
        return "threads" if started > 0 else found
    look = crowd.before(silent[-1].connected)
    last = look.find(serving.pid)
    has_grown_to_the_last = look.index > start.index and (last is None or serving.threads > last.threads)
    if found != "threads" or has_grown_to_the_last or started <= 0:
        return found
    working = (Counter(serving.calls) - Counter(before.calls)).total()
    number = max(started, working)  # a JVM may have ended a thread of its own meanwhile
    return f"pool({number})" if number < len(serving.clients) else found


def _of_many_each(found: str, root: int, start: Snapshot, now: Snapshot) -> str:
    """The design of processes started beforehand, where one of them holds several connections."""
    busiest = max((p for p in now.living if p.pid != root), key=lambda p: len(p.clients), default=None)
    if busiest is None or len(busiest.clients) < _A_PAIR:
        return found
    number = found[len("prefork(") : -1]
    before = start.find(busiest.pid)
    if before is not None and number == "1":
        if busiest.threads > before.threads:
            return "threads"
        if busiest.threads == 1:
            return ONE_PROCESS
    return f"workers({number})"


def is_certain(series: Recording) -> bool:
    """Whether a process held each of the first two connections; raises Missing without a proof."""
    seen = [_connecting(series, number) for number in (0, 1)]
    return all(at.proven().holders(client.port) for _, client, at in seen)


def meets(design: str, demanded: str) -> bool:
    """Whether a design from `seen_in` counts as the demanded one; raises Missing if that is unknown."""
    if demanded not in _CALLED_SO:
        raise Missing(f"no design is called {demanded!r}")
    return design.partition("(")[0] in _CALLED_SO[demanded]


def in_words(design: str) -> str:
    """A design in words for people: "a child process for each client"."""
    return _IN_WORDS[design.partition("(")[0]]


def takes_itself(seen: Recording, client: Client, process: Process) -> bool:
    """Whether the thread that serves the client is the one that accepts clients."""
    if client.connected is None or client.port not in process.serves:
        return False
    start, during = seen.before(client.connected), seen.after(client.connected)
    before = start.find(process.pid)
    several = before is not None and before.threads >= process.threads > 1
    return several and _threading(start, during, client) == ONE_PROCESS


def threads_ready(seen: Recording, client: Client) -> int:
    """How many threads stood ready when this client came; 0 where its thread was started for it."""
    if client.connected is None:
        return 0
    found = _threading(seen.before(client.connected), seen.after(client.connected), client)
    return int(found[len("pool(") : -1]) if found.startswith("pool(") else 0


def has_started_threads(seen: Recording, *clients: Client) -> bool:
    """Whether the first process started a thread for each of these clients, in the order they came."""
    looks = [seen.before(clients[0].connected), *(seen.after(each.connected) for each in clients)]
    counts = [process.threads for at in looks if (process := at.find(seen.root)) is not None]
    return len(counts) == len(looks) and all(a < b for a, b in itertools.pairwise(counts))


def is_by_thread(seen: Recording, name: str) -> bool:
    """Whether the process that holds this client's connection had one thread more than before."""
    try:
        client = seen.client(name)
        before, now = seen.before(client.connected), seen.after(client.connected)
    except Missing:
        return False
    return any(
        (old := before.find(process.pid)) is not None and process.threads > old.threads
        for process in now.holders(client.port)
    )


def _connecting(series: Recording, number: int) -> tuple[Snapshot, Client, Snapshot]:
    """A client, the look before it connected, and the look while it was connected and silent."""
    clients = series.clients("client ")
    if number >= len(clients):
        raise Missing(f"only {len(clients)} clients came")
    connected = clients[number].connected
    return series.before(connected), clients[number], series.after(connected)


def _workers(start: Snapshot, during: Snapshot, client: Client, root: int) -> int:
    """How many processes stood ready beforehand; 0 where one process serves all clients."""
    listening = [process.pid for process in start.living if process.listens]
    if len(listening) > 1:
        return len([pid for pid in listening if pid != root])
    serving = [process.pid for process in _handed_to(start, during, client)]
    if listening and serving and listening[0] not in serving:
        return len(start.living) - 1  # one accepts, and hands the connections over
    return 0


def _handed_to(start: Snapshot, during: Snapshot, client: Client) -> list[Process]:
    """The holders of a connection, without one that listens, where another process was handed it.

    Whoever was there before the client came cannot have inherited the connection: the one that let
    it in has kept a copy, perhaps until it is told that the client has been served.
    """
    serving = list(during.holders(client.port))
    handed = [each for each in serving if not each.listens and start.find(each.pid) is not None]
    return handed or serving


def _gone(series: Recording, client: Client) -> str:
    """What served a client and ended before any look: "fork" or "threads"; "" where nothing was born.

    Threads and processes share one row of numbers: at least one process was noticed, or the server
    ignores SIGCHLD, as only a parent does (wait(2), NOTES).
    """
    if children.over_at_once(series, client):
        return _of_the_short_lived(series)
    for number in (0, 1):
        start, client, during = _connecting(series, number)
        if during.holders(client.port) or start.last_pid is None or start.last_pid == during.last_pid:
            return ""
    root, come = series.root, client.connected or 0
    births = [event for index, event in series.all(Born) if index > come]
    server = during.find(root)
    forks = server is not None and bool((server.ignored or 0) & SIGCHLD)
    return "fork" if forks or any(event.ppid == root for event in births) else "threads"


def _of_the_short_lived(series: Recording) -> str:
    """That short-lived processes served: "fork".

    Raises:
        Missing: the parent was seen to wait for its child, or to read what it says, as of a helper
            (popen(3)) or of a child that serves.
    """
    births = [event for event in series.every(Born) if event.ppid == series.root]
    if {event.parent_in for event in births} & {"read", "readv", "wait4", "waitid"}:
        raise Missing("whether its children serve, or help, was not seen: they are over too soon")
    return "fork"


def _threading(start: Snapshot, during: Snapshot, client: Client) -> str:
    """The design by the threads of the process that serves: born for a client, waiting for one, or idle.

    A runtime with an event loop may have threads of its own that sleep from first to last (Node's libuv
    has four). A worker of a pool wakes for a client, and then sleeps in another call.
    """
    serving = next(iter(_handed_to(start, during, client)), None)
    before = start.find(serving.pid) if serving is not None else None
    if serving is None or before is None:
        return ONE_PROCESS
    if serving.threads > before.threads:
        return "threads"
    if serving.threads == 1:
        return ONE_PROCESS
    waiting = _waiting_for_work(before, serving)
    return f"pool({waiting})" if waiting else ONE_PROCESS


def _waiting_for_work(before: Process, serving: Process) -> int:
    """How many threads waited for a client; 0 where the one that let it in serves it, too."""
    if not before.calls:
        return before.threads - 1
    idle, busy = Counter(before.calls), Counter(serving.calls)
    if idle == busy:
        return _reading_for_work(idle)
    waiting = max((idle[call] for call in idle - busy), default=0)
    is_alone = waiting == 1 and _accepts_itself(before, idle - busy)
    return 0 if is_alone or not busy - idle else waiting


def _reading_for_work(idle: Counter[str]) -> int:
    """How many threads wait in a read for a connection that another one lets in; 0 where none does.

    They read from a pipe then, and from their client next: what they sleep in stays the same.
    """
    lets_in = sum(idle[call] for call in ACCEPTS)
    if not lets_in or any(idle[call] for call in POLLS):
        return 0
    return sum(idle[call] for call in READS)


def _accepts_itself(before: Process, woke: Counter[str]) -> bool:
    """Whether the thread that took the client had waited in accept(), whatever the other threads do.

    It is the first thread, or one beside a runtime's own: a JVM's first thread waits for main() to end.
    """
    runtime = before.threads > _A_PAIR and not LETS_IN.isdisjoint(woke)
    return before.call in woke or runtime


def _next_needs_no_thread(series: Recording) -> bool:
    """Whether the second client brought no new thread: a runtime starts its threads once."""
    try:
        before, client, during = _connecting(series, 1)
        return _threading(before, during, client) == ONE_PROCESS
    except Missing:
        return False
