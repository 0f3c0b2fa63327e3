"""Many delayed clients at once behind one gate: a load that never waits for replies.

The schedule is fixed beforehand. One loop, of epoll and a timerfd: epoll's own time-out rounds to
milliseconds. The kernel dates what comes (socket(7), SO_TIMESTAMP), for a busy loop reads it late.
Blocking: run it in a thread or process of its own.
"""

import contextlib
import errno
import fcntl
import heapq
import select
import socket
import struct
import termios
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from harness.record.contract import Contract
from harness.record.dialogue import Conversation, word_for
from harness.record.visits import Visit

from .alarm import Alarm
from .reset import close_will_reset

STALL_S: Final = 5.0  # a SYN that was dropped is sent again 1, 3 and 7 s after the first
_CHUNK: Final = 1 << 14
_HEAD: Final = 1 << 16  # as much is kept of what can be no reply
_MOST: Final = 1 << 20  # beyond twice the line: more is no reply, except where others' words come too
_MOST_OF_A_TALK: Final = 1 << 24
_AT_A_TIME: Final = 32  # events, until it is looked whether somebody has to speak
_HEARS: Final = select.EPOLLIN | select.EPOLLRDHUP
_TIMESTAMPNS: Final = 35  # asm-generic/socket.h
_STAMP: Final = struct.Struct("ll")  # a timespec
_STAMP_ROOM: Final = socket.CMSG_SPACE(_STAMP.size)
_BILLION: Final = 10**9


@dataclass(slots=True)
class Tally:
    """What a crowd counts while it is at work; another thread may watch it.

    `late_ns` says how late we ourselves let each client speak. The watching thread may call the crowd
    off: it then ends as if the guard had run out.
    """

    came: int = 0
    asked: int = 0
    answered: int = 0
    over: int = 0
    late_ns: list[int] = field(default_factory=list)
    is_called_off: bool = False


@dataclass(slots=True)
class _CrowdMember:
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
            events.modify(self.sock, _HEARS | (select.EPOLLOUT if is_stuck else 0))

    def _half_close(self) -> None:
        """Say that no more will come (FIN), if the contract has it; shutdown(2)."""
        if self.half_closes:
            with contextlib.suppress(OSError):  # reset meanwhile: the reader will tell
                self.sock.shutdown(socket.SHUT_WR)


def crowd(
    fds: Sequence[int],
    address: tuple[str, int],
    lines: Sequence[bytes],
    *,
    delay_s: float,
    at_once: int,
    arrivals_s: Sequence[float] = (),
    contract: Contract | None = None,
    ends_by_rst: bool = False,
    guard_s: float = 30.0,
    stall_s: float = STALL_S,
    tally: Tally | None = None,
) -> list[Visit]:
    """One client for each descriptor: connect, be silent for `delay_s`, say the line, read to the end.

    At most `at_once` clients are connected at a time. The next client comes when another has ended. If
    `arrivals_s` (seconds from the start) are given, it does not come before its arrival, and the moment
    at which it wants to speak is fixed beforehand too.

    By the `contract` a client says after its line that no more will come, and closes when its reply is
    whole. With `ends_by_rst` a client that has read the FIN ends by RST, which spares the server's side
    its TIME_WAIT.

    It takes the descriptors over and closes them. A visit has no `ended_ns` if it had not ended when the
    guard ran out, or when nothing had happened to any client for `stall_s`.
    """
    visits = [Visit(line) for line in lines]
    start_ns = time.monotonic_ns()
    waiting = list(zip(fds, visits, strict=True))[::-1]
    arrivals = [start_ns + int(_BILLION * each) for each in arrivals_s][::-1]
    end_ns = start_ns + int(guard_s * _BILLION)
    stalled_ns = end_ns
    happened: list[tuple[int, int]] = []
    with select.epoll() as events, Alarm() as alarm:
        events.register(alarm, select.EPOLLIN)
        here = _Gate(
            events,
            address,
            contract or Contract(),
            int(delay_s * _BILLION),
            ends_by_rst,
            tally or Tally(),
        )
        while (waiting or here.connected) and not here.tally.is_called_off:
            if (now := time.monotonic_ns()) >= min(end_ns, stalled_ns):
                break
            here.let_speak(now)
            while waiting and len(here.connected) < at_once and (not arrivals or arrivals[-1] <= now):
                here.let_in(*waiting.pop(), arrivals.pop() if arrivals else 0)
            next_ns = [here.due[0][0]] if here.due else []
            if waiting and arrivals and len(here.connected) < at_once:
                next_ns.append(arrivals[-1])
            if next_ns or happened:
                stalled_ns = max([now, *next_ns]) + int(stall_s * _BILLION)
            alarm.set(min([*next_ns, end_ns, stalled_ns]))
            happened = [each for each in events.poll(-1, _AT_A_TIME) if each[0] != alarm.fileno()]
            for fd, mask in happened:
                here.attend(fd, mask)
        here.give_up()
    for fd, visit in waiting:
        visit.error = "never came in"
        socket.socket(fileno=fd).close()
    return visits


@dataclass(slots=True)
class _Gate:
    """The connected clients by descriptor; `due` says when which is to speak, the next one first."""

    events: select.epoll
    address: tuple[str, int]
    contract: Contract
    delay_ns: int
    ends_by_rst: bool
    tally: Tally
    connected: dict[int, _CrowdMember] = field(default_factory=dict)
    due: list[tuple[int, int]] = field(default_factory=list)

    def let_in(self, fd: int, visit: Visit, arrival_ns: int) -> None:
        """Connect a client, unless it is refused, and plan when it speaks."""
        family = socket.AF_INET6 if ":" in self.address[0] else socket.AF_INET
        sock = socket.socket(
            family, socket.SOCK_STREAM, 0, fileno=fd
        )  # all said: the kernel is not asked
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, _TIMESTAMPNS, 1)
        code = sock.connect_ex(self.address)
        visit.connected_ns = time.monotonic_ns()
        visit.intended_ns = arrival_ns + self.delay_ns if arrival_ns else 0
        self.tally.came += 1
        if code not in {0, errno.EINPROGRESS}:
            visit.error, visit.ended_ns = errno.errorcode.get(code, str(code)), visit.connected_ns
            self.tally.over += 1
            sock.close()
            return
        visit.intended_ns = visit.intended_ns or visit.connected_ns + self.delay_ns
        heapq.heappush(self.due, (visit.intended_ns, fd))
        script = self.contract.dialogue
        talk = Conversation(script, word_for(visit.line)) if script else None
        member = _CrowdMember(sock, visit, talk, self.contract.at_half_close)
        self.connected[fd] = member
        self.events.register(fd, _HEARS)
        if talk is not None:
            member.say(talk.begin(), self.events)

    def let_speak(self, now_ns: int) -> None:
        """Let every client ask whose moment has come, if it is still connected."""
        while self.due and self.due[0][0] <= now_ns:
            intended_ns, fd = heapq.heappop(self.due)
            if (member := self.connected.get(fd)) is not None:
                self.tally.late_ns.append(time.monotonic_ns() - intended_ns)
                self.tally.asked += 1
                member.ask(self.events)

    def attend(self, fd: int, mask: int) -> None:
        """Let a client write on, or read, as its descriptor is ready for."""
        if (member := self.connected.get(fd)) is None:
            return
        if mask & select.EPOLLOUT:
            member.say(b"", self.events)
        if mask & ~select.EPOLLOUT and (
            self._has_ended(member) or (mask & select.EPOLLRDHUP and self._has_ended(member))
        ):
            self.tally.over += 1
            self.events.unregister(fd)
            member.sock.close()
            del self.connected[fd]

    def _has_ended(self, member: _CrowdMember) -> bool:
        """Read what there is; whether the client is done with."""
        visit = member.visit
        try:
            data, stamps, _, _ = member.sock.recvmsg(_CHUNK, _STAMP_ROOM)
        except BlockingIOError:
            return False
        except OSError as error:
            data, stamps, visit.error = b"", [], errno.errorcode.get(error.errno or 0, "?")
        behind_ns = _behind_ns(stamps)
        now = time.monotonic_ns()  # last: whoever is put off in between must not come too early
        if data:
            reply = member.hear(data, self.contract)
            if member.talk is not None and not visit.more:
                member.say(member.talk.hear(data), self.events)
            if not visit.answered_ns and (member.talk is None or member.has_asked):
                visit.answered_ns = now - behind_ns
                self.tally.answered += 1
            if not self.contract.is_whole(reply):
                return False
        elif self.ends_by_rst and not visit.error:
            close_will_reset(member.sock)
        visit.ended_ns = now
        return True

    def give_up(self) -> None:
        """Let all clients go that are still there."""
        for member in self.connected.values():
            member.visit.error = member.visit.error or "the guard ran out"
            _hang_up(member.sock)


def _behind_ns(stamps: Sequence[tuple[int, int, bytes]]) -> int:
    """How long ago the kernel received it; 0 where that is not told, or the clock was set meanwhile."""
    for level, kind, told in stamps:
        if (level, kind) == (socket.SOL_SOCKET, _TIMESTAMPNS):
            seconds, ns = _STAMP.unpack(told)
            behind_ns: int = time.time_ns() - seconds * _BILLION - ns
            return behind_ns if 0 <= behind_ns < _BILLION else 0
    return 0


def _hang_up(sock: socket.socket) -> None:
    """Close; by RST where the server's kernel has not taken what was said.

    A full queue drops the ACK that completes a connection too: the client believes that it has one,
    the server knows nothing of it, and a FIN would be sent again and again for a minute.
    """
    if struct.unpack("i", fcntl.ioctl(sock, termios.TIOCOUTQ, bytes(4)))[0]:
        close_will_reset(sock)
    sock.close()
