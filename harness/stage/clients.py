"""All clients that a scenario brings on: peers, people, crowds."""

import asyncio
import errno
import time
from collections.abc import Sequence

from harness.cell.cell import Cell
from harness.cell.message import Program
from harness.observe.processors import Idleness
from harness.record.contract import Contract
from harness.record.events import Accepted, Connected, Crowded, Hangs, Left, Refused, Reset
from harness.record.visits import Visit

from .crowd import STALL_S, Tally, crowd
from .deadline import GUARD_S, after_ns
from .dialer import IN_PROGRESS, Dialer
from .passing import pass_by
from .peer import Peer
from .people import People
from .plain import Plain
from .rest import Rest
from .server import Server
from .sources import spread


class Clients:
    """Brings clients on. Each connects once all is at rest, unless its method says otherwise.

    Waits raise as those of `Rest` do. With `spares_port` a client that has read the server's FIN ends
    by RST; see `peer.Host`.
    """

    def __init__(
        self,
        cell: Cell,
        rest: Rest,
        server: Server,
        contract: Contract,
        *,
        reference: Sequence[str],
        student: Program | None,
    ) -> None:
        """`people` sit at the `reference` client, or at a `student`'s own where there is one."""
        self.rest = rest
        self.contract = contract
        self.spares_port = cell.kind == "plain"
        self._server = server
        self._dialer = Dialer(cell, rest, server)
        self.people = People(cell, rest, server, contract, reference=reference, student=student)
        self._peers: list[Peer] = []
        self._plain: list[Plain] = []

    async def peer(
        self, name: str, *, proven: bool = False, reads: bool = True, begins: bool = True
    ) -> Peer:
        """Connect one client that says nothing yet, and wait for rest.

        With `proven` the wait ends by a proof: what is seen then may be held against the server. With
        `reads` False the client has a small receive buffer, and reads nothing before `read_on`; some
        45 kB fit into the buffers between it and the server, which then has to wait. With `begins` False
        it says nothing of a dialogue's opening either, its name for example.

        A server that has given up its port until a clock strikes is waited for.
        """
        await self._until_it_listens()
        peer = await self._connect(name, reads=reads, begins=begins)
        if proven:  # the proof takes longer than some servers wait for a word
            await self._note_accepted(peer)
        await self.rest.quiet(unless=None if proven else lambda: self._server.look().has_taken(peer))
        return peer

    async def dial(self, name: str) -> Peer:
        """Connect one client, and wait for nothing: the kernel puts it into the server's queue."""
        return await self._connect(name)

    async def hasty(self, name: str, line: bytes) -> Peer:
        """Connect one client whose line is there when the server accepts it; wait for nothing."""
        listens = self.rest.snapshot.listener is not None
        peer = await self._connect(name, with_first_words=listens and self.contract.dialogue is None)
        peer.send(line)
        return peer

    async def plain(self, name: str) -> Plain | None:
        """An ordinary connection, for a caller with a protocol of its own; None if it is not let in."""
        await self._until_it_listens()
        sock, code = await self._dialer.connect()
        if code:
            self._note_refused(name, code)
            sock.close()
            return None
        plain = Plain(name, sock, self.rest.journal)
        self._plain.append(plain)
        self.rest.journal.note(Connected, name, port=plain.port)
        await self.rest.settle()
        return plain

    async def peers(self, count: int, name: str) -> list[Peer]:
        """Connect clients, each accepted before the next; stop and note it at the first that is not."""
        found: list[Peer] = []
        for number in range(1, count + 1):
            peer = await self._connect(f"{name} {number}")
            if not await self.rest.accepted(peer):
                self.rest.branch(
                    f"the server accepts {len(found)} at once, not {count}", limit=len(found)
                )
                break
            found.append(peer)
        await self.rest.quiet(unless=lambda: all(map(self._server.look().has_taken, found)))
        return found

    async def release(self, peers: Sequence[Peer], line: bytes) -> None:
        """Let silent clients send this line at once; where connections stay open they leave, too."""
        for peer in peers:
            peer.send(line)
        await self.rest.quiet(unless=lambda: all(peer.is_served for peer in peers))
        if not self.contract.closes:
            await self.part(peers)

    async def part(self, peers: Sequence[Peer]) -> None:
        """These clients leave at once; wait until the processes that served them have gone."""
        for peer in peers:
            peer.hang_up()
        await self.rest.quiet(unless=self._server.is_alone)

    async def who_forks(self, name: str, line: bytes) -> int:
        """Let a client be served and leave: the pid of the process that forks for it; 0 for no child."""
        client = await self.peer(name)
        if self._server.look().child_serving(client) is None:
            await self.rest.quiet()  # a server that never sleeps may have accepted, and not forked yet
        look = self._server.look()
        child = look.child_serving(client)
        await client.ask(line)
        await client.leave()
        if child is None:
            self.rest.branch("no process was born for a client: nobody forks")
            return 0
        return look.parent_of(child)

    async def end_child(self, peer: Peer, line: bytes) -> None:
        """Let the child that serves this client end: the client says its line, and leaves."""
        peer.send(line)
        await self.rest.settle()
        peer.hang_up()
        await self.rest.settle()

    async def all_leave(self) -> None:
        """All clients and people leave; wait until the processes that served them have gone."""
        for plain in self._plain:
            plain.close()
        self.people.close()
        await self.part(self._peers)

    async def outlast(self, peer: Peer, seconds: float) -> None:
        """Wait until the server has ended this silent client's connection, for at most `seconds`."""
        await peer.until_the_end(seconds)
        await self.rest.settle()

    async def outlast_clocks(self, peer: Peer, seconds: float) -> None:
        """Let clocks strike that may end this silent client's connection, for at most `seconds`.

        All that time, where an alarm may end a child: nobody can see it.
        """
        end_ns = after_ns(seconds)
        await self.rest.quiet(unless=lambda: peer.end is not None)
        while peer.end is None and (left_s := (end_ns - time.monotonic_ns()) / 1e9) > 0:
            if self.rest.may_set_alarms:
                await self.outlast(peer, left_s)
            elif not await self.rest.outlast_a_clock(left_s):
                return

    async def crowd(
        self,
        name: str,
        lines: Sequence[bytes],
        *,
        at_once: int,
        delay_s: float = 0.0,
        arrivals_s: Sequence[float] = (),
        guard_s: float = GUARD_S,
        stall_s: float = STALL_S,
        tally: Tally | None = None,
    ) -> list[Visit]:
        """Many clients at once, each with a line of its own; see `crowd.crowd`. One event for all."""
        at_once = min(at_once, self.contract.most_at_once or at_once)
        fds, idleness = await self._dialer.sockets(len(lines)), Idleness()
        spread(fds, self._server.address[0])
        visits = await asyncio.to_thread(
            crowd,
            fds,
            self._server.address,
            [self.contract.line(line) for line in lines],
            delay_s=delay_s,
            at_once=at_once,
            arrivals_s=arrivals_s,
            contract=self.contract,
            ends_by_rst=self.spares_port,
            guard_s=guard_s,
            stall_s=stall_s,
            tally=tally,
        )
        self.rest.journal.note(Crowded, "stage", name, tuple(visits), idleness.share())
        return visits

    async def passers_by(self, name: str, count: int, *, resets: bool = False) -> int:
        """Many clients connect at once and leave; then wait for rest. One event for all.

        They leave without a word or, with `resets`, in the middle of a line and by RST. Returns how
        many were connected.
        """
        fds = await self._dialer.sockets(count)
        came = await asyncio.to_thread(pass_by, fds, self._server.address, resets=resets)
        self.rest.journal.note(Reset if resets else Left, name, count=came)
        await self.rest.settle()
        return came

    def close(self) -> None:
        """Take every client off."""
        for peer in self._peers:
            peer.close()
        for plain in self._plain:
            plain.close()
        self.people.close()
        self._dialer.close()

    async def _note_accepted(self, peer: Peer) -> None:
        """Note, as soon as all is at rest, that the server has this client's connection, if it has."""
        await self.rest.prove(rest_will_do=True)
        if peer.end is None and self._server.look().has_taken(peer):
            self.rest.journal.note(Accepted, peer.name)

    async def _until_it_listens(self) -> None:
        """Wait while nothing listens, if only a clock can bring the listening socket back."""
        if self.rest.snapshot.listener is None and self.rest.snapshot.living:
            await self.rest.outlast_clocks(unless=lambda: self.rest.snapshot.listener is not None)

    async def _connect(
        self, name: str, *, reads: bool = True, begins: bool = True, with_first_words: bool = False
    ) -> Peer:
        sock, code = await self._dialer.connect(reads=reads, with_first_words=with_first_words)
        peer = Peer(self, name, sock, reads=reads, begins=begins)
        self._peers.append(peer)
        self.rest.heed(peer)
        if code == 0:
            self.rest.journal.note(Connected, name, port=peer.port)
            peer.begin()
        else:
            self._note_refused(name, code)
            peer.give_up()
        return peer

    def _note_refused(self, name: str, code: int) -> None:
        kind = Hangs if code in IN_PROGRESS else Refused
        self.rest.journal.note(kind, name, errno=errno.errorcode.get(code, "?"))
