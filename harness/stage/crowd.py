"""Many delayed clients at once behind one gate: a load that never waits for replies.

The schedule is fixed beforehand. One epoll loop, made precise by select(2) on its descriptor
(epoll's own time-out rounds to milliseconds). Blocking: run it in a thread or process of its own.
"""

from __future__ import annotations

import errno
import heapq
import select
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_CHUNK: Final = 1 << 16
_SELECTABLE: Final = 1024


@dataclass(slots=True)
class Visit:
    """One client's life, in monotonic nanoseconds; 0 for what did not happen.

    `intended_ns` is when the schedule wanted it to speak: latency counts from there, and
    `sent_ns - intended_ns` is our own lateness.
    """

    line: bytes
    intended_ns: int = 0
    connected_ns: int = 0
    sent_ns: int = 0
    answered_ns: int = 0
    ended_ns: int = 0
    answer: bytes = b""
    error: str = ""

    @property
    def latency_ns(self) -> int | None:
        """From the intended moment to the first byte of the answer; None without one."""
        return self.answered_ns - self.intended_ns if self.answered_ns else None


def crowd(
    fds: Sequence[int],
    address: tuple[str, int],
    lines: Sequence[bytes],
    *,
    delay_s: float,
    at_once: int,
    guard_s: float = 30.0,
) -> list[Visit]:
    """One client for each descriptor: connect, be silent for `delay_s`, say the line, read to the end.

    At most `at_once` are connected at a time; the next comes when one has ended. Takes the
    descriptors over and closes them. What has not ended when the guard runs out has no `ended_ns`.
    """
    visits = [Visit(line) for line in lines]
    waiting = list(zip(fds, visits, strict=True))[::-1]
    connected: dict[int, tuple[socket.socket, Visit]] = {}
    due: list[tuple[int, int]] = []
    end_ns = time.monotonic_ns() + int(guard_s * 1e9)
    with select.epoll() as events:
        while (waiting or connected) and (now := time.monotonic_ns()) < end_ns:
            while waiting and len(connected) < at_once:
                _connect(*waiting.pop(), address, delay_s, connected, due, events)
            while due and due[0][0] <= now:
                _speak(heapq.heappop(due)[1], connected)
            until = min(due[0][0] if due else end_ns, end_ns)
            _wait(events, max(0.0, (until - time.monotonic_ns()) / 1e9))
            for fd, _ in events.poll(0):
                _listen(fd, connected, events)
    for sock, visit in connected.values():
        visit.error = visit.error or "the guard ran out"
        sock.close()
    for fd, visit in waiting:
        visit.error = "never came in"
        socket.socket(fileno=fd).close()
    return visits


def _wait(events: select.epoll, seconds: float) -> None:
    """Until an event or the moment; to the millisecond only, where select(2) cannot name the fd."""
    if events.fileno() < _SELECTABLE:
        select.select([events], [], [], seconds)
    else:
        poll = select.poll()
        poll.register(events, select.POLLIN)
        poll.poll(seconds * 1e3)


def _connect(
    fd: int,
    visit: Visit,
    address: tuple[str, int],
    delay_s: float,
    connected: dict[int, tuple[socket.socket, Visit]],
    due: list[tuple[int, int]],
    events: select.epoll,
) -> None:
    sock = socket.socket(fileno=fd)
    sock.setblocking(False)
    code = sock.connect_ex(address)
    if code not in {0, errno.EINPROGRESS}:
        visit.error = errno.errorcode.get(code, str(code))
        sock.close()
        return
    visit.connected_ns = time.monotonic_ns()
    visit.intended_ns = visit.connected_ns + int(delay_s * 1e9)
    connected[fd] = sock, visit
    heapq.heappush(due, (visit.intended_ns, fd))
    events.register(fd, select.EPOLLIN | select.EPOLLRDHUP)


def _speak(fd: int, connected: dict[int, tuple[socket.socket, Visit]]) -> None:
    if fd not in connected:
        return
    sock, visit = connected[fd]
    try:
        sock.send(visit.line)
        visit.sent_ns = time.monotonic_ns()
    except OSError as error:
        visit.error = errno.errorcode.get(error.errno or 0, "?")


def _listen(fd: int, connected: dict[int, tuple[socket.socket, Visit]], events: select.epoll) -> None:
    sock, visit = connected[fd]
    try:
        data = sock.recv(_CHUNK)
    except BlockingIOError:
        return
    except OSError as error:
        data, visit.error = b"", errno.errorcode.get(error.errno or 0, "?")
    now = time.monotonic_ns()
    if data:
        visit.answered_ns = visit.answered_ns or now
        visit.answer += data
        return
    visit.ended_ns = now
    events.unregister(fd)
    sock.close()
    del connected[fd]
