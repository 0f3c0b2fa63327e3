"""Sockets that were born in the cell, and how one of them gets its connection to the server."""

import asyncio
import errno
import os
import select
import socket
from typing import Final

from harness.cell.cell import Cell
from harness.cell.client_protocol import MakeSockets

from .rest import Rest
from .server import Server

IN_PROGRESS: Final = frozenset({errno.EINPROGRESS, errno.EWOULDBLOCK})
_SOCKETS_AT_ONCE: Final = 16
_MOST_SOCKETS: Final = 200
_SMALL_BUFFER: Final = 2304
_SMALL_SEGMENT: Final = 1460
_SOFTIRQ_S: Final = 0.05
_TCP_FASTOPEN_CONNECT: Final = 30  # linux/tcp.h
_TCP_FASTOPEN_NO_COOKIE: Final = 34


class Dialer:
    """Connects sockets of the cell to the server; waits raise as those of `Rest` do.

    Keeps a few in stock: an order costs time.
    """

    def __init__(self, cell: Cell, rest: Rest, server: Server) -> None:
        self._cell = cell
        self._rest = rest
        self._server = server
        self._stock: list[int] = []

    async def sockets(self, count: int) -> list[int]:
        """Descriptors of new, unconnected sockets; the caller owns them."""
        fds: list[int] = []
        while len(fds) < count:
            some = min(count - len(fds), _MOST_SOCKETS)
            fds += (await self._cell.ask_for_fds(MakeSockets(some, self._server.speaks_v6)))[1]
        return fds

    async def connect(
        self, *, reads: bool = True, with_first_words: bool = False
    ) -> tuple[socket.socket, int]:
        """A socket, and the error number of its connect(2): 0, or EINPROGRESS if the queue is full.

        With `reads` False its receive buffer is small. `with_first_words` leaves the connecting to the
        first send(): the kernel then lets the words follow by itself (RFC 7413; tcp(7)), and no server
        finds the connection without them, however busy the machine is.
        """
        if not self._stock:
            self._stock = await self.sockets(_SOCKETS_AT_ONCE)
        sock = socket.socket(fileno=self._stock.pop())
        try:
            sock.setblocking(False)
            if not reads:
                # The server's buffer grows with the segments: 4 MB with those of the loopback.
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SMALL_BUFFER)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, _SMALL_SEGMENT)
            if with_first_words:
                sock.setsockopt(socket.IPPROTO_TCP, _TCP_FASTOPEN_NO_COOKIE, 1)
                sock.setsockopt(socket.IPPROTO_TCP, _TCP_FASTOPEN_CONNECT, 1)
            code = sock.connect_ex(self._server.address)
            if code in IN_PROGRESS:
                code = await self._patiently(sock)
        except BaseException:
            sock.close()
            raise
        return sock, code

    async def _patiently(self, sock: socket.socket) -> int:
        """Wait for a connection whose SYN was dropped; give up when the queue is proven full.

        Nearly always the connection is there already: it is told before anything that it causes.

        On a busy machine the kernel leaves even the loopback's segments to a thread (ksoftirqd): a
        proof is begun only when that has had its turn.
        """
        connecting = select.poll()
        connecting.register(sock, select.POLLOUT)
        if connecting.poll(0):
            return sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        await _until_writable(sock)
        report = await self._rest.prove(rest_will_do=True)
        if not connecting.poll(0) and report.proof == "resting":
            report = await self._rest.prove()
        if connecting.poll(0):
            return sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        self._rest.note(report)
        return errno.ECONNREFUSED if report.listener is None else errno.EINPROGRESS

    def close(self) -> None:
        """Close what is in stock."""
        for fd in self._stock:
            os.close(fd)


async def _until_writable(sock: socket.socket) -> None:
    """Wait until it can be written to, for at most `_SOFTIRQ_S`."""
    loop, writable = asyncio.get_running_loop(), asyncio.Event()
    loop.add_writer(sock.fileno(), writable.set)
    try:
        async with asyncio.timeout(_SOFTIRQ_S):
            await writable.wait()
    except TimeoutError:
        pass
    finally:
        loop.remove_writer(sock.fileno())
