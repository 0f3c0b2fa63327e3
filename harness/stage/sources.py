"""Sources for a large crowd: enough descriptors, and enough ports."""

import resource
import socket
from collections.abc import Sequence
from typing import Final

import harness

_FROM_ONE: Final = 7000  # of some 28,000 ports (ip(7)); those of the last crowds are in TIME_WAIT
_BESIDE: Final = 256  # what else this process holds
_BIND_ADDRESS_NO_PORT: Final = 24  # ip(7)


def make_room(clients: int) -> None:
    """Raise our limit of descriptors for these clients; raises HarnessError above the hard limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard not in {resource.RLIM_INFINITY, max(hard, clients + _BESIDE)}:
        raise harness.HarnessError(
            f"{clients} clients need {clients + _BESIDE} descriptors, and this process may have {hard} "
            f"(ulimit -Hn): --clients {max(0, hard - _BESIDE)} is possible"
        )
    if soft != resource.RLIM_INFINITY and soft < clients + _BESIDE:
        resource.setrlimit(resource.RLIMIT_NOFILE, (clients + _BESIDE, hard))


def spread(fds: Sequence[int], host: str) -> None:
    """Let TCP sockets connect from 127.0.0.1, then 127.0.0.2 and so on, before the ports of one run out.

    The kernel chooses the ports when they connect. Elsewhere than on the loopback one address must do.
    """
    for number in range(_FROM_ONE, len(fds)) if host.startswith("127.") else ():
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 0, fileno=fds[number])
        try:
            sock.setsockopt(socket.IPPROTO_IP, _BIND_ADDRESS_NO_PORT, 1)
            sock.bind((f"127.0.0.{1 + number // _FROM_ONE}", 0))
        finally:
            sock.detach()
