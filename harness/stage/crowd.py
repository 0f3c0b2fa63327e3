"""Many delayed clients at once behind one gate: a load that never waits for replies.

The schedule is fixed beforehand. One loop, of epoll and a timerfd: epoll's own time-out rounds to
milliseconds. The kernel dates what comes (socket(7), SO_TIMESTAMP), for a busy loop reads it late.
Blocking: run it in a thread or process of its own.
"""

import errno
import heapq
import select
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from harness.record.contract import Contract
from harness.record.dialogue import Conversation, word_for
from harness.record.visits import Visit

from .alarm import Alarm
from .client_sockets import STAMP_ROOM, TIMESTAMPS, came_ago_ns, close_will_reset, undelivered
from .crowd_member import HEARS, CrowdMember

STALL_S: Final = 5.0  # a SYN that was dropped is sent again 1, 3 and 7 s after the first
_CHUNK: Final = 1 << 14
_AT_A_TIME: Final = 32  # events, until it is looked whether somebody has to speak
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
    connected: dict[int, CrowdMember] = field(default_factory=dict)
    due: list[tuple[int, int]] = field(default_factory=list)

    def let_in(self, fd: int, visit: Visit, arrival_ns: int) -> None:
        """Connect a client, unless it is refused, and plan when it speaks."""
        family = socket.AF_INET6 if ":" in self.address[0] else socket.AF_INET
        sock = socket.socket(
            family, socket.SOCK_STREAM, 0, fileno=fd
        )  # all said: the kernel is not asked
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, TIMESTAMPS, 1)
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
        member = CrowdMember(sock, visit, talk, self.contract.at_half_close)
        self.connected[fd] = member
        self.events.register(fd, HEARS)
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

    def _has_ended(self, member: CrowdMember) -> bool:
        """Read what there is; whether the client is done with."""
        visit = member.visit
        try:
            data, stamps, _, _ = member.sock.recvmsg(_CHUNK, STAMP_ROOM)
        except BlockingIOError:
            return False
        except OSError as error:
            data, stamps, visit.error = b"", [], errno.errorcode.get(error.errno or 0, "?")
        behind_ns = came_ago_ns(stamps)
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


def _hang_up(sock: socket.socket) -> None:
    """Close; by RST where the server's kernel has not taken what was said.

    A full queue drops the ACK that completes a connection too: the client believes that it has one,
    the server knows nothing of it, and a FIN would be sent again and again for a minute.
    """
    if undelivered(sock):
        close_will_reset(sock)
    sock.close()
