"""The stage of a client on trial: a person at its keyboard, and a server of ours."""

from harness.cell.cell import Cell
from harness.record.contract import Contract
from harness.record.journal import Journal

from .deadline import GUARD_S
from .our_server import OurServer
from .person import Person, Start
from .rest import Rest


class ClientStage:
    """What a client's scenario plays on: `person`, `server`, `rest`. One client runs at a time.

    After every act all comes to rest, as on a server's stage.
    """

    def __init__(
        self,
        cell: Cell,
        journal: Journal,
        start: Start,
        *,
        port: int,
        contract: Contract | None = None,
        guard_s: float = GUARD_S,
    ) -> None:
        """`start` is as `Person` has it, `port` and `contract` as `OurServer` has them.

        `guard_s` is the longest that one wait may take, in seconds.
        """
        self.contract = contract or Contract()
        self.rest = Rest(cell, journal, guard_s=guard_s, notes_place=False)
        self.person = Person(self.rest, start)
        self.server = OurServer(cell, self.rest, self.contract, port)
        self.rest.heed(self.person)
        self.rest.heed(self.server)
        self.branch = self.rest.branch

    @property
    def is_running(self) -> bool:
        """Whether any process of the client lived when it was last seen."""
        return bool(self.rest.snapshot.living)

    async def start(self) -> None:
        """Start the client anew, and wait for rest: at its prompt, or at its end."""
        self.server.heard = b""
        await self.person.start()

    async def start_and_type(self, line: bytes) -> bool:
        """Start the client, and type a line if it waits for one; whether it has connected then.

        Nothing is proven once the line has come: a client may wait for its reply no longer than a
        second.
        """
        await self.start()
        if self.is_running:
            await self.person.type_line(line, unless=lambda: self.server.heard.endswith(b"\n"))
        return self.server.is_connected

    async def asks(self, line: bytes) -> bool:
        """Start the client, and type a line if it waits for one; whether it has sent anything then."""
        if not await self.start_and_type(line):
            self.branch("nobody is connected to our server")
        elif not self.server.heard:
            self.branch("nothing has come to our server, so it has nothing to answer")
        else:
            return True
        return False

    async def part(self) -> None:
        """The end of a conversation: our server closes, if the contract says so; the person types ^D."""
        if self.server.is_connected and self.contract.closes:
            await self.server.hang_up()
        if self.is_running:
            await self.person.end_input()
        else:
            await self.rest.quiet()

    def close(self) -> None:
        """End everything of ours."""
        self.person.close()
        self.server.close()
