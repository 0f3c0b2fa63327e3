"""The stage of one run: the server, its clients, and the proofs of rest between their acts."""

import random
from collections.abc import Callable, Sequence

from harness.cell.cell import Cell
from harness.cell.message import Program
from harness.record.contract import Contract
from harness.record.journal import Journal

from .clients import Clients
from .deadline import GUARD_S
from .look import Look
from .peer import Peer
from .rest import AfterProof, Rest
from .server import Launch, Server, Start


class Stage:
    """What a scenario plays on: `server`, `clients`, `rest`. After every act all comes to rest.

    The few words that nearly every scenario says stand here as well: `peer`, `peers`, `part`, `quiet`,
    `settle`, `branch`.
    """

    def __init__(
        self,
        cell: Cell,
        journal: Journal,
        start: Start,
        *,
        told: int = 0,
        seed: int = 0,
        contract: Contract | None = None,
        client: Sequence[str] = (),
        student_client: Program | None = None,
        launch: Launch | None = None,
        guard_s: float = GUARD_S,
        after_proof: AfterProof | None = None,
    ) -> None:
        """`told` and `launch` are as `Server` has them, `guard_s` and `after_proof` as `Rest` has them.

        People sit at the command `client`, or at a `student_client`.
        """
        self.contract = contract or Contract()
        self.random = random.Random(seed)
        self.ports_are_shared = cell.kind == "plain"
        self.rest = Rest(cell, journal, guard_s=guard_s, after_proof=after_proof)
        self.server = Server(cell, self.rest, start, told=told, launch=launch)
        self.clients = Clients(
            cell, self.rest, self.server, self.contract, reference=client, student=student_client
        )

    def look(self) -> Look:
        """The server's family as it was last seen; nothing is looked up anew."""
        return self.server.look()

    async def peer(self, name: str, *, proven: bool = False, reads: bool = True) -> Peer:
        """Connect one client that says nothing yet; see `Clients.peer`."""
        return await self.clients.peer(name, proven=proven, reads=reads)

    async def peers(self, count: int, name: str) -> list[Peer]:
        """Connect clients one after another, each accepted before the next; see `Clients.peers`."""
        return await self.clients.peers(count, name)

    async def part(self, peers: Sequence[Peer]) -> None:
        """These clients leave at once; wait until the processes that served them have gone."""
        await self.clients.part(peers)

    async def quiet(self, *, unless: Callable[[], bool] | None = None) -> None:
        """Wait until nothing can happen by itself; see `Rest.quiet`."""
        await self.rest.quiet(unless=unless)

    async def settle(self) -> None:
        """Let everything come to rest, but for clocks and spinners. This proves nothing."""
        await self.rest.settle()

    def branch(
        self,
        cause: str,
        *,
        limit: int | None = None,
        places: int | None = None,
        waiting: int | None = None,
    ) -> None:
        """Note that the scenario took another way, and why."""
        self.rest.branch(cause, limit=limit, places=places, waiting=waiting)

    def close(self) -> None:
        """Take every client off."""
        self.clients.close()
        self.server.close()
