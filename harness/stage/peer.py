"""One socket client: says little, and remembers how the other side ended."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
import struct
from typing import TYPE_CHECKING, Final

from harness.judge.recording import Kind

if TYPE_CHECKING:
    from harness.stage.stage import Stage

_CHUNK: Final = 1 << 16
_LINGER_RESET: Final = struct.pack("ii", 1, 0)


class Peer:
    """A connected client. Reads all the time; every byte and every end goes into the journal."""

    def __init__(self, stage: Stage, name: str, sock: socket.socket) -> None:
        self.name = name
        self.port: int = sock.getsockname()[1]
        self.answer = b""
        self.end: Kind | None = None
        self.is_connected = True
        self._stage = stage
        self._sock = sock
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(sock, self.drain)

    @property
    def is_answered(self) -> bool:
        """True once any byte has come back."""
        return bool(self.answer)

    @property
    def is_served(self) -> bool:
        """True once an answer and the end have come."""
        return bool(self.answer) and self.end is not None

    def drain(self) -> None:
        """Read what is there, to the end or to would-block."""
        while self.end is None and self._sock.fileno() >= 0:
            try:
                data = self._sock.recv(_CHUNK)
            except BlockingIOError:
                return
            except OSError as error:
                self._ended(Kind.RST, errno.errorcode.get(error.errno or 0, "?"))
                return
            if not data:
                self._ended(Kind.FIN)
                return
            self.answer += data
            self._stage.journal.note(self.name, Kind.RECEIVED, data)

    def send(self, data: bytes) -> None:
        """Write without waiting for anything; a connection already reset is noted as such."""
        if not self.is_connected:
            return
        self._stage.journal.note(self.name, Kind.SENT, data)
        try:
            self._sock.sendall(data)
        except OSError as error:
            self._ended(Kind.RST, errno.errorcode.get(error.errno or 0, "?"))

    def give_up(self) -> None:
        """This connection was never made: it can be asked nothing."""
        self.is_connected, self.end = False, Kind.RST
        self.close()

    async def ask(self, line: bytes) -> None:
        """Send a line; come back with the answer, or with the proof that none can come."""
        self.send(line)
        await self._stage.quiet(unless=lambda: self.is_served)

    def half_close(self) -> None:
        """Say that nothing more will come (FIN), and go on reading; shutdown(2)."""
        if self.end is None:
            self._stage.journal.note(self.name, Kind.HALF_CLOSED)
            self._sock.shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        """Break the connection off (RST): closed with a linger time of zero, socket(7)."""
        if self._sock.fileno() >= 0:
            self._stage.journal.note(self.name, Kind.RESET)
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_RESET)
            self.close()

    async def leave(self) -> None:
        """Close for good, and wait until whoever served this client has gone."""
        await self._stage.part([self])

    def hang_up(self) -> None:
        """Close for good, and say so in the journal."""
        if self._sock.fileno() >= 0:
            self._stage.journal.note(self.name, Kind.LEFT)
            self.close()

    def close(self) -> None:
        """Release the socket.

        Where ports are shared it ends by RST after the server's FIN, so that the server's side is
        not left in TIME_WAIT, which would block the next start of a server without SO_REUSEADDR.
        """
        if self._sock.fileno() < 0:
            return
        if self._stage.ports_are_shared and self.end is Kind.FIN:
            with contextlib.suppress(OSError):
                self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_RESET)
        self._loop.remove_reader(self._sock)
        self._sock.close()

    def _ended(self, how: Kind, why: str = "") -> None:
        if self.end is None:
            self.end = how
            self._loop.remove_reader(self._sock)
            self._stage.journal.note(self.name, how, errno=why)
