"""Orders that bring on clients: consoles, students' own, and the sockets of ours."""

import os
import socket
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, assert_never

from harness.observe.quiescence import Observer

from .client_protocol import ClientOrder, MakeSockets, StartConsole, StartGuest, WasKilled
from .init_channel import InitLine
from .init_protocol import StartOurs, StartSubject

_NOTHING: Final[Mapping[bytes, bytes]] = MappingProxyType({})


class ClientOrders:
    """Starts the clients of one cell; they must rest, too, but are not the family's."""

    def __init__(self, observer: Observer, init: InitLine) -> None:
        self._observer = observer
        self._init = init
        self._inside: dict[int, int] = {}

    def obey(self, order: ClientOrder, fds: Sequence[int]) -> tuple[int | None, list[int]]:
        """One order, its answer, and the descriptors that go with it, for the caller to close."""
        match order:
            case StartConsole():
                return self.start_ours(order.argv, fds[0], order.env), []
            case StartGuest():
                started = self._init.ask(StartSubject(order.program), fds)
                pid = self._init.pid_here(self._observer.init, started)
                self._observer.guests.add(pid)
                return pid, []
            case MakeSockets():
                family = socket.AF_INET6 if order.v6 else socket.AF_INET
                made = [socket.socket(family, socket.SOCK_STREAM).detach() for _ in range(order.count)]
                return None, made
            case WasKilled():
                return self.was_killed(order.pid), []
            case _:
                assert_never(order)

    def start_ours(self, argv: list[bytes], fd: int, env: Mapping[bytes, bytes] = _NOTHING) -> int:
        """Let init start a program of ours, all its streams on one descriptor; its pid as seen here."""
        started = self._init.ask(StartOurs(argv, dict(env)), [fd])
        pid = self._init.pid_here(self._observer.init, started)
        self._observer.strangers.add(pid)
        self._inside[pid] = started
        return pid

    def was_killed(self, pid: int) -> bool:
        """Whether a signal has ended a program of ours that was started so."""
        status = self._init.reaped.get(self._inside.get(pid, -1))
        return status is not None and os.WIFSIGNALED(status)
