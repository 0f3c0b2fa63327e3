"""Many delayed clients at once behind one gate: a load that never waits for replies.

The schedule is fixed beforehand. One epoll loop, made precise by select(2) on its descriptor
(epoll's own time-out rounds to milliseconds). Blocking: run it in a thread or process of its own.
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
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from harness.record.dialogue import Conversation, Dialogue, word_for
from harness.record.visits import Visit

from .reset import close_will_reset

STALL_S: Final = 5.0  # a SYN that was dropped is sent again 1, 3 and 7 s after the first
_CHUNK: Final = 1 << 16
_SELECTABLE: Final = 1024
_HEARS: Final = select.EPOLLIN | select.EPOLLRDHUP


@dataclass(slots=True)
class _CrowdMember:
    """One client of the crowd; `unsaid` is what the kernel has not taken yet."""

    sock: socket.socket
    visit: Visit
    talk: Conversation | None
    half_closes: bool = False
    unsaid: bytes = b""
    has_asked: bool = False

    def ask(self, events: select.epoll) -> None:
        """Say the line; in a dialogue it is said when the dialogue has come to it."""
        self.has_asked = True
        self.say(self.talk.ask(self.visit.line) if self.talk else self.visit.line, events)

    def say(self, words: bytes, events: select.epoll) -> None:
        """Send these words; the rest follows when the kernel takes it (a full queue drops a SYN)."""
        self.unsaid += words
        try:
            while self.unsaid:
                self.unsaid = self.unsaid[self.sock.send(self.unsaid) :]
        except BlockingIOError:
            events.modify(self.sock, _HEARS | select.EPOLLOUT)
            return
        except OSError as error:
            self.unsaid = b""
            self.visit.error = errno.errorcode.get(error.errno or 0, "?")
        else:
            if self.has_asked and not self.visit.sent_ns:
                self.visit.sent_ns = time.monotonic_ns()
                self._half_close()
        events.modify(self.sock, _HEARS)

    def _half_close(self) -> None:
        """Say that no more will come (FIN), if the contract has it; shutdown(2)."""
        if self.half_closes:
            with contextlib.suppress(OSError):  # reset meanwhile: the reader will tell
                self.sock.shutdown(socket.SHUT_WR)


Connected = dict[int, _CrowdMember]


def crowd(
    fds: Sequence[int],
    address: tuple[str, int],
    lines: Sequence[bytes],
    *,
    delay_s: float,
    at_once: int,
    arrivals_s: Sequence[float] = (),
    is_whole: Callable[[bytes, bytes], bool] = lambda *_: False,
    script: Dialogue | None = None,
    half_closes: bool = False,
    ends_by_rst: bool = False,
    guard_s: float = 30.0,
    stall_s: float = STALL_S,
) -> list[Visit]:
    """One client for each descriptor: connect, be silent for `delay_s`, say the line, read to the end.

    At most `at_once` clients are connected at a time. The next client comes when another has ended. If
    `arrivals_s` (seconds from the start) are given, it does not come before its arrival, and the moment
    at which it wants to speak is fixed beforehand too.

    With `half_closes` a client says after its line that no more will come. A client closes when its
    reply `is_whole`. With `ends_by_rst` a client that has read the FIN ends by RST, which spares the
    server's side its TIME_WAIT.

    It takes the descriptors over and closes them. A visit has no `ended_ns` if it had not ended when the
    guard ran out, or when nothing had happened to any client for `stall_s`.
    """
    visits = [Visit(line) for line in lines]
    start_ns = time.monotonic_ns()
    waiting = list(zip(fds, visits, strict=True))[::-1]
    arrivals = [start_ns + int(1e9 * each) for each in arrivals_s][::-1]
    connected: Connected = {}
    due: list[tuple[int, int]] = []
    end_ns = start_ns + int(guard_s * 1e9)
    stalled_ns = end_ns
    happened: list[tuple[int, int]] = []
    with select.epoll() as events:
        while (waiting or connected) and (now := time.monotonic_ns()) < min(end_ns, stalled_ns):
            while waiting and len(connected) < at_once and (not arrivals or arrivals[-1] <= now):
                arrival_ns = arrivals.pop() if arrivals else 0
                fd, visit = waiting.pop()
                visit.intended_ns = arrival_ns + int(delay_s * 1e9) if arrival_ns else 0
                if _connect(fd, visit, address, delay_s, due):
                    talk = Conversation(script, word_for(visit.line)) if script else None
                    connected[fd] = member = _CrowdMember(
                        socket.socket(fileno=fd), visit, talk, half_closes
                    )
                    events.register(fd, _HEARS)
                    member.say(talk.begin() if talk else b"", events)
            _let_speak(due, now, connected, events)
            next_ns = [due[0][0]] if due else []
            if waiting and arrivals and len(connected) < at_once:
                next_ns.append(arrivals[-1])
            if next_ns or happened:
                stalled_ns = max([now, *next_ns]) + int(stall_s * 1e9)
            _wait(events, max(0.0, (min([*next_ns, end_ns, stalled_ns]) - time.monotonic_ns()) / 1e9))
            happened = events.poll(0)
            for fd, mask in happened:
                if mask & select.EPOLLOUT and fd in connected:
                    connected[fd].say(b"", events)
                if mask & ~select.EPOLLOUT:
                    _listen(fd, connected, events, is_whole, ends_by_rst=ends_by_rst)
    _give_up(connected, waiting)
    return visits


def _give_up(connected: Connected, waiting: Sequence[tuple[int, Visit]]) -> None:
    for member in connected.values():
        member.visit.error = member.visit.error or "the guard ran out"
        _hang_up(member.sock)
    for fd, visit in waiting:
        visit.error = "never came in"
        socket.socket(fileno=fd).close()


def _hang_up(sock: socket.socket) -> None:
    """Close; by RST where the server's kernel has not taken what was said.

    A full queue drops the ACK that completes a connection too: the client believes that it has one,
    the server knows nothing of it, and a FIN would be sent again and again for a minute.
    """
    if struct.unpack("i", fcntl.ioctl(sock, termios.TIOCOUTQ, bytes(4)))[0]:
        close_will_reset(sock)
    sock.close()


def _wait(events: select.epoll, seconds: float) -> None:
    """Wait for an event, or so long; to the millisecond only, where select(2) cannot name the fd."""
    if events.fileno() < _SELECTABLE:
        select.select([events], [], [], seconds)
    else:
        poll = select.poll()
        poll.register(events, select.POLLIN)
        poll.poll(seconds * 1e3)


def _connect(
    fd: int, visit: Visit, address: tuple[str, int], delay_s: float, due: list[tuple[int, int]]
) -> bool:
    """Connect a client, and plan when it speaks; False when it was refused."""
    sock = socket.socket(fileno=fd)
    sock.setblocking(False)
    code = sock.connect_ex(address)
    visit.connected_ns = time.monotonic_ns()
    if code not in {0, errno.EINPROGRESS}:
        visit.error, visit.ended_ns = errno.errorcode.get(code, str(code)), visit.connected_ns
        sock.close()
        return False
    visit.intended_ns = visit.intended_ns or visit.connected_ns + int(delay_s * 1e9)
    heapq.heappush(due, (visit.intended_ns, fd))
    sock.detach()
    return True


def _let_speak(
    due: list[tuple[int, int]], now_ns: int, connected: Connected, events: select.epoll
) -> None:
    """Let every client ask whose moment has come, if it is still connected."""
    while due and due[0][0] <= now_ns:
        if (member := connected.get(heapq.heappop(due)[1])) is not None:
            member.ask(events)


def _listen(
    fd: int,
    connected: Connected,
    events: select.epoll,
    is_whole: Callable[[bytes, bytes], bool],
    *,
    ends_by_rst: bool,
) -> None:
    if fd not in connected:
        return
    member = connected[fd]
    sock, visit = member.sock, member.visit
    try:
        data = sock.recv(_CHUNK)
    except BlockingIOError:
        return
    except OSError as error:
        data, visit.error = b"", errno.errorcode.get(error.errno or 0, "?")
    now = time.monotonic_ns()
    if data:
        visit.answer += data
        if member.talk is not None:
            member.say(member.talk.hear(data), events)
        if member.talk is None or member.has_asked:
            visit.answered_ns = visit.answered_ns or now
        if not is_whole(visit.answer, visit.line):
            return
    elif ends_by_rst and not visit.error:
        close_will_reset(sock)
    visit.ended_ns = now
    events.unregister(fd)
    sock.close()
    del connected[fd]
