"""One client of a crowd: it says its words as the kernel takes them, and keeps what can be its reply."""

import contextlib
import errno
import select
import socket
import time
from dataclasses import dataclass
from typing import Final

from harness.record.contract import Contract
from harness.record.dialogue import Conversation
from harness.record.visits import Visit

HEARS: Final = select.EPOLLIN | select.EPOLLRDHUP
_HEAD: Final = 1 << 16  # as much is kept of what can be no reply
_MOST: Final = 1 << 20  # beyond twice the line: more is no reply, except where others' words come too
_MOST_OF_A_TALK: Final = 1 << 24


@dataclass(slots=True)
class CrowdMember:
    """One client of the crowd; the kernel has not taken `unsaid` yet; `room` is for its answer."""

    sock: socket.socket
    visit: Visit
    talk: Conversation | None
    half_closes: bool
    unsaid: bytes = b""
    has_asked: bool = False
    awaits_room: bool = False
    room: int = _HEAD
    last: bytes = b""

    def hear(self, data: bytes, contract: Contract) -> bytes:
        """Keep what can belong to a reply, and count the rest; the bytes that may end a reply."""
        visit = self.visit
        if visit.more:
            visit.more += len(data)
            self.last = self.last[-1:] + data  # a line's ending may come in two pieces
            return self.last
        visit.answer += data
        reply = contract.reply_in(visit.answer, visit.line)
        if len(visit.answer) > self.room:
            most = (_MOST_OF_A_TALK if contract.tells_others else _MOST) + 2 * len(visit.line)
            if self.room < most and contract.may_begin(visit.line, reply):
                self.room = most
            else:
                visit.more, self.last = len(visit.answer) - _HEAD, data
                visit.answer = visit.answer[:_HEAD]
        return reply

    def ask(self, events: select.epoll) -> None:
        """Say the line; in a dialogue it is said when the dialogue has come to it."""
        self.has_asked = True
        self.say(self.talk.ask(self.visit.line) if self.talk else self.visit.line, events)

    def say(self, words: bytes, events: select.epoll) -> None:
        """Send these words; the rest follows when the kernel takes it (a full queue drops a SYN)."""
        self.unsaid += words
        now, is_stuck = time.monotonic_ns(), False
        try:
            while self.unsaid:
                self.unsaid = self.unsaid[self.sock.send(self.unsaid) :]
        except BlockingIOError:
            is_stuck = True
        except OSError as error:
            self.unsaid = b""
            self.visit.error = errno.errorcode.get(error.errno or 0, "?")
        else:
            if self.has_asked and not self.visit.sent_ns:
                self.visit.sent_ns = now  # on the loopback the answer may be there before send() returns
                self._half_close()
        if is_stuck != self.awaits_room:
            self.awaits_room = is_stuck
            events.modify(self.sock, HEARS | (select.EPOLLOUT if is_stuck else 0))

    def _half_close(self) -> None:
        """Say that no more will come (FIN), if the contract has it; shutdown(2)."""
        if self.half_closes:
            with contextlib.suppress(OSError):  # reset meanwhile: the reader will tell
                self.sock.shutdown(socket.SHUT_WR)
