"""Our own server, for a client on trial: it answers only what and when the scenario says."""

import contextlib
import socket
from typing import Final

from harness.cell.cell import Cell
from harness.cell.client_protocol import MakeSockets
from harness.record.client_run import CLIENT, SERVER
from harness.record.contract import Contract
from harness.record.events import (
    Connected,
    End,
    Fin,
    HalfClosed,
    Left,
    Listens,
    Received,
    Rst,
    Said,
    Sent,
)
from harness.record.line_form import filled

from .client_sockets import close_will_reset
from .rest import Actor, News, Progress, Rest

_CHUNK: Final = 1 << 16
_BACKLOG: Final = 16
_MOST: Final = 1 << 20


class OurServer(Actor):
    """`heard` is all that the client has sent since it was started last."""

    def __init__(self, cell: Cell, rest: Rest, contract: Contract, port: int) -> None:
        """Once it listens, it has this `port` on 127.0.0.0/8 in the cell."""
        self.heard = b""
        self._cell = cell
        self._rest = rest
        self._journal = rest.journal
        self._contract = contract
        self._port = port
        self._leaves_at_once = False
        self._listener: socket.socket | None = None
        self._connections: list[socket.socket] = []
        self._still_sending: set[socket.socket] = set()

    @property
    def is_connected(self) -> bool:
        """Whether the client has a connection; it may have ended its own side."""
        return bool(self._connections)

    async def listen(self, *, leaves_at_once: bool = False) -> None:
        """From now on a client can connect. With `leaves_at_once` each connection is closed at once."""
        self._leaves_at_once = leaves_at_once
        _, (fd,) = await self._cell.ask_for_fds(MakeSockets(1, v6=False))
        self._listener = socket.socket(fileno=fd)
        self._listener.setblocking(False)
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._bind_here(self._listener)
        self._listener.listen(_BACKLOG)
        self._journal.note(Listens, SERVER, port=self._port)

    def _bind_here(self, listener: socket.socket) -> None:
        """To every address of the loopback device, 127.0.1.1 for one, and to nothing outside."""
        host = ""
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"lo")
        except OSError:  # before Linux 5.7 it takes CAP_NET_RAW (socket(7))
            host = "127.0.0.1"
        listener.bind((host, self._port))

    async def answer(self, data: bytes) -> None:
        """Send these bytes on every connection, and wait until they have been read.

        Mere rest will do: a proof of it can outlast a client that waits a second for the next piece.
        """
        for connection in self._connections:
            with contextlib.suppress(OSError):
                connection.send(data)
        self._journal.note(Sent, SERVER, data)
        await self._rest.settle()

    async def hang_up(self) -> None:
        """All has been said: end our side of every connection, read on, and wait for rest."""
        for connection in self._connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_WR)
        self._journal.note(HalfClosed, SERVER)
        await self._rest.quiet()

    def catch_up(self, _: Progress) -> News:
        """Accept the clients that have connected, read what they sent; a connection or an end wakes."""
        return News(wakes=self._let_in() | self._hear())

    def _let_in(self) -> bool:
        """Accept all clients that have connected; True when there was one."""
        found = False
        while self._listener is not None:
            try:
                connection, (_, port) = self._listener.accept()
            except OSError:
                break
            found = True
            self._journal.note(Connected, CLIENT, port=port)
            connection.setblocking(False)
            if self._leaves_at_once:
                connection.close()
                self._journal.note(Left, SERVER)
            else:
                self._connections.append(connection)
                self._still_sending.add(connection)
                self._greet(connection)
        return found

    def _greet(self, connection: socket.socket) -> None:
        """Send what by the contract a server sends first."""
        if self._contract.greeting:
            greeting = filled(self._contract.greeting, b"", b"")
            with contextlib.suppress(OSError):
                connection.send(greeting)
            self._journal.note(Said, SERVER, greeting)

    def _hear(self) -> bool:
        """Read what clients have sent; a flood is cut off. True when one has ended its side."""
        ended = False
        for connection in [each for each in self._connections if each in self._still_sending]:
            heard = b""
            end: End | None = None
            while end is None and len(heard) < _MOST:
                try:
                    data = connection.recv(_CHUNK)
                except BlockingIOError:
                    break
                except OSError:
                    end = End.RST
                else:
                    heard += data
                    end = None if data else End.FIN
            if heard:
                self._journal.note(Received, CLIENT, heard)
                self.heard += heard
            if end is not None:
                self._journal.note(Fin if end is End.FIN else Rst, CLIENT)
                self._still_sending.discard(connection)
                if end is End.RST:
                    connection.close()
                    self._connections.remove(connection)
                ended = True
        return ended

    def close(self) -> None:
        """End every connection by RST, so that nothing of it stays, and listen no more."""
        for each in self._connections:
            close_will_reset(each)
            each.close()
        if self._listener is not None:
            self._listener.close()
