"""What a subject leaves in a cell when all its processes have ended: connections, and objects by name.

Where all of it can be removed, or there is none, the cell may serve the next start as if just opened.
Source: sock_diag(7), SOCK_DESTROY (linux/sock_diag.h); sysvipc(7), mq_overview(7).
"""

import contextlib
import os
import socket
import struct
from typing import Final

from harness.observe.sockets import MAPPED, Address, Row, SocketTable, State

from .isolation import queues

_SOCK_DESTROY: Final = 21
_NLM_F_REQUEST_ACK: Final = 0x5
_ANY_STATE: Final = 0xFFFFFFFF
_NO_COOKIE: Final = struct.pack("=III", 0, 0xFFFFFFFF, 0xFFFFFFFF)  # of any interface
_SYSV: Final = tuple(f"/proc/sysvipc/{kind}" for kind in ("shm", "sem", "msg"))
_MOST: Final = 150  # a new cell costs less than to end more
_TRIES: Final = 3


def end_connections(table: SocketTable) -> bool:
    """End every connection of this network namespace, also those past their life; whether none is left.

    A server without SO_REUSEADDR could not start beside one in TIME_WAIT. Who listens still is none
    of the subject's, and keeps its port when its socket is ended.
    """
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 4) as netlink:  # NETLINK_SOCK_DIAG
        netlink.settimeout(1.0)
        for _ in range(_TRIES):
            try:
                rows = table.rows()
                if not rows:
                    return True
                if len(rows) > _MOST or any(row.state is State.LISTEN for row in rows):
                    return False
                for row in rows:  # its other end goes with it, and is then not found
                    netlink.send(_destroys(row))
                    netlink.recv(4096)
            except OSError:
                return False
    return False


def _destroys(row: Row) -> bytes:
    """The request that ends one connection: a message with struct inet_diag_req_v2."""
    family = socket.AF_INET6 if row.v6 else socket.AF_INET
    ports = struct.pack("!HH", row.local[1], row.remote[1])
    ends = _in_full(row.local, v6=row.v6) + _in_full(row.remote, v6=row.v6)
    body = struct.pack("=BBBxI", family, socket.IPPROTO_TCP, 0, _ANY_STATE) + ports + ends + _NO_COOKIE
    return struct.pack("=IHHII", 16 + len(body), _SOCK_DESTROY, _NLM_F_REQUEST_ACK, 1, 0) + body


def _in_full(address: Address, *, v6: bool) -> bytes:
    """An address in 16 bytes; that of an IPv6 socket that talks to IPv4 is told in 4."""
    raw = address[0]
    return MAPPED + raw if v6 and len(raw) == len(socket.inet_aton("0")) else raw.ljust(16, b"\0")


def are_objects_left() -> bool:
    """Whether an object of System V or a queue of POSIX lies in this IPC namespace, or may lie there."""
    with contextlib.suppress(OSError):
        if os.listdir(queues()) or not os.path.ismount(queues()):
            return True
        for path in _SYSV:
            with open(path, "rb", buffering=0) as file:
                if file.read(4096).count(b"\n") > 1:  # its first line names the columns
                    return True
        return False
    return True
