"""Ordinary connections, for a caller with a protocol of its own: a socket, or the streams of asyncio.

The caller reads and writes without us: nothing of what is said is written down.
"""

import asyncio
import contextlib
import os
import socket

from harness.record.events import Left
from harness.record.journal import Journal


class Plain:
    """A connection that a test uses by itself; `close` ends it, if that has not."""

    def __init__(self, name: str, sock: socket.socket, journal: Journal) -> None:
        self.name = name
        self.sock = sock
        self.port: int = sock.getsockname()[1]
        self._journal = journal
        self._fd, self._inode = sock.fileno(), os.fstat(sock.fileno()).st_ino
        self._transport: asyncio.Transport | None = None

    async def streams(self, within_s: float) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """The connection as asyncio has it; TimeoutError if it lasts longer than `within_s`."""
        reader, writer = await asyncio.open_connection(sock=self.sock)
        self._transport = writer.transport  # type: ignore[assignment]  # of a socket: it reads, too
        asyncio.get_running_loop().call_later(within_s, self._give_up, reader, within_s)
        return reader, writer

    def _give_up(self, reader: asyncio.StreamReader, within_s: float) -> None:
        if self._is_open():
            reader.set_exception(TimeoutError(f"{self.name!r} has not ended within {within_s:g} s"))
            self.close()

    def close(self) -> None:
        """End the connection, also where its socket has become another object's (ssl, makefile())."""
        if not self._is_open():
            return
        self._journal.note(Left, self.name)
        with socket.socket(fileno=os.dup(self._fd)) as same, contextlib.suppress(OSError):
            same.shutdown(socket.SHUT_RDWR)  # OSError: the other side has reset it
        if self._transport is not None:
            self._transport.abort()
        else:
            self.sock.close()

    def _is_open(self) -> bool:
        """Whether this descriptor still is that socket, and not closed, or another file's by now."""
        try:
            return os.fstat(self._fd).st_ino == self._inode
        except OSError:
            return False
