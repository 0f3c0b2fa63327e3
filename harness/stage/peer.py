"""One socket client: it says little, and remembers how the other side ended."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
from collections.abc import Sequence
from typing import Final, Protocol

from harness.record import answers
from harness.record.contract import Contract
from harness.record.dialogue import Conversation, word_for
from harness.record.events import (
    End,
    Fin,
    Flooded,
    HalfClosed,
    Left,
    Reads,
    Received,
    Reset,
    Rst,
    Said,
    Sent,
)
from harness.record.missing import Missing

from .client_sockets import close_will_reset, unread
from .rest import Actor, News, Progress, Rest

_CHUNK: Final = 1 << 16
_LARGE_BUFFER: Final = 1 << 20
_MOST: Final = 1 << 20  # beyond twice what it has said: more is no reply
_HEAD: Final = 1 << 16  # as much is kept of that, and twice what it has said
_MUCH: Final = 1024  # bytes: reading as many makes room for which the server may have waited


class Host(Protocol):
    """What a client needs of `Clients`, which brings it on the stage.

    With `spares_port` a client that has read the server's FIN ends by RST. The server's side is then
    not left in TIME_WAIT, which would refuse the port to a server without SO_REUSEADDR (tcp(7)).
    """

    rest: Rest
    contract: Contract
    spares_port: bool

    async def part(self, peers: Sequence[Peer]) -> None:
        """These clients leave at once; wait until the processes that served them have gone."""


class Peer(Actor):
    """A connected client. It reads all the time; every byte and every end goes into the journal.

    When a server sends without end, the client reads no more at some point: the server then has to
    wait.
    """

    def __init__(
        self, host: Host, name: str, sock: socket.socket, *, reads: bool = True, begins: bool = True
    ) -> None:
        """With `reads` False it leaves all that comes in the kernel's buffers until `read_on`.

        With `begins` False it does not begin a dialogue that opens with words of its own, until it has a
        line to send.
        """
        self.name = name
        self.port: int = sock.getsockname()[1]
        self.received = bytearray()
        self.end: End | None = None
        self.is_connected = True
        self._host = host
        self._contract = host.contract
        self._journal = host.rest.journal
        self._sock = sock
        self._fd = sock.fileno()  # the loop takes a socket, too, and spells it out at each miss
        self._loop = asyncio.get_running_loop()
        self._over = asyncio.Event()
        self._taken = self._read = 0
        self._unsent = memoryview(b"")
        self._says_end = self._has_said_end = False
        self._asked = b""
        script = host.contract.dialogue
        word = word_for(name.encode())
        self._talk = Conversation(script, word, begins=begins) if script else None
        self._lost: Missing | None = None
        self._reads = False
        self.is_flooded = False
        if reads:
            self._listen()

    def begin(self) -> None:
        """Send what a dialogue begins with."""
        if self._talk is not None:
            self._say(self._talk.begin())

    @property
    def reply(self) -> bytes:
        """The bytes that have come back beyond the contract's greeting and other clients' words."""
        return self._contract.reply_in(bytes(self.received), self._asked)

    @property
    def is_served(self) -> bool:
        """True once its own reply and the end have come; the reply alone, where it stays open."""
        reply, terms = self.reply, self._contract
        ends = self.end is not None or terms.is_whole(reply)
        return ends and answers.is_own(terms, self._asked, reply)

    @property
    def progress(self) -> Progress:
        """How many bytes the kernel has taken from it, and how many it has read."""
        return Progress(self._taken, self._read)

    def catch_up(self, since: Progress) -> News:
        """Read and send on, which may wake the server; raises Missing if it cannot know what to say."""
        self.drain()
        if self._lost is not None:
            raise self._lost
        if self._unsent:
            self._write()
        read = self._read - since.read
        wakes = self._taken > since.sent or read >= _MUCH
        has_begun = self.end is None and answers.is_half(self._contract, self._asked, self.reply)
        return News(wakes, has_begun, goes_on=has_begun and read > 0)

    @property
    def waiting(self) -> int:
        """How many bytes lie in the kernel, unread."""
        return unread(self._sock) if self._sock.fileno() >= 0 else 0

    def read_on(self) -> None:
        """Begin to read what is there, and all that will come; note how much is there."""
        if self._reads or self.is_flooded or self._sock.fileno() < 0:
            return
        self._journal.note(Reads, self.name, waiting=self.waiting)
        with contextlib.suppress(OSError):  # with a small buffer it would read in a thousand pieces
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _LARGE_BUFFER)
            self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_WINDOW_CLAMP, _LARGE_BUFFER)
        self._listen()

    def _listen(self) -> None:
        self._reads = True
        self._loop.add_reader(self._fd, self.drain)

    def drain(self) -> None:
        """Read what is there, to the end or to would-block."""
        while self._reads and self.end is None and self._sock.fileno() >= 0:
            try:
                data = self._sock.recv(_CHUNK)
            except BlockingIOError:
                return
            except OSError as error:
                self._ended(Rst, errno.errorcode.get(error.errno or 0, "?"))
                return
            if not data:
                self._ended(Fin)
                return
            self.received += data
            self._read += len(data)
            self._journal.note(Received, self.name, data)
            self._hear(data)
            if len(self.received) > _MOST + 2 * len(self._asked):
                self._journal.note(Flooded, self.name, taken=self._read)
                self._reads, self.is_flooded = False, True
                self._loop.remove_reader(self._fd)
                self._forget()

    def _hear(self, data: bytes) -> None:
        """Go on in a dialogue; where it is not known how, `catch_up` raises that."""
        if self._talk is not None and self._lost is None:
            try:
                self._say(self._talk.hear(data))
            except Missing as lost:
                self._lost = lost

    def _forget(self) -> None:
        """Keep the beginning of what has come, unless a right reply may begin so."""
        if not self._contract.may_begin(self._asked, self.reply):
            most = _HEAD + 2 * len(self._asked)
            del self.received[most:]
            self._journal.keep(Received, self.name, most)

    async def until_the_end(self, seconds: float) -> None:
        """Read until the server has ended the connection, for at most `seconds`."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._over.wait()

    def send(self, text: bytes) -> None:
        r"""Write without waiting for anything; "\n" stands for the contract's line ending.

        If the contract has it, a client that has said a whole line says that no more will come. What
        the kernel does not take at once follows when it does. A connection already reset is noted as
        such.
        """
        if not self.is_connected or self._sock.fileno() < 0:
            return
        data = self._contract.line(text)
        self._asked += data
        self._journal.note(Sent, self.name, data)
        self._says_end = self._contract.at_half_close and text.endswith(b"\n")
        if self._talk is None:
            self._hand_over(data)
        else:
            self._say(self._talk.ask(data))

    def _say(self, words: bytes) -> None:
        """Send what a dialogue wants said now."""
        if words and self.end is None and self._sock.fileno() >= 0:
            self._journal.note(Said, self.name, words)
            self._hand_over(words)

    def _hand_over(self, data: bytes) -> None:
        if self._unsent:
            data = bytes(self._unsent) + data
        self._unsent = memoryview(data)
        self._write()

    def _write(self) -> None:
        self._loop.remove_writer(self._fd)
        try:
            while self._unsent:
                taken = self._sock.send(self._unsent)
                self._unsent, self._taken = self._unsent[taken:], self._taken + taken
        except BlockingIOError:
            self._loop.add_writer(self._fd, self._write)
        except OSError as error:
            self._unsent = memoryview(b"")
            if self._reads:
                self._ended(Rst, errno.errorcode.get(error.errno or 0, "?"))
        else:
            if self._says_end:
                self.half_close()

    def give_up(self) -> None:
        """This connection was never made: it can be asked nothing."""
        self.is_connected, self.end = False, End.RST
        self.close()

    async def ask(self, line: bytes) -> None:
        """Send a line; come back with the answer, or with the proof that none can come."""
        self.send(line)
        await self._host.rest.quiet(unless=lambda: self.is_served)

    def half_close(self) -> None:
        """Say that nothing more will come (FIN), and go on reading; shutdown(2)."""
        if self.end is None and self._sock.fileno() >= 0 and not self._has_said_end:
            self._has_said_end = True
            self._journal.note(HalfClosed, self.name)
            with contextlib.suppress(OSError):  # reset meanwhile: the reader will tell
                self._sock.shutdown(socket.SHUT_WR)

    def ask_last(self, line: bytes) -> None:
        """Send a line that is the end of the input, too: both arrive together (TCP_CORK, tcp(7))."""
        if self.is_connected and self._sock.fileno() >= 0:
            with contextlib.suppress(OSError):  # reset meanwhile
                self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
        self.send(line)
        self.half_close()

    def reset(self) -> None:
        """Break the connection off (RST): closed with a linger time of zero, socket(7)."""
        if self._sock.fileno() >= 0:
            self._journal.note(Reset, self.name)
            close_will_reset(self._sock)
            self.close()

    async def leave(self) -> None:
        """Close for good, and wait until the process that served this client has gone."""
        await self._host.part([self])

    def hang_up(self) -> None:
        """Close for good, wait for nothing, and note it."""
        if self._sock.fileno() >= 0:
            self._journal.note(Left, self.name)
            self.close()

    def close(self) -> None:
        """Release the socket; by RST where the host spares the port."""
        if self._sock.fileno() < 0:
            return
        if self._host.spares_port and self.end is End.FIN:
            close_will_reset(self._sock)
        self._loop.remove_reader(self._fd)
        self._loop.remove_writer(self._fd)
        self._sock.close()
        self._unsent = memoryview(b"")

    def _ended(self, how: type[Fin | Rst], why: str = "") -> None:
        if self.end is None:
            self.end = End.FIN if how is Fin else End.RST
            self._unsent = memoryview(b"")
            self._over.set()
            self._loop.remove_reader(self._fd)
            self._loop.remove_writer(self._fd)
            self._journal.note(how, self.name, errno=why)
