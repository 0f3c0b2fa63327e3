"""People on the stage: each sits at a client program, the lecture's or a student's own."""

import os
import signal
from collections.abc import Sequence

from harness.cell.cell import Cell
from harness.cell.client_protocol import StartConsole, StartGuest, WasKilled
from harness.cell.message import Program
from harness.cell.server_protocol import SendSignal
from harness.record.contract import Contract
from harness.record.events import ClientKilled, Connected

from .console import Console
from .pseudo_terminal import open_terminal
from .rest import Rest
from .server import Server


class People:
    """Seats people, each at a terminal of their own. Waits raise as those of `Rest` do."""

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
        """They sit at the `reference` client, or at a `student`'s own where there is one."""
        self.seated: list[Console] = []
        self._cell = cell
        self._rest = rest
        self._server = server
        self._contract = contract
        self._reference = list(reference)
        self._student = student
        self._ends_by_rst = cell.kind == "plain"

    async def seat(self, count: int) -> list[Console]:
        """Seat people one after another. Stops at the first without a prompt, and notes why."""
        found: list[Console] = []
        for number in range(1, count + 1):
            console = await self._sit_down(f"person {number}")
            if not console.has_prompted:
                self._rest.branch(f"person {number} gets no connection, so no prompt", limit=len(found))
                if console.has_ended:
                    await self._note_if_killed(console)
                else:
                    await self._cell.ask(SendSignal(console.pid, signal.SIGKILL))
                break
            found.append(console)
        return found

    async def note_killed(self, seated: Sequence[Console]) -> None:
        """Note those of the people whose client program was ended by a signal."""
        for console in seated:
            if console.has_ended:
                await self._note_if_killed(console)

    async def _sit_down(self, name: str) -> Console:
        """Start a client program for one person, and wait for rest, normally with the prompt."""
        master, slave = open_terminal()
        console = Console(self._rest, self._contract, name, master, knows_prompt=self._student is None)
        self.seated.append(console)
        self._rest.heed(console)
        try:
            console.pid = await self._start_at(slave)
        finally:
            os.close(slave)
        self._rest.journal.note(Connected, name, pid=console.pid)
        await self._rest.quiet(unless=lambda: console.has_prompted)
        return console

    async def _note_if_killed(self, console: Console) -> None:
        if await self._cell.ask(WasKilled(console.pid)):
            self._rest.journal.note(ClientKilled, console.name)

    async def _start_at(self, terminal: int) -> int:
        """Start the client program that people sit at on a terminal; its pid."""
        if self._student is not None:
            return await self._cell.ask(StartGuest(self._student), [terminal])
        environment = {b"PATH": os.defpath.encode(), b"TERM": b"dumb"}
        if self._ends_by_rst:
            environment[b"TCPCLIENT_ENDS_BY_RST"] = b"1"
        argv = [os.fsencode(word) for word in (*self._reference, *map(str, self._server.address))]
        return await self._cell.ask(StartConsole(argv, environment), [terminal])

    def close(self) -> None:
        """End every client program."""
        for console in self.seated:
            console.close()
