"""Recordings written by hand: the story of one run, a method for each thing that happens.

A story keeps the state of a small world (the living processes, the connections); every proof writes
down the state at that moment: `story("silent client").starts().connects("silent").quiet()`.
"""

from __future__ import annotations

import signal
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, Self

from msgspec import convert
from msgspec.structs import replace as changed

from harness.record.contract import Contract
from harness.record.events import (
    Accepted,
    AtPoint,
    Born,
    Branched,
    BuildFailed,
    ClientKilled,
    Connected,
    Crowded,
    Died,
    Ended,
    Event,
    Executes,
    Exited,
    Fin,
    Finished,
    Flooded,
    Followed,
    Frozen,
    HalfClosed,
    Hangs,
    Idled,
    Injected,
    Left,
    Lifted,
    Limited,
    Listens,
    Ordered,
    Printed,
    Prompted,
    Proved,
    Reads,
    Reaped,
    Received,
    Refused,
    Reset,
    Rst,
    Said,
    Sent,
    Shown,
    Signalled,
    Standing,
    Started,
    Stood,
    Thawed,
    Typed,
    Witness,
    word,
)
from harness.record.recording import Recording
from harness.record.snapshot import ProofKind
from harness.record.visits import Visit

INIT: Final = 90
SERVER: Final = 100
PORT: Final = 54321
FIRST_CLIENT_PORT: Final = 40_000
SIGCHLD: Final = 1 << (signal.SIGCHLD - 1)
_TICK_NS: Final = 1_000_000
HALF_A_SECOND_NS: Final = 500_000_000

Table = dict[str, Any]


class Story:
    """One run while it is written. Each method returns the story; `over` and `breaks_off` end it."""

    def __init__(self, scenario: str, subject: str) -> None:
        self._scenario, self._subject = scenario, subject
        self._events: list[Event] = []
        self._family: dict[int, Table] = {}
        self._connections: dict[str, Table] = {}
        self._ports: dict[str, int] = {}
        self._children: dict[str, list[int]] = {}
        self._said: dict[str, bytes] = {}
        self._listener: Table | None = None
        self._pids = SERVER
        self._printed = b""
        self._status: int | None = None
        self._contract: Table = {}
        self._time_wait = 0
        self._waited_ns = 0

    # The server as a whole.

    def starts(
        self,
        *,
        listens: bool = True,
        workers: int = 0,
        threads: int = 1,
        stays: bool = True,
        runaway: bool = False,
        imports: tuple[str, ...] | None = None,
        no_hand_in: bool | None = None,
        named: tuple[str, ...] | None = None,
        sleeps: str = "pause",
        vain: tuple[int, str] | None = None,
        hides: bool | None = None,
        **where: Any,
    ) -> Self:
        """The server listens, at rest, with this number of workers beside it; or it `sleeps` in a call.

        Or its accept() is in `vain`: on such a descriptor it fails with such an error.
        `where` says what is unusual about its listening socket.
        """
        self._add_process(SERVER, INIT, call="accept" if listens else sleeps, threads=threads)
        if listens:
            self._family[SERVER]["listens"] = True
            self._listener = {
                "port": PORT,
                "address": "00000000",
                "v6": False,
                "v6_only": False,
                "queue": 0,
                "backlog": 5,
                **where,
            }
        for _ in range(workers):
            self._pids += 1
            self._add_process(self._pids, SERVER, call="accept", listens=listens)
        facts: Table = {"stays": stays, "runaway": runaway, "imports": imports, "no_hand_in": no_hand_in}
        facts |= {"hides": hides, "named": named}
        if vain is not None:
            facts |= {"vain_on": vain[0], "vain": vain[1]}
        self._note(Started, "server", root=SERVER, told=PORT, **facts)
        self.quiet()
        return self._note(Listens, "server", **self._listener) if self._listener else self

    def ends_at_once(self, status: int, printed: str = "") -> Self:
        """It was started, and the first look finds no process."""
        self._note(Started, "server", root=None, told=PORT, stays=False).prints(printed).quiet()
        self._status = status
        return self

    def is_killed(self) -> Self:
        """The harness ends the whole family."""
        self._note(Printed, "server", self._printed)
        self._printed, self._listener = b"", None
        self._family.clear()
        return self._note(Ended, "stage", left=0)

    def is_remembered(self, connections: int = 1) -> Self:
        """This number of connections waits in TIME_WAIT at the server's side."""
        self._time_wait = connections
        return self

    def gets_sigterm(self) -> Self:
        """The harness asks the first process to end."""
        return self.gets("SIGTERM")

    def gets(self, name: str, pid: int = SERVER) -> Self:
        """The harness sends a process a signal."""
        return self._note(Signalled, "stage", pid=pid, signal=name)

    def is_known(self, pid: int = SERVER, **further: Any) -> Self:
        """Set what /proc shows of a process: signal masks, group, how its epoll watches."""
        self._family[pid].update(further)
        return self

    def executes(
        self, program: str, *words: str, names: Mapping[str, str] | None = None, pid: int = SERVER
    ) -> Self:
        """What is seen to be executed: a program, by these words, some of which name files."""
        line = (program.rpartition("/")[2], *words)
        leads = tuple((names or {}).get(word, "") for word in line)
        told: Table = {"pid": pid, "program": program, "words": line, "names": leads}
        return self._note(Executes, f"process {pid}", **told)

    def queues(self, clients: int) -> Self:
        """This number of clients waits to be accepted."""
        self._listener = {**(self._listener or {}), "queue": clients}
        return self

    def is_idle(self, when: str, *, share: float = 0.0, wakings: int = 0) -> Self:
        """Half a second is measured: share of a core, wakings a second; without either it sleeps."""
        window_ns = HALF_A_SECOND_NS if share or wakings else 0
        used: Table = {"cpu_ns": int(share * window_ns), "wakings": wakings // 2}
        return self._note(Idled, "stage", when=when, window_ns=window_ns, **used)

    def does_not_compile(self, log: str) -> Self:
        """The compiler said this, and there is nothing to start."""
        return self._note(BuildFailed, "server", log.encode())

    def accepts_in_vain(self, pid: int, error: str = "EBADF") -> Self:
        """A process that runs was looked at: its accept() fails, again and again."""
        return self._note(Stood, "keeper", standing=(Standing(pid, "", (), vain=error),))

    def prints(self, text: str) -> Self:
        """The server prints something; it is noted at the end, as in a real run."""
        self._printed += text.encode()
        return self

    def dies(self, status: int) -> Self:
        """The first process ends, with this raw wait status; its children live on."""
        del self._family[SERVER]
        self._status = status
        return self._note(Exited, f"process {SERVER}")

    def stops_listening(self) -> Self:
        """No process holds the listening socket any more."""
        self._listener = None
        for process in self._family.values():
            process["listens"] = False
        return self

    def listens_again(self) -> Self:
        """The first process has bound the port anew."""
        self._listener = {"port": PORT, "address": "00000000", "v6": False, "v6_only": False}
        self._listener |= {"queue": 0, "backlog": 5}
        self._family[SERVER]["listens"] = True
        return self

    def insists_on(self, transform: str) -> Self:
        """The assignment allows one reply only."""
        return self.is_asked_for(transform=transform)

    def is_asked_for(self, **terms: Any) -> Self:
        """The assignment settles these terms of the contract."""
        self._contract.update(terms)
        return self

    # Clients.

    def connects(self, client: str) -> Self:
        """The connection is complete, and not accepted."""
        self._ports[client] = port = FIRST_CLIENT_PORT + len(self._ports)
        self._connections[client] = {"state": "ESTABLISHED", "accepted": False, "unread": 0}
        return self._note(Connected, client, port=port)

    def hangs(self, client: str) -> Self:
        """The queue is full: this client's connection is never completed."""
        return self._note(Hangs, client, errno="EINPROGRESS")

    def is_refused(self, client: str) -> Self:
        """Nobody listens: this client is turned away at once."""
        return self._note(Refused, client, errno="ECONNREFUSED")

    def asks(self, client: str, line: bytes = b"hello\n") -> Self:
        """The client sends a line."""
        self._said[client] = line
        if client in self._connections and not self._connections[client]["accepted"]:
            self._connections[client]["unread"] = len(line)
        return self._note(Sent, client, line)

    def says(self, client: str, words: bytes) -> Self:
        """The client says what belongs to the dialogue around its line."""
        return self._note(Said, client, words)

    def leaves_unread(self, client: str, size: int) -> Self:
        """This number of the client's bytes lies unread in the server's buffer."""
        self._connections[client]["unread"] = size
        return self

    def reads_on(self, client: str, waiting: int) -> Self:
        """A client that did not read begins to; this number of bytes has waited for it."""
        return self._note(Reads, client, waiting=waiting)

    def aborts(self, *clients: str) -> Self:
        """These clients break their connections off (RST)."""
        for client in clients:
            self._connections.pop(client, None)
            self._note(Reset, client)
        return self

    def half_closes(self, client: str) -> Self:
        """The client closes its side of the connection (FIN)."""
        return self._note(HalfClosed, client)

    def floods(self, client: str, taken: int = 1_048_581) -> Self:
        """The server sends without end, until the client takes no more."""
        return self._note(Flooded, client, taken=taken)

    def leaves(self, *clients: str) -> Self:
        """These clients close for good."""
        for client in clients:
            self._connections.pop(client, None)
            self._note(Left, client)
        return self

    def is_killed_at(self, *people: str) -> Self:
        """A signal ends what these people sit at."""
        for person in people:
            self._note(ClientKilled, person)
        return self

    def sits_down(self, person: str, *, prompted: bool = True) -> Self:
        """A person starts tcpclient2 and sees its prompt."""
        self._note(Connected, person, pid=5000 + len(self._events))
        return self._note(Prompted, person, b"Please type a short sentence: ") if prompted else self

    def types(self, person: str) -> Self:
        """A person types their name and presses Enter."""
        return self._note(Typed, person, person.encode() + b"\n")

    def is_shown(self, person: str, text: bytes | None = None) -> Self:
        """The person's terminal shows the reply, or the text that is given."""
        reply = person.upper().encode() + b"\n"
        return self._note(Shown, person, reply if text is None else text)

    def leaves_behind(self, *clients: str) -> Self:
        """These clients close for good, and the server does not: CLOSE_WAIT."""
        for client in clients:
            self._connections[client].update(state="CLOSE_WAIT")
            self._note(Left, client)
        return self

    def pass_by(self, name: str, count: int, *, resets: bool = False) -> Self:
        """This number of clients connect and leave at once, without a word or by RST."""
        return self._note(Reset if resets else Left, name, count=count)

    def come_and_go(self, name: str, count: int, *, unanswered: int = 0) -> Self:
        """A crowd of this number of clients comes; all but the last few are answered."""
        visits = [Visit(b"hello\n", 1, 1, 1, 1, 1, b"HELLO\n") for _ in range(count - unanswered)]
        visits += [Visit(b"hello\n", 1, 1, error="ECONNRESET") for _ in range(unanswered)]
        return self._note(Crowded, "stage", name=name, visits=tuple(visits))

    def crowds(self, name: str, visits: Sequence[Visit], idle: float | None = None) -> Self:
        """A crowd comes and goes, as its visits say; `idle` is the share of idle processors."""
        return self._note(Crowded, "stage", name=name, visits=tuple(visits), idle=idle)

    # What the server does for a client.

    def accepts(self, client: str, by: int = SERVER, call: str = "read") -> Self:
        """An older process accepts the connection."""
        self._connections[client]["accepted"] = True
        self._family[by]["serves"].append(self._ports[client])
        return self.sleeps(call, by)

    def closes_its_descriptor(self, client: str) -> Self:
        """The first process has closed the descriptor; a thread of it still reads from it."""
        self._family[SERVER]["serves"].remove(self._ports[client])
        return self

    def forks(self, client: str, times: int = 1, *, parent: int = SERVER) -> Self:
        """A child is born for this client and takes its connection."""
        self._connections[client]["accepted"] = True
        for _ in range(times):
            child = self._birth(parent)
            self._family[child]["serves"].append(self._ports[client])
            self._children.setdefault(client, []).append(child)
        return self

    def forks_besides(self) -> Self:
        """A child is born that serves no client, and stays."""
        self._family[self._birth(SERVER)].update(call="pause")
        return self

    def forks_and_runs_on(self, parent: int = SERVER) -> Self:
        """A child is born that holds no connection, and runs without end."""
        return self.runs(self._birth(parent))

    def forks_worker(self) -> Self:
        """A process is born that waits in accept(), as the workers do."""
        self._family[self._birth(SERVER)].update(call="accept", listens=True)
        return self

    def starts_program(self, parent: int = SERVER, *, waits: bool = False, ends: bool = True) -> Self:
        """A process is born that serves no client; it ends, and its parent reaps it or does not."""
        pid = self._birth(parent)
        self._family[pid].update(call="pause")
        if ends:
            self._end(pid)
        return self._reap(pid) if waits else self

    def is_left(self, pid: int) -> Self:
        """The process has lost its parent: init is its parent now."""
        self._family[pid]["ppid"] = INIT
        return self

    def counts(self, births: int) -> Self:
        """This number of processes were born and ended, and no look has seen one of them."""
        self._pids += births
        return self

    def waits_for(self, pid: int) -> Self:
        """A process that has ended is reaped by its parent, or as an orphan by init."""
        return self._reap(pid)

    def worker_ends(self, pid: int, *, status: int = 0, reaped: bool = True) -> Self:
        """A worker ends, with this raw wait status, and is reaped or not."""
        self._end(pid, status)
        return self._reap(pid) if reaped else self

    def replaces_workers(self, *, zombies: int = 0, living: int = 0) -> Self:
        """As many new workers are born as wait in accept(); old ones are reaped, or stay as is said."""
        old = [pid for pid, each in self._family.items() if pid != SERVER and each["listens"]]
        for number, pid in enumerate(old):
            self.forks_worker()
            if number >= living:
                self.worker_ends(pid, reaped=number >= living + zombies)
        return self

    def forks_for_nobody(self, times: int) -> Self:
        """Children are born without a client, and have gone before any look."""
        for _ in range(times):
            del self._family[self._birth(SERVER)]
        return self

    def answers(self, client: str, reply: bytes | None = None) -> Self:
        """The server answers: the line capitalised, or the reply that is given."""
        return self._note(Received, client, self._said[client].upper() if reply is None else reply)

    def closes(self, client: str) -> Self:
        """The server closes the connection: the client reads FIN."""
        self._let_go(client)
        return self._note(Fin, client)

    def lets_go(self, client: str) -> Self:
        """As `closes`, but the client does not read it yet."""
        self._let_go(client)
        return self

    def resets(self, client: str) -> Self:
        """As `closes`, but the client reads RST."""
        self._let_go(client)
        return self._note(Rst, client, errno="ECONNRESET")

    def exits(self, *clients: str, status: int = 0) -> Self:
        """The children of these clients become zombies, with this raw wait status."""
        for pid in self._children_of(clients):
            self._end(pid, status)
        return self

    def reaps(self, *clients: str) -> Self:
        """The children of these clients are reaped."""
        for pid in self._children_of(clients):
            self._reap(pid)
        return self

    def calls_a_helper(self, client: str, *, parent_in: str = "") -> Self:
        """A child is born for a client and reaped before any look; its parent slept in a call."""
        self._pids += 1
        told: Table = {"parent_in": parent_in} if parent_in else {}
        self._note(Born, f"process {self._pids}", ppid=SERVER, **told)
        self._note(Exited, f"process {self._pids}", status=0)
        self._note(Reaped, f"process {self._pids}")
        self._family[SERVER]["waited"] = self._family[SERVER].get("waited", 0) + 39
        return self.answers(client, b"NOON\n").closes(client)

    def vanishes(self, client: str, status: int | None = None) -> Self:
        """The child of this client ends and is reaped at once; its status is known or not."""
        for pid in self._children_of((client,)):
            del self._family[pid]
            told: Table = {} if status is None else {"status": status}
            self._note(Exited, f"process {pid}", **told)._note(Reaped, f"process {pid}")
        return self

    def serves(self, client: str, *, forks: bool = True, reaped: bool = True) -> Self:
        """Serve a client from its SYN to its end: it connects, is answered, and leaves."""
        self.connects(client)
        (self.forks if forks else self.accepts)(client).quiet().asks(client).answers(client)
        self.closes(client).sleeps("accept")
        if forks:
            self.exits(client)
        if forks and reaped:
            self.reaps(client)
        return self.quiet().leaves(client).quiet()

    def joins(self, client: str) -> Self:
        """A client connects, and a child is born for it."""
        return self.connects(client).forks(client).quiet()

    def gets_its_answer(self, client: str) -> Self:
        """A client asks, is answered by its child, and leaves; the child is reaped."""
        self.asks(client).answers(client).closes(client).exits(client).reaps(client)
        return self.quiet().leaves(client).quiet()

    # What processes do, and how it is seen.

    def child_of(self, client: str) -> int:
        """The pid of the last child born for a client."""
        return self._children[client][-1]

    def sleeps(self, call: str, pid: int = SERVER) -> Self:
        """A process goes to sleep in a call: the first one, unless another is named."""
        if pid in self._family:
            self._family[pid].update(state="S", call=call)
        return self

    def runs(self, pid: int = SERVER) -> Self:
        """A process is on the processor."""
        self._family[pid].update(state="R", call="")
        return self

    def holds(self, client: str, pid: int = SERVER) -> Self:
        """A process has a client's connection among its descriptors."""
        self._family[pid]["serves"].append(self._ports[client])
        return self

    def holds_listener(self, pid: int) -> Self:
        """A process has the listening socket among its descriptors."""
        self._family[pid]["listens"] = True
        return self

    def sleeps_in(self, **calls: int) -> Self:
        """The threads of the first process sleep in these calls, this number in each."""
        self._family[SERVER].update(calls=calls, threads=sum(calls.values()))
        return self

    def has(self, **what: int | dict[str, int]) -> Self:
        """The first process now has `fds` descriptors and `kb` KiB of memory of its own."""
        self._family[SERVER].update(what)
        return self

    def has_threads(self, count: int) -> Self:
        """The first process now has this number of threads."""
        self._family[SERVER]["threads"] = count
        return self

    def has_started(self, count: int) -> Self:
        """This number of threads were born and ended; each took a number as a process does."""
        self._pids += count
        return self

    def freezes(self, pid: int = SERVER) -> Self:
        """The harness stops a process."""
        self._family[pid].update(state="T", call="")
        return self._note(Frozen, "stage", pid=pid, stopped=True)

    def goes_on_in_spite(self, pid: int = SERVER) -> Self:
        """The harness would stop a process, and another one that traces it lets it go on."""
        return self._note(Frozen, "stage", pid=pid, stopped=False)

    def hears(self, signals: int, pid: int = SERVER) -> Self:
        """Signals are pending for a stopped process."""
        self._family[pid]["pending"] = signals
        return self

    def thaws(self, pid: int = SERVER) -> Self:
        """The harness lets it go on."""
        self._family[pid].update(state="S", call="accept", pending=0)
        return self._note(Thawed, "stage", pid=pid)

    def continues(self, pid: int) -> Self:
        """A stopped child goes on, and sleeps in read() as before."""
        return self.thaws(pid).sleeps("read", pid)

    def branches(self, cause: str, **detail: Any) -> Self:
        """The scenario took another way."""
        return self._note(Branched, "stage", cause=cause, **detail)

    def runs_short_of(self, what: str, bound: int = 1) -> Self:
        """The family gets no more of this resource; `bound` of its processes could be limited."""
        return self._note(Limited, "stage", of=what, bound=bound)

    def has_enough(self, what: str) -> Self:
        """It is granted them again."""
        return self._note(Lifted, "stage", of=what)

    def meets(self, error: str, call: str = "", on: str = "", times: int = 1) -> Self:
        """The harness ends the error injection; `call` is the one that failed, if one did."""
        return self._note(Injected, "stage", error=error, call=call, on=on, times=times)

    def has_run_first(self, first: str, forks: int, ended: int = 0, pid: int = SERVER) -> Self:
        """At so many forks the "parent", or the "child", has run first; that is over."""
        return self._note(Ordered, "stage", pid=pid, first=first, forks=forks, ended=ended)

    def was_followed(
        self,
        when: str,
        points: int = 2,
        pid: int = SERVER,
        *,
        within: int = 0,
        called: tuple[str, ...] = (),
        is_static: bool = False,
    ) -> Self:
        """It was followed from call to call while a client "comes", or a child "ends"; that is over."""
        return self._note(
            Followed, "stage", pid=pid, when=when, points=points, within=within, called=called,
            is_static=is_static,
        )  # fmt: skip

    def was_held(
        self,
        trial: int,
        when: str,
        point: str,
        result: int = 0,
        *,
        reached: bool = True,
        frame: str = "",
        of: int = 2,
        function: str = "",
        via: str = "",
        step: int = 0,
        steps: int = 0,
    ) -> Self:
        """It was held at this point, "before pause", one `of` so many, until something came."""
        side, call = point.split()
        standing = (Standing(SERVER, call, (frame,) if frame else ()),)
        return self._note(
            AtPoint, "stage", pid=SERVER, trial=trial, when=when, side=side, call=call, result=result,
            standing=standing, reached=reached, of=of, function=function, via=via, step=step,
            steps=steps,
        )  # fmt: skip

    def looks_after_bystander(self, *, lives: bool = True) -> Self:
        """The harness looks at a process that is not the server's."""
        return self._note(Witness, "bystander", lives=lives)

    def quiet(self) -> Self:
        """Nothing can happen by itself: proven."""
        return self._proof("quiet")

    def until(self) -> Self:
        """All rest, and the next clock strikes seconds later: proven until then."""
        return self._proof("until")

    def turns(self) -> Self:
        """All rest, or are woken by a clock and sleep again: proven."""
        return self._proof("turns")

    def spins(self) -> Self:
        """A process spins: proven."""
        return self._proof("spin")

    def rests(self) -> Self:
        """All stands still, but a clock could wake a process: no proof."""
        return self._proof("resting")

    def never_rests(self, why_not: str = "task 100 of process 100 runs (state R)") -> Self:
        """The guard ran out first: no proof."""
        return self._proof("guard", why_not)

    def waits(self, seconds: float) -> Self:
        """Nothing happens for this time."""
        self._waited_ns += int(seconds * 1e9)
        return self

    def is_seen_let_in(self, client: str) -> Self:
        """All was at rest, and the server had accepted this client's connection."""
        return self._note(Accepted, client)

    # Endings.

    def over(self) -> Recording:
        """The scenario has come to its end."""
        self._note(Printed, "server", self._printed)
        if self._status is not None:
            self._note(Died, "server", status=self._status)
        self._note(Finished, "stage")
        return self.breaks_off()

    def breaks_off(self) -> Recording:
        """Something on our side ended the run."""
        return Recording(
            scenario=self._scenario,
            subject=self._subject,
            cell="bubblewrap",
            seed=7,
            events=tuple(self._events),
            contract=Contract.of(self._contract),
        )

    def _add_process(
        self, pid: int, ppid: int, *, call: str = "read", threads: int = 1, listens: bool = False
    ) -> None:
        self._family[pid] = {
            "pid": pid,
            "ppid": ppid,
            "started": pid * 10,
            "state": "S",
            "call": call,
            "threads": threads,
            "fds": 4,
            "kb": 200,
            "exit": None,
            "waited": 0,
            "pending": 0,
            "listens": listens,
            "serves": [],
        }
        self._note(Born, f"process {pid}", ppid=ppid)

    def _birth(self, parent: int) -> int:
        self._pids += 1
        self._add_process(self._pids, parent)
        group = self._family.get(parent, {}).get("group")
        self._family[self._pids].update({} if group is None else {"group": group})
        return self._pids

    def _end(self, pid: int, status: int = 0) -> Self:
        self._family[pid].update(state="Z", call="", threads=0, fds=0, exit=status)
        self._family[pid].update(serves=[], listens=False)
        for process in self._family.values():
            process["ppid"] = INIT if process["ppid"] == pid else process["ppid"]
        return self._note(Exited, f"process {pid}")

    def _reap(self, pid: int) -> Self:
        parent = self._family.pop(pid)["ppid"]
        if parent in self._family:
            self._family[parent]["waited"] += 1
        return self._note(Reaped, f"process {pid}")

    def _children_of(self, clients: tuple[str, ...]) -> list[int]:
        return [pid for client in clients for pid in self._children[client]]

    def _let_go(self, client: str) -> None:
        port = self._ports[client]
        for process in self._family.values():
            process["serves"] = [each for each in process["serves"] if each != port]
        if client in self._connections:
            self._connections[client].update(state="FIN_WAIT2", accepted=True, unread=0)

    def _proof(self, kind: str, why_not: str = "") -> Self:
        return self._note(
            Proved,
            "keeper",
            proof=kind,
            until_ns=None,
            why_not=why_not,
            orphans_of=INIT,
            last_pid=self._pids,
            listener=self._listener,
            time_wait=self._time_wait,
            family=[_copied(process) for process in self._family.values()],
            connections={
                str(self._ports[client]): dict(connection)
                for client, connection in self._connections.items()
            },
        )

    def _note(self, kind: type[Event], actor: str, data: bytes | None = None, **fields: Any) -> Self:
        at_ns = self._waited_ns + len(self._events) * _TICK_NS
        told = {"kind": word(kind), "at_ns": at_ns, "actor": actor, **fields}
        if data is not None:
            told["data"] = data
        self._events.append(convert(told, kind, builtin_types=(bytes,), str_keys=True))
        return self


def _copied(process: dict[str, Any]) -> dict[str, Any]:
    """A process that stays as it is when the family changes: it holds lists, and mappings by name."""
    return {
        key: value.copy() if isinstance(value, (list, dict)) else value for key, value in process.items()
    }


def story(scenario: str, subject: str = "server.c") -> Story:
    """Begin the story of one run of one scenario."""
    return Story(scenario, subject)


def cut(recording: Recording, length: int) -> Recording:
    """The same recording, ended after its first `length` events."""
    return replace(recording, events=recording.events[:length])


def weakened(recording: Recording, proof: ProofKind) -> Recording:
    """The same run, in which nothing was ever proven: every snapshot is a mere `proof`."""
    events = [
        changed(event, proof=proof) if isinstance(event, Proved) else event for event in recording.events
    ]
    return replace(recording, events=tuple(events))


def unseen(recording: Recording) -> Recording:
    """The same run without a single snapshot."""
    events = [event for event in recording.events if not isinstance(event, Proved)]
    return replace(recording, events=tuple(events))
