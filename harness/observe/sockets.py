"""TCP sockets of this network namespace, as the kernel reports them.

Source: sock_diag(7); struct inet_diag_msg and struct tcp_info of linux/inet_diag.h, linux/tcp.h.
"""

from __future__ import annotations

import os
import socket
import struct
from enum import IntEnum
from typing import Final

import msgspec

_TCPDIAG_GETSOCK: Final = 18  # the older request: one dump for IPv4 and IPv6
_NLM_F_REQUEST_DUMP: Final = 0x301
_NLMSG_ERROR, _NLMSG_DONE = 2, 3
_INFO, _V6_ONLY = 2, 11  # INET_DIAG_INFO, INET_DIAG_SKV6ONLY
_WITH_TCP_INFO: Final = 1 << (2 - 1)
_MAPPED: Final = b"\0" * 10 + b"\xff\xff"
_MESSAGE: Final = struct.Struct("=BBBB2s2s16s16sI8sIIIII")


class State(IntEnum):
    """TCP states by the kernel's numbers (net/tcp_states.h)."""

    UNKNOWN = 0
    ESTABLISHED = 1
    SYN_SENT = 2
    SYN_RECV = 3
    FIN_WAIT1 = 4
    FIN_WAIT2 = 5
    TIME_WAIT = 6
    CLOSE = 7
    CLOSE_WAIT = 8
    LAST_ACK = 9
    LISTEN = 10
    CLOSING = 11
    NEW_SYN_RECV = 12


# Not bit 13, sockets that are bound and do nothing: for them the kernel walks the whole machine's table.
_ASKED_FOR: Final = sum(1 << state for state in State if state is not State.UNKNOWN)
Address = tuple[bytes, int]


class Row(msgspec.Struct, frozen=True):
    """One TCP socket. For LISTEN, `unread` is the queue's length and `unsent` the backlog.

    `inode` is 0 until accept() and again after close(). Counters are payload bytes; `received`
    counts a FIN as one. A socket past its life (TIME_WAIT, and FIN_WAIT2 after close()) is not
    counted any more: its counters read 0.
    """

    state: State
    local: Address
    remote: Address
    inode: int
    unread: int
    unsent: int
    sent: int = 0
    received: int = 0
    untransmitted: int = 0
    window_is_closed: bool = False
    is_counted: bool = False
    v6: bool = False
    v6_only: bool = False

    @property
    def ends(self) -> tuple[Address, Address]:
        """(local, remote); the other end's row has them swapped."""
        return self.local, self.remote


class SocketTable:
    """Dumps the TCP table of the namespace it was made in. Owns one netlink socket."""

    def __init__(self) -> None:
        self._netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 4)  # NETLINK_SOCK_DIAG
        self._netlink.settimeout(2.0)
        self._buffer = bytearray(1 << 17)

    def close(self) -> None:
        """Release the netlink socket."""
        self._netlink.close()

    def rows(self, port: int | None = None) -> list[Row]:
        """Every TCP socket, or only those with `port` at either end.

        Raises:
            OSError: the kernel refused the dump (ours, never the subject's fault).
        """
        found = self._dump()
        if port is None:
            return found
        return [row for row in found if port in (row.local[1], row.remote[1])]

    def _dump(self) -> list[Row]:
        request = struct.pack("=BBBB48xII", socket.AF_UNSPEC, 0, 0, _WITH_TCP_INFO, _ASKED_FOR, 0)
        header = struct.pack("=IHHII", 16 + len(request), _TCPDIAG_GETSOCK, _NLM_F_REQUEST_DUMP, 1, 0)
        self._netlink.send(header + request)
        found: list[Row] = []
        while True:
            size, data, at = self._netlink.recv_into(self._buffer), memoryview(self._buffer), 0
            while at + 16 <= size:
                length, kind = struct.unpack_from("=IH", data, at)
                if kind == _NLMSG_DONE:
                    return found
                if kind == _NLMSG_ERROR:
                    code = -struct.unpack_from("=i", data, at + 16)[0]
                    raise OSError(code, os.strerror(code))
                found.append(_row(bytes(data[at + 16 : at + length])))
                at += (length + 3) & ~3


def _row(message: bytes) -> Row:
    family, state, _, _, sport, dport, src, dst, _, _, _, unread, unsent, _, inode = (
        _MESSAGE.unpack_from(message)
    )
    info = _attribute(message, _INFO)
    sent = received = untransmitted = 0
    window_is_closed = False
    if len(info) >= 216:
        received, untransmitted = struct.unpack_from("=Q8xI", info, 128)
        sent, resent = struct.unpack_from("=QQ", info, 200)
        sent -= resent
        if len(info) >= 232:
            mss, window = struct.unpack_from("=I", info, 16)[0], struct.unpack_from("=I", info, 228)[0]
            window_is_closed = window < mss
    return Row(
        state=State(state) if state <= State.NEW_SYN_RECV else State.UNKNOWN,
        local=(_address(family, src), int.from_bytes(sport, "big")),
        remote=(_address(family, dst), int.from_bytes(dport, "big")),
        inode=inode,
        unread=unread,
        unsent=unsent,
        sent=sent,
        received=received,
        untransmitted=untransmitted,
        window_is_closed=window_is_closed,
        is_counted=len(info) >= 216,
        v6=family == socket.AF_INET6,
        v6_only=_attribute(message, _V6_ONLY)[:1] == b"\x01",
    )


def _attribute(message: bytes, wanted: int) -> bytes:
    at = _MESSAGE.size
    while at + 4 <= len(message):
        length, kind = struct.unpack_from("=HH", message, at)
        if kind == wanted:
            return message[at + 4 : at + length]
        at += max(4, (length + 3) & ~3)
    return b""


def _address(family: int, raw: bytes) -> bytes:
    if family == socket.AF_INET:
        return raw[:4]
    return raw[12:] if raw.startswith(_MAPPED) else raw
