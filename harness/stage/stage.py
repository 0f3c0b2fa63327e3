"""The stage of one run: brings on the actors, proves rest, keeps the journal."""

from __future__ import annotations

import asyncio
import errno
import os
import random
import select
import signal
import socket
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from harness.cell.cells import Cell
from harness.record.contract import Contract
from harness.record.journal import Journal
from harness.record.recording import Kind
from harness.record.visits import Visit, as_detail

from .console import Console, StudentClient, open_terminal
from .crowd import crowd
from .deadline import GUARD_S, CouldNotTell, Deadline
from .passing import pass_by
from .peer import Peer
from .server_actions import ServerActions

_SOCKETS_AT_ONCE: Final = 16
_MOST_SOCKETS: Final = 200
_IN_PROGRESS: Final = frozenset({errno.EINPROGRESS, errno.EWOULDBLOCK})
_MUCH: Final = 1024
_MOST_EXTENSIONS: Final = 10
_LONGEST_PAUSE_S: Final = 10.0
_PATIENCE: Final = 4  # proofs "until" without a further byte of a reply that has begun
_SMALL_BUFFER: Final = 2304
_SMALL_SEGMENT: Final = 1460
_V4_BYTES: Final = 4
_SOFTIRQ_S: Final = 0.05


AfterProof = Callable[["Stage", dict[str, Any]], Awaitable[None]]
Launch = Callable[[str], Awaitable[Mapping[str, Any]]]


class Stage(ServerActions):
    """What a scenario plays on. Every act is followed by a proof of rest: connect, quiet, send."""

    def __init__(
        self,
        cell: Cell,
        journal: Journal,
        start: Mapping[str, Any],
        root: int,
        *,
        told: int = 0,
        seed: int = 0,
        contract: Contract | None = None,
        client: Sequence[str] = (),
        student_client: StudentClient | None = None,
        launch: Launch | None = None,
        guard_s: float = GUARD_S,
        after_proof: AfterProof | None = None,
    ) -> None:
        """`start` and `root` come from the launch; people sit at `client`, or a `student_client`.

        `told` is the port that the server was told, `port` the one that it listens on.

        `launch(output)` starts the server again, printing to a "pty" or a "pipe"; it notes what it
        finds, and returns the report of its proof with the new `root`.

        With `spares_port` whoever has read the server's end leaves by RST: the server's side is then
        not left in TIME_WAIT, which would refuse the port to one without SO_REUSEADDR (tcp(7)).

        `after_proof` is called with the stage and each proof, none of them spared: for those who
        doubt the proofs.
        """
        self.journal = journal
        self.random = random.Random(seed)
        self.root = root
        self.told = told
        self.contract = contract or Contract()
        self.ports_are_shared = cell.kind == "plain"
        self.spares_port = self.ports_are_shared
        self._start = launch
        self._cell = cell
        self._client = list(client)
        self._student_client = student_client
        self._guard_s = guard_s
        self._after_proof = after_proof
        self._extensions = _MOST_EXTENSIONS
        self._has_told_where = False
        self._actors: list[Peer | Console] = []
        self._spare: list[int] = []
        self.held = []
        self._aim(start)

    def _aim(self, start: Mapping[str, Any]) -> None:
        """Take a launch's report for the state from which everything counts."""
        listener = start["listener"]
        self.port: int = listener["port"]
        address = bytes.fromhex(listener["address"])  # four bytes where it is mapped (ipv6(7))
        self.speaks_v6: bool = len(address) > _V4_BYTES and (listener["v6_only"] or set(address) != {0})
        self.backlog: int = listener["backlog"]
        self.snapshot = start
        self._first_family = frozenset(process["pid"] for process in start["family"])

    async def peer(self, name: str, *, proven: bool = False, reads: bool = True) -> Peer:
        """Connect one client that says nothing yet, and see the server come to rest.

        With `proven` mere rest does not do: what is then to be seen may be held against the server.
        With `reads` False its receive buffer is small, and it reads nothing before `read_on`; some
        45 kB fit into the buffers between it and the server, which then has to wait.
        """
        peer = await self._connect(name, reads=reads)
        if proven:  # the proof takes longer than some servers wait for a word
            await self._note_let_in(peer)
        await self.quiet(unless=None if proven else lambda: self._has_accepted(peer))
        return peer

    async def _note_let_in(self, peer: Peer) -> None:
        """Note, as soon as all is at rest, that the server has this client's connection, if it has."""
        await self._prove(rest_will_do=True)
        if peer.end is None and self._has_accepted(peer):
            self.journal.note(peer.name, Kind.ACCEPTED)

    async def outlast(self, peer: Peer, seconds: float) -> None:
        """Wait until the server has ended this silent client's connection, or so long; then look."""
        await peer.until_the_end(seconds)
        await self.settle()

    async def dial(self, name: str) -> Peer:
        """Connect one client, and wait for nothing: the kernel completes it in the server's queue."""
        return await self._connect(name)

    async def settle(self) -> None:
        """Let things come to rest, clocks and spinners left aside: proves nothing."""
        await self.quiet(unless=lambda: True)

    async def peers(self, count: int, name: str) -> list[Peer]:
        """Connect clients one after another, each accepted before the next.

        Stops at the first that is proven not to be accepted: the limit found, noted with its cause.
        """
        found: list[Peer] = []
        for number in range(1, count + 1):
            peer = await self._connect(f"{name} {number}")
            if not await self.accepted(peer):
                self.branch(f"the server accepts {len(found)} at once, not {count}", limit=len(found))
                break
            found.append(peer)
        await self.quiet(unless=lambda: all(map(self._has_accepted, found)))
        return found

    async def console(self, name: str) -> Console:
        """Seat one person at the lecture's client and wait for rest, normally with the prompt."""
        master, slave = open_terminal()
        console = Console(self, name, master, knows_prompt=self._student_client is None)
        self._actors.append(console)
        try:
            answer = await self._cell.order("console", [slave], **self._client_order())
        finally:
            os.close(slave)
        console.pid = answer["pid"]
        self.journal.note(name, Kind.CONNECTED, pid=console.pid)
        await self.quiet(unless=lambda: console.has_prompted)
        return console

    def _client_order(self) -> dict[str, Any]:
        if self._student_client is not None:
            return {**asdict(self._student_client), "env": dict(self._student_client.environment)}
        environment = {"PATH": os.defpath, "TERM": "dumb"}
        if self.ports_are_shared:
            environment["TCPCLIENT_ENDS_BY_RST"] = "1"
        return {"argv": [*self._client, *map(str, self._address)], "env": environment}

    async def consoles(self, count: int, name: str) -> list[Console]:
        """Seat people one after another; stops, with its cause, at the first without a prompt."""
        found: list[Console] = []
        for number in range(1, count + 1):
            console = await self.console(f"{name} {number}")
            if not console.has_prompted:
                self.branch(f"person {number} gets no connection, so no prompt", limit=len(found))
                if not console.has_ended:
                    await self._cell.order("signal", pid=console.pid, signal=signal.SIGKILL)
                break
            found.append(console)
        return found

    async def quiet(self, *, unless: Callable[[], bool] | None = None) -> None:
        """Wait until nothing can happen by itself; then read all that has come, and note the proof.

        Where only a clock could still wake somebody, a proof takes its time: it is spared when
        what was waited for (`unless`) has come already, and mere rest is noted instead.

        Raises:
            CouldNotTell: the guard ran out first.
        """
        spare = unless is not None and self._after_proof is None
        report = await self._prove(rest_will_do=spare)
        if report["proof"] == "resting" and unless is not None and not unless():
            report = await self._prove()
        self._note(report)
        if report["proof"] == "spin" or (unless is not None and not unless()):
            await self._note_where_all_stand()
        if self._after_proof is not None:
            await self._after_proof(self, report)

    async def _note_where_all_stand(self) -> None:
        """What was waited for has not come: note the lines of the program that the family stands at."""
        if self._has_told_where:
            return
        self._has_told_where = True
        answer = await self._order("stand")
        self.journal.note("keeper", Kind.STOOD, standing=answer["standing"])

    async def release(self, peers: Sequence[Peer], line: bytes) -> None:
        """Let those who were silent speak, all at once: whoever waited for them must be answered now.

        Where connections stay open they leave, too: a server is only done with them then.
        """
        for peer in peers:
            peer.send(line)
        await self.quiet(unless=lambda: all(peer.is_served for peer in peers))
        if not self.contract.closes:
            await self.part(peers)

    async def part(self, peers: Sequence[Peer]) -> None:
        """All these clients leave at once; then wait until those who served them have gone."""
        for peer in peers:
            peer.hang_up()
        await self.quiet(unless=self.is_alone)

    @property
    def births(self) -> int:
        """How many tasks had been born in the cell when it was last seen; 0 where nobody counts them."""
        return self.snapshot["last_pid"] or 0

    def room_for(self, count: int) -> int:
        """So many clients at once, or as many as the accept queue holds; at least one."""
        return max(1, min(count, self.backlog))

    @property
    def living(self) -> int:
        """How many processes lived when they were last seen, zombies not counted."""
        return sum(process["state"] != "Z" for process in self.snapshot["family"])

    def is_alone(self) -> bool:
        """True when no process lives that was not there at the start, as far as was last seen."""
        return self.living <= len(self._first_family)

    def family_is_back(self) -> bool:
        """True when there are no more processes than at the start, zombies counted."""
        return len(self.snapshot["family"]) <= len(self._first_family)

    async def turns(self, count: int) -> None:
        """As `quiet`, but let every task that sleeps with a time limit wake so often first."""
        self._note(await self._prove(turns=count))

    async def accepted(self, peer: Peer) -> bool:
        """Whether the server has taken this client's connection; proven if not."""
        if not peer.is_connected:
            return False
        if peer.end is not None:
            return True
        answer = await self._order("accepted", port=peer.port)
        self.journal.note(peer.name, Kind.ACCEPTED if answer["holds"] else Kind.NOT_ACCEPTED)
        if "proof" in answer:
            self._note(answer)
        return bool(answer["holds"])

    async def consumed(self, peer: Peer) -> bool:
        """Whether the server has read all that this client sent; proven if not."""
        return bool((await self._order("consumed", port=peer.port))["holds"])

    async def census(self) -> dict[str, Any]:
        """The family and the sockets as they are at this moment; proves nothing."""
        return await self._cell.order("census")

    async def launch(self, output: str = "pty") -> bool:
        """Start the server anew, printing to a "pty" or a "pipe"; what comes next is aimed at it.

        False when it does not listen: nobody is there to be a client of.

        Raises:
            CouldNotTell: there is nobody to start it, as in a rehearsal without a subject.
        """
        if self._start is None:
            raise CouldNotTell("this stage cannot start a server")
        report = await self._start(output)
        self.root = report["root"] or 0
        if report["listener"] is None:
            return False
        self._aim(report)
        return True

    def branch(self, cause: str, **detail: Any) -> None:
        """Note that the scenario took another way, and why."""
        self.journal.note("stage", Kind.BRANCHED, cause=cause, **detail)

    def child_serving(self, peer: Peer) -> dict[str, Any] | None:
        """The process born after accept that held this client's connection at the last proof."""
        for process in self.snapshot["family"]:
            newcomer = process["pid"] not in self._first_family and process["pid"] != self.root
            if newcomer and peer.port in process["serves"]:
                return dict(process)
        return None

    def process_serving(self, peer: Peer) -> int | None:
        """A process that held this client's connection at the last look; the youngest, None without."""
        pids = [each["pid"] for each in self.snapshot["family"] if peer.port in each["serves"]]
        return pids[-1] if pids else None

    def is_deferred(self, peer: Peer) -> bool:
        """Whether the kernel kept the connection from the server at the last look: it is silent yet."""
        connection = self.snapshot["connections"].get(str(peer.port))
        return connection is not None and connection["accepted"] and connection["state"] == "SYN_RECV"

    def parent_of(self, child: Mapping[str, Any]) -> int:
        """Its parent within the family; the server's first process when that has gone."""
        pids = [process["pid"] for process in self.snapshot["family"]]
        return int(child["ppid"]) if child["ppid"] in pids else self.root

    def close(self) -> None:
        """Take every actor off."""
        for actor in self._actors:
            actor.close()
        for fd in self._spare + self.held:
            os.close(fd)

    def _has_accepted(self, peer: Peer) -> bool:
        connection = self.snapshot["connections"].get(str(peer.port))
        return peer.end is not None or (connection is not None and connection["accepted"])

    async def _order(self, name: str, fds: list[int] | None = None, **words: Any) -> dict[str, Any]:
        """An order that may wait, and so takes the guard along."""
        deadline = Deadline.after(self._guard_s)
        return await self._cell.order(name, fds, deadline_ns=deadline.at_ns, **words)

    async def _prove(self, **words: Any) -> dict[str, Any]:
        """A proof, with nothing of ours left to send or to make room for.

        What we write, and what we read from a full buffer, sets a server going again. A reply that
        still comes, and is right so far, has the guard begin anew: it may take its time. So may one
        that has begun while a clock is to strike: its server may be asleep between two pieces.
        """
        patience = _PATIENCE
        while True:
            peers = [actor for actor in self._actors if isinstance(actor, Peer)]
            before = [(peer.taken, len(peer.received)) for peer in peers]
            report = await self._order("prove", **words)
            for actor in self._actors:
                actor.drain()
            for peer in peers:
                peer.flush()
            self.snapshot = report
            goes_on = any(
                peer.is_being_answered(since) for peer, (_, since) in zip(peers, before, strict=True)
            )
            if goes_on and report["proof"] == "guard" and self._extensions > 0:
                self._extensions -= 1
                continue
            patience = _PATIENCE if goes_on else patience - 1
            strikes_s = ((report["until_ns"] or 0) - time.monotonic_ns()) / 1e9
            is_patient = report["proof"] == "until" and patience > 0 and strikes_s < _LONGEST_PAUSE_S
            if is_patient and any(peer.is_half_answered for peer in peers):
                await asyncio.sleep(max(0.0, strikes_s))
                continue
            if not any(
                peer.taken > taken or len(peer.received) - received >= _MUCH
                for peer, (taken, received) in zip(peers, before, strict=True)
            ):
                return report

    def _note(self, report: dict[str, Any]) -> None:
        self.snapshot = report
        self.journal.note_proof(report)
        if report["proof"] == "guard":
            raise CouldNotTell(report["why_not"])

    async def crowd(
        self,
        name: str,
        lines: Sequence[bytes],
        *,
        at_once: int,
        delay_s: float = 0.0,
        arrivals_s: Sequence[float] = (),
        guard_s: float = GUARD_S,
    ) -> list[Visit]:
        """Many clients at once, each with its own line, and one event for all; see `crowd.crowd`."""
        fds, address = await self.sockets(len(lines))
        visits = await asyncio.to_thread(
            crowd,
            fds,
            address,
            [self.contract.line(line) for line in lines],
            delay_s=delay_s,
            at_once=at_once,
            arrivals_s=arrivals_s,
            is_whole=lambda data, line: self.contract.is_whole(self.contract.reply_in(data, line)),
            script=self.contract.script,
            half_closes=self.contract.at_half_close,
            ends_by_rst=self.ports_are_shared,
            guard_s=guard_s,
        )
        self.journal.note("stage", Kind.CROWDED, **as_detail(name, visits))
        return visits

    async def passers_by(self, name: str, count: int, *, resets: bool = False) -> int:
        """So many connect at once and leave, without a word or in mid-line by RST; see it come to rest.

        One event for all. Returns how many were connected.
        """
        fds, address = await self.sockets(count)
        came = await asyncio.to_thread(pass_by, fds, address, resets=resets)
        self.journal.note(name, Kind.RESET if resets else Kind.LEFT, count=came)
        await self.settle()
        return came

    async def sockets(self, count: int) -> tuple[list[int], tuple[str, int]]:
        """So many sockets born in the cell, and the server's address, for a crowd; the caller's own."""
        fds: list[int] = []
        while len(fds) < count:
            some = min(count - len(fds), _MOST_SOCKETS)
            fds += (await self._cell.order_for_fds("sockets", count=some, v6=self.speaks_v6))[1]
        return fds, self._address

    @property
    def _address(self) -> tuple[str, int]:
        return "::1" if self.speaks_v6 else "127.0.0.1", self.port

    async def _connect(self, name: str, *, reads: bool = True) -> Peer:
        if not self._spare:
            self._spare, _ = await self.sockets(_SOCKETS_AT_ONCE)
        sock = socket.socket(fileno=self._spare.pop())
        try:
            sock.setblocking(False)
            if not reads:
                # The server's buffer grows with the segments: 4 MB with those of the loopback.
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SMALL_BUFFER)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, _SMALL_SEGMENT)
            code = sock.connect_ex(self._address)
            if code in _IN_PROGRESS:
                code = await self._patiently(sock)
        except BaseException:
            sock.close()
            raise
        peer = Peer(self, name, sock, reads=reads)
        self._actors.append(peer)
        if code == 0:
            self.journal.note(name, Kind.CONNECTED, port=peer.port)
            peer.begin()
        else:
            kind = Kind.HANGS if code in _IN_PROGRESS else Kind.REFUSED
            self.journal.note(name, kind, errno=errno.errorcode.get(code, "?"))
            peer.give_up()
        return peer

    async def _patiently(self, sock: socket.socket) -> int:
        """Wait for a connection whose SYN was dropped; give up when the queue is proven full.

        On a busy machine the kernel leaves even the loopback's segments to a thread (ksoftirqd): a
        proof is begun only when that has had its turn.
        """
        connecting = select.poll()
        connecting.register(sock, select.POLLOUT)
        await _until_writable(sock, _SOFTIRQ_S)
        report: dict[str, Any] = {}
        for rest_will_do in (True, False):
            report = await self._prove(rest_will_do=rest_will_do)
            if connecting.poll(0):
                return sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if report["proof"] != "resting":
                break
        self._note(report)
        return errno.ECONNREFUSED if report["listener"] is None else errno.EINPROGRESS


async def _until_writable(sock: socket.socket, patience_s: float) -> None:
    """Until it can be written to, or until patience is at its end."""
    loop, writable = asyncio.get_running_loop(), asyncio.Event()
    loop.add_writer(sock, writable.set)
    try:
        async with asyncio.timeout(patience_s):
            await writable.wait()
    except TimeoutError:
        pass
    finally:
        loop.remove_writer(sock)
