"""The stage of a client on trial: a person at its keyboard, and a server of ours that does as told.

Every act is followed by a proof of rest, as on a server's stage.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from harness.cell.cells import Cell
from harness.record.client_run import CLIENT, SERVER
from harness.record.contract import Contract
from harness.record.dialogue import filled
from harness.record.journal import Journal
from harness.record.recording import Kind

from .console import deliver, open_terminal
from .deadline import GUARD_S, CouldNotTell, Deadline
from .reset import close_will_reset

_CHUNK: Final = 1 << 16
_BACKLOG: Final = 16
_MOST: Final = 1 << 20
_MOST_CHUNKS: Final = 16  # at a time: who prints for ever is not to keep us for ever
_END_OF_INPUT: Final = b"\x04"
Start = Callable[[int], Awaitable[Mapping[str, Any]]]


class ClientStage:
    """One client at a time, started on a terminal of its own.

    `shown` is all that it has printed, `heard` all that it has sent since it was started last.
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
        """`start(terminal)` launches the client there and returns the report of its proof of rest.

        Our server, once it serves, has this `port` on 127.0.0.0/8 in the cell.
        """
        self.journal = journal
        self.contract = contract or Contract()
        self.shown = b""
        self.heard = b""
        self.snapshot: Mapping[str, Any] = {}
        self.leaves_at_once = False
        self._cell = cell
        self._start = start
        self._port = port
        self._guard_s = guard_s
        self._listener: socket.socket | None = None
        self._connections: list[socket.socket] = []
        self._still_sending: set[socket.socket] = set()
        self._master = -1
        self._loop = asyncio.get_running_loop()

    async def serve(self) -> None:
        """Let our server listen: from now on a client can connect."""
        (fd,) = (await self._cell.order_for_fds("sockets", count=1, v6=False))[1]
        self._listener = socket.socket(fileno=fd)
        self._listener.setblocking(False)
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._bind_here(self._listener)
        self._listener.listen(_BACKLOG)
        self.journal.note(SERVER, Kind.LISTENS, port=self._port)

    def _bind_here(self, listener: socket.socket) -> None:
        """To every address of the loopback device, 127.0.1.1 for one, and to nothing outside."""
        host = ""
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"lo")
        except OSError:  # before Linux 5.7 it takes CAP_NET_RAW (socket(7))
            host = "127.0.0.1"
        listener.bind((host, self._port))

    async def start(self) -> None:
        """Start the client, and see it come to rest: at its prompt, or at its end."""
        self._hang_up_terminal()
        self.heard = b""
        self._master, slave = open_terminal()
        self._loop.add_reader(self._master, self._read_terminal)
        report = await self._start(slave)
        await self._settle(dict(report))

    async def start_and_type(self, line: bytes) -> bool:
        """Start it, and type a line if it waits for one; whether it has connected then."""
        await self.start()
        if self.is_running:
            await self.type_line(line)
        return self.is_connected

    async def asks(self, line: bytes) -> bool:
        """Start it, and type a line if it waits for one; whether there is anything to answer then."""
        if not await self.start_and_type(line):
            self.branch("nobody is connected to our server")
        elif not self.heard:
            self.branch("nothing has come to our server, so it has nothing to answer")
        else:
            return True
        return False

    async def part(self) -> None:
        """The end of a conversation: our server closes, where it is to, and the person types ^D."""
        if self.is_connected and self.contract.closes:
            await self.hang_up()
        if self.is_running:
            await self.end_input()

    @property
    def is_running(self) -> bool:
        """Whether anything of the client lived when it was last seen."""
        return any(process["state"] != "Z" for process in self.snapshot["family"])

    @property
    def is_connected(self) -> bool:
        """Whether the client has a connection to our server; it may have ended its own side."""
        return bool(self._connections)

    async def type_line(self, line: bytes) -> None:
        """Type a line and Enter."""
        self.journal.note(CLIENT, Kind.TYPED, line)
        await self._type(line)

    async def end_input(self) -> None:
        """Type ^D at the beginning of a line: the end of input (termios(3), VEOF)."""
        self.journal.note(CLIENT, Kind.TYPED, b"")
        await self._type(_END_OF_INPUT)

    async def answer(self, data: bytes) -> None:
        """Send so much to whoever is connected."""
        for connection in self._connections:
            with contextlib.suppress(OSError):
                connection.send(data)
        self.journal.note(SERVER, Kind.SENT, data)
        await self.quiet()

    async def hang_up(self) -> None:
        """Our server has said all: it ends its side of every connection, and reads on."""
        for connection in self._connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_WR)
        self.journal.note(SERVER, Kind.HALF_CLOSED)
        await self.quiet()

    async def quiet(self) -> None:
        """Wait until the client can do nothing more by itself.

        Raises:
            CouldNotTell: the guard ran out first.
        """
        deadline = Deadline.after(self._guard_s)
        await self._settle(await self._cell.order("prove", deadline_ns=deadline.at_ns))

    def branch(self, cause: str) -> None:
        """Note that the scenario took another way, and why."""
        self.journal.note("stage", Kind.BRANCHED, cause=cause)

    def close(self) -> None:
        """End everything of ours; connections by RST, so that nothing of them stays."""
        self._hang_up_terminal()
        for each in self._connections:
            close_will_reset(each)
            each.close()
        if self._listener is not None:
            self._listener.close()

    async def _type(self, data: bytes) -> None:
        with contextlib.suppress(OSError):
            os.write(self._master, data)
            deliver(self._master)
        await self.quiet()

    async def _settle(self, report: dict[str, Any]) -> None:
        """Take what has come; who has connected meanwhile, or ended, is one more reason to look."""
        while True:
            self._read_terminal()
            moved = self._let_in() | self._hear()
            self.snapshot = report
            if not moved:
                break
            deadline = Deadline.after(self._guard_s)
            report = await self._cell.order("prove", deadline_ns=deadline.at_ns)
        self.journal.note_proof(report)
        if report["proof"] == "guard":
            raise CouldNotTell(report["why_not"])

    def _let_in(self) -> bool:
        """Accept whoever has connected."""
        found = False
        while self._listener is not None:
            try:
                connection, (_, port) = self._listener.accept()
            except OSError:
                break
            found = True
            self.journal.note(CLIENT, Kind.CONNECTED, port=port)
            connection.setblocking(False)
            if self.leaves_at_once:
                connection.close()
                self.journal.note(SERVER, Kind.LEFT)
            else:
                self._connections.append(connection)
                self._still_sending.add(connection)
                self._greet(connection)
        return found

    def _greet(self, connection: socket.socket) -> None:
        """Say what by the contract a server says first."""
        if self.contract.greeting:
            greeting = filled(self.contract.greeting, b"", b"")
            with contextlib.suppress(OSError):
                connection.send(greeting)
            self.journal.note(SERVER, Kind.SAID, greeting)

    def _hear(self) -> bool:
        """Read what clients have sent; a flood is cut off. True when one has ended its side."""
        ended = False
        for connection in [each for each in self._connections if each in self._still_sending]:
            heard = b""
            end: Kind | None = None
            while end is None and len(heard) < _MOST:
                try:
                    data = connection.recv(_CHUNK)
                except BlockingIOError:
                    break
                except OSError:
                    end = Kind.RST
                else:
                    heard += data
                    end = None if data else Kind.FIN
            if heard:
                self.journal.note(CLIENT, Kind.RECEIVED, heard)
                self.heard += heard
            if end is not None:
                self.journal.note(CLIENT, end)
                self._still_sending.discard(connection)
                if end is Kind.RST:
                    connection.close()
                    self._connections.remove(connection)
                ended = True
        return ended

    def _read_terminal(self) -> None:
        """What the client has printed; its first words are taken for the prompt."""
        for _ in range(_MOST_CHUNKS):
            try:
                data = os.read(self._master, _CHUNK)
            except (BlockingIOError, OSError):
                return
            if not data:
                return
            if len(self.shown) < _MOST:
                self.journal.note(CLIENT, Kind.SHOWN, data)
                self.shown += data

    def _hang_up_terminal(self) -> None:
        if self._master >= 0:
            self._loop.remove_reader(self._master)
            os.close(self._master)
            self._master = -1
