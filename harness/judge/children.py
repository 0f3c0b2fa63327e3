"""The children that a server forks for its clients: which, whose, whether proven, whether too many."""

from collections.abc import Sequence
from typing import Final

from harness.record.client import Client
from harness.record.events import Born, Connected, Exited, Frozen, OfProcess, Reaped, Thawed
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.record.snapshot import Process, Snapshot

from . import crew, helpers
from .patience import require_patience

NONE_BORN: Final = "no child process is born when a client connects"
SERVED_BY_OLDER: Final = f"{NONE_BORN}: a process that was there before holds its connection"
NONE_EXITS: Final = "not all children of a client exit here"
A_CREW: Final = (
    "a pool of processes was started when the first client came: no child is born to serve one alone"
)
GONE_AT_ONCE: Final = "its children are over before anybody can look at them"
_FEWEST: Final = 2  # one alone may be chance, or wait for the next client
_ENDLESS: Final = 16  # processes that one child has forked when its client had gone
Served = tuple[Client, tuple[int, ...]]


def served(seen: Recording) -> list[Served]:
    """Each client with the pids of children seen alive for it, without those children's own children."""
    found = []
    for client in seen.clients("client "):
        born = born_for(seen, client) if client.came else ()
        if born:
            strangers = {process.pid for process in born} | _adopts(seen, client, born)
            found.append((client, tuple(p.pid for p in born if p.ppid not in strangers)))
    return found


def _adopts(seen: Recording, client: Client, born: Sequence[Process]) -> set[int]:
    """Init's pid, where a child left orphans that serve no client, and one holds the connection."""
    init = seen.after(client.connected).init
    left = {process.pid for process in born if process.ppid == init}
    serving = {each for p in born if client.port in p.serves for each in (p.pid, p.ppid)}
    return {init} if serving and left.isdisjoint(serving) else set()


def proven(seen: Recording) -> list[Served]:
    """The part of `served` that was seen at proven rest; raises Missing where none of it was."""
    all_served = served(seen)
    at_rest = [each for each in all_served if seen.after(each[0].connected).is_proof]
    if all_served and not at_rest:
        raise Missing("the server was not proven to be at rest while a child served")
    return at_rest


def born_for(seen: Recording, client: Client) -> tuple[Process, ...]:
    """The children that live for a client: they appeared between its connect and its first word.

    Helpers that the daemon begins then, and keeps, are not among them. Empty where an older process
    holds the client's connection: a newer one then helps, or waits for the next client. Workers that
    were born to wait do not count, if others did so before anybody came, or if they are a crew; nor do
    the children of a service behind a relay, which is that service's client.
    """
    if client.connected is None:
        return ()
    now, pool = seen.after(client.connected), crew.of(seen)
    born = tuple(p for p in now.born_since(seen.before(client.connected)) if p.key not in pool)
    if len(born) > 1:
        kept = helpers.kept(seen)
        born = tuple(p for p in born if p.key not in kept)
    holders = {p.key for p in now.holders(client.port)}
    if not born or (holders and not any(p.key in holders for p in born)):
        return ()
    others = {worker.ppid for worker in workers(seen)} | _behind(seen, client, born)
    return tuple(p for p in born if p.ppid not in others)


def _behind(seen: Recording, client: Client, born: Sequence[Process]) -> set[int]:
    """The processes that stood there before and have a child now, and none that holds the connection."""
    before = seen.before(client.connected)
    serving = {each for p in born if client.port in p.serves for each in (p.pid, p.ppid)}
    if not serving or before.init in serving:  # whose child an orphan was is not known
        return set()
    return {p.pid for p in before.living} - serving


def workers(seen: Recording) -> tuple[Process, ...]:
    """The processes that stood ready beside the first one to accept clients before anybody came.

    Empty where another process was seen to hold the first client: others that hold the listening
    socket then do not accept.
    """
    root = seen.root
    index, come = next(seen.all(Connected), (0, None))
    if come is None:
        return ()
    before, now = seen.before(index), seen.after(index)
    ready = tuple(p for p in before.living if p.listens and p.pid != root)
    known = {p.key for p in before.processes}
    return ready if all(p.key in known for p in now.holders(come.port)) else ()


def forks_on(seen: Recording) -> tuple[Client, int] | None:
    """The client whose child has replied and forks on and on, and how many it made; None for nobody.

    So does a child that comes back into its parent's loop, where accept() fails at once, and whatever it
    makes there.
    """
    births = list(seen.all(Born))
    if len(births) < _ENDLESS:
        return None
    for client, pids in served(seen):
        family = set(pids)
        for index, event in births:
            if client.answered is not None and index > client.answered and event.ppid in family:
                family.add(event.pid)
        number = len(family) - len(pids)
        if number >= _ENDLESS and len(seen.snapshots()[-1].processes) >= _ENDLESS:
            return client, number
    return None


def over_at_once(seen: Recording, client: Client) -> int:
    """How many children of a client, at least, had ended before anybody could look at them.

    They are zombies by then, or were waited for. None is counted where a living process was seen to hold
    the connection: then that process serves. A connection that nobody had accepted is followed to its
    end.
    """
    if client.connected is None:
        return 0
    before, now = seen.before(client.connected), seen.after(client.connected)
    if now.holders(client.port) or workers(seen):
        return 0
    connection, left = now.connection(client.port), client.left
    if connection is not None and not connection.accepted and left is not None:
        now = seen.after(left)
    known = {process.key for process in before.processes}
    left = sum(p.key not in known and before.find(p.ppid) is not None for p in now.zombies)
    return left or int(any(_has_waited(p, now) for p in before.living))


def is_over_unseen(seen: Recording, client: Client) -> bool:
    """Whether a process or thread was started when a client came, by the newest pid, and has ended."""
    come = client.connected or 0
    around = seen.looks(stop=come)[-1:] + seen.looks(come)[:1]
    pids = [at.last_pid for at in around if at.last_pid is not None]
    is_started = len(pids) > 1 and pids[0] < pids[1]
    return is_started and not born_for(seen, client)


def begin_after(seen: Recording, place: int | None) -> bool:
    """Whether a process was born after this place; or a thread, of a server that had only one.

    Of a run-time's server, which may start a thread of its own at any time, several threads more count.
    """
    if place is None:
        return False
    if any(index > place for index, _ in seen.all(Born)):
        return True
    looks = [at for at in seen.snapshots() if at.last_pid is not None]
    before, after = [a for a in looks if a.index < place], [a for a in looks if a.index > place]
    root = before[-1].find(seen.root) if before else None
    is_one = root is not None and root.threads == 1
    now = [each.threads for at in after for each in [at.find(seen.root)] if each is not None]
    if root is not None and not is_one:
        return max(now, default=0) >= root.threads + _FEWEST
    return is_one and bool(after) and (before[-1].last_pid or 0) < (after[-1].last_pid or 0)


def none_seen(seen: Recording, client: Client) -> str:
    """Why no child is seen at work for a client; raises Missing where silence may have ended it."""
    if not _is_in_old_hands(seen, client):
        require_patience(seen, None)
    return GONE_AT_ONCE if over_at_once(seen, client) else none_born(seen)


def none_born(seen: Recording) -> str:
    """Why no child serves a client, in words that hold also where processes are born."""
    come = seen.place_of(Connected)
    if come is None:
        return NONE_BORN
    if crew.of(seen):
        return A_CREW
    old = {process.key for process in seen.before(come).processes}
    begun = {process.key for at in seen.snapshots() for process in at.processes} - old
    are_born = begun or any(index > come for index, _ in seen.all(Born)) or workers(seen)
    return SERVED_BY_OLDER if are_born else NONE_BORN


def _is_in_old_hands(seen: Recording, client: Client) -> bool:
    """Whether a process that was there before a client came was seen to hold its connection alone."""
    if client.connected is None:
        return False
    old = {process.key for process in seen.before(client.connected).processes}
    holders = {p.key for p in seen.after(client.connected).holders(client.port)}
    return bool(holders) and holders <= old


def is_born(seen: Recording, client: Client) -> bool:
    """Whether a child was born for any client, however short its life was."""
    return bool(born_for(seen, client)) or over_at_once(seen, client) > 0


def exited(seen: Recording) -> set[int]:
    """The pids of children, workers and helpers that have ended or are zombies at the last look.

    Of children, only those whose parent was there before the first client.
    """
    first, last = before_anybody_came(seen), seen.last()
    alive, old = {p.pid for p in last.living}, {p.pid for p in first.living}
    born = {event.pid for event in seen.every(Born) if event.ppid in old}
    return ((born | old) - alive - {seen.root}) | {p.pid for p in zombies(seen)}


def before_anybody_came(seen: Recording) -> Snapshot:
    """The family before the first client."""
    return seen.before(seen.place_of(Connected))


def zombies(seen: Recording) -> tuple[Process, ...]:
    """The zombies at the last look that were not zombies before the first client came."""
    known = {process.key for process in before_anybody_came(seen).zombies}
    return tuple(process for process in seen.last().zombies if process.key not in known)


def has_waited(seen: Recording) -> bool:
    """Whether a process that was there before the first client has waited for a child since."""
    first = before_anybody_came(seen)
    return any(_has_waited(process, seen.last()) for process in first.living)


def leaving_zombies(seen: Recording) -> list[Client]:
    """The clients whose child had a zombie of its own, at proven rest, and never waited for it.

    The child then ended first, and init reaped what it left.
    """
    gone, reaped = (_moments(seen, kind) for kind in (Exited, Reaped))
    found = []
    for client, pids in served(seen):
        seen_then = [at for at in _while_it_stays(seen, client) if at.is_proof]
        for zombie in (each for at in seen_then for each in at.zombies):
            left_at = gone.get(zombie.ppid)
            if zombie.ppid in pids and left_at is not None and reaped.get(zombie.pid, -1) > left_at:
                found.append(client)
                break
    return found if len(found) >= _FEWEST else []


def _while_it_stays(seen: Recording, client: Client) -> list[Snapshot]:
    """The look when a client had connected, and the last one before it left."""
    at = seen.after(client.connected)
    return [at] if client.left is None else [at, seen.before(client.left)]


def forks_without_a_client(seen: Recording, clients: list[Served]) -> int:
    """How often the first process forked after a client was served and before the next one came.

    Counted by pids where the cell numbers its own, and believed only when at least one such child was
    seen. What a child forks is the child's: the parent's pid tells it, or, where the process was too
    short to be seen, the number of births while the first process was stopped.

    Raises:
        Missing: forks were counted and none was seen: they may be somebody else's.
    """
    root = seen.root
    ready = bool(workers(seen))
    unknown = noticed = 0
    own = _born_behind_the_stopped_parent(seen)
    for client, _ in clients:
        during, after = seen.after(client.connected), seen.after(client.left)
        births = [event for index, event in seen.all(Born) if during.index < index < after.index]
        noticed += 0 if ready else sum(event.ppid == root for event in births)
        if during.last_pid is not None and after.last_pid is not None:
            others = sum(event.ppid != root for event in births)
            unknown += max(0, after.last_pid - during.last_pid - max(own, others))
    if unknown and not noticed:
        raise Missing(f"{unknown} processes were born without a client, and none of them was seen")
    return max(unknown, noticed) if noticed else 0


def _born_behind_the_stopped_parent(seen: Recording) -> int:
    """How many processes a child forked while its parent was stopped; 0 where that was not tried."""
    frozen = next((index for index, event in seen.all(Frozen) if event.stopped), None)
    thawed = seen.place_of(Thawed)
    if frozen is None or thawed is None:
        return 0
    start, end = seen.before(frozen).last_pid, seen.before(thawed).last_pid
    return end - start if start is not None and end is not None else 0


def _moments(seen: Recording, kind: type[OfProcess]) -> dict[int, int]:
    """The event indices of each process's events of one kind."""
    return {event.pid: index for index, event in seen.all(kind)}


def _has_waited(process: Process, later: Snapshot) -> bool:
    now = later.find(process.pid)
    return now is not None and now.key == process.key and now.waited > process.waited
