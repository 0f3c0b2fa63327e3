"""The stage of one run: the server, its clients, and the proofs of rest between their acts."""

import random
from collections.abc import Sequence

from harness.cell.cell import Cell
from harness.cell.message import Program
from harness.record.contract import Contract
from harness.record.dialogue import Dialogue
from harness.record.journal import Journal

from .clients import Clients
from .deadline import GUARD_S
from .rest import AfterProof, Rest
from .server import Launch, Server, Start


class Stage:
    """What a scenario plays on: `server`, `clients`, `rest`. After every act all comes to rest.

    The few words that nearly every scenario says stand here as well: `look`, `peer`, `peers`, `part`,
    `quiet`, `settle`, `branch`.
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
        needs_proof: bool = True,
        moments: int | None = None,
        script: Dialogue | None = None,
    ) -> None:
        """`told` and `launch` are as `Server` has them, the next three as `Rest` has them.

        People sit at the command `client`, or at a `student_client`. Nobody is held at more than so many
        `moments`; None leaves it to the scenario. `script`: what clients say where a contract is learnt.
        """
        self.contract = contract or Contract()
        self.random = random.Random(seed)
        self.moments = moments
        self.script = script
        self.ports_are_shared = cell.kind == "plain"
        self.rest = Rest(
            cell, journal, guard_s=guard_s, after_proof=after_proof, needs_proof=needs_proof
        )
        self.server = Server(cell, self.rest, start, told=told, launch=launch)
        self.clients = Clients(
            cell, self.rest, self.server, self.contract, reference=client, student=student_client
        )
        self.look = self.server.look
        self.peer, self.peers, self.part = self.clients.peer, self.clients.peers, self.clients.part
        self.quiet, self.settle, self.branch = self.rest.quiet, self.rest.settle, self.rest.branch

    def close(self) -> None:
        """Take every client off."""
        self.clients.close()
