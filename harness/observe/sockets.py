"""TCP sockets of this network namespace, as the kernel reports them.

Source: sock_diag(7); struct inet_diag_msg and struct tcp_info of linux/inet_diag.h, linux/tcp.h.
"""

import errno
import os
import socket
import struct
from enum import IntEnum
from functools import lru_cache
from typing import Final

import msgspec

_TCPDIAG_GETSOCK: Final = 18  # the older request: one dump for IPv4 and IPv6
_NLM_F_REQUEST_DUMP: Final = 0x301
_NLMSG_ERROR, _NLMSG_DONE = 2, 3
_INFO, _V6_ONLY = 2, 11  # INET_DIAG_INFO, INET_DIAG_SKV6ONLY
_WITH_TCP_INFO: Final = 1 << (2 - 1)
_MAPPED: Final = b"\0" * 10 + b"\xff\xff"
# Of struct inet_diag_msg: family, state, ports and addresses, two queues, inode.
_MESSAGE: Final = struct.Struct("=BB2x36s16xII4xI")
_HEADER, _ATTRIBUTE = struct.Struct("=IH"), struct.Struct("=HH")
# Of struct tcp_info: tcpi_snd_mss, _bytes_received, _notsent_bytes, _bytes_sent, _bytes_retrans; then
# tcpi_snd_wnd, since Linux 5.4.
_TCP_INFO: Final = struct.Struct("=16xI108xQ8xI52xQQ")
_WITH_WINDOW: Final = struct.Struct("=16xI108xQ8xI52xQQ12xI")


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
_STATES: Final = tuple(State)
Address = tuple[bytes, int]
_Told = tuple[tuple[int, int, bytes, int, int, int], tuple[int, ...], int]


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
    """Dumps the TCP table of the namespace it was made in. Owns one netlink socket.

    A socket of which the same is told as in the last dump keeps its row.
    """

    def __init__(self) -> None:
        self._netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 4)  # NETLINK_SOCK_DIAG
        self._netlink.settimeout(2.0)
        self._buffer = bytearray(1 << 17)
        self._rows: dict[_Told, Row] = {}
        self._info_at: dict[int, int] = {}  # by the length of a message

    def close(self) -> None:
        """Release the netlink socket."""
        self._netlink.close()

    def rows(self, port: int | None = None) -> list[Row]:
        """Every TCP socket, or only those with `port` at either end; raises OSError where refused."""
        found = self._dump()
        if port is None:
            return found
        return [row for row in found if port in (row.local[1], row.remote[1])]

    def _dump(self) -> list[Row]:
        request = struct.pack("=BBBB48xII", socket.AF_UNSPEC, 0, 0, _WITH_TCP_INFO, _ASKED_FOR, 0)
        header = struct.pack("=IHHII", 16 + len(request), _TCPDIAG_GETSOCK, _NLM_F_REQUEST_DUMP, 1, 0)
        self._netlink.send(header + request)
        found: list[Row] = []
        rows: dict[_Told, Row] = {}
        while True:
            size, data, at = self._netlink.recv_into(self._buffer), self._buffer, 0
            while at + 16 <= size:
                length, kind = _HEADER.unpack_from(data, at)
                if kind == _NLMSG_DONE:
                    self._rows = rows
                    return found
                if kind == _NLMSG_ERROR:
                    code = -struct.unpack_from("=i", data, at + 16)[0]
                    raise OSError(code, os.strerror(code))
                if not 16 + _MESSAGE.size <= length <= size - at:
                    raise OSError(errno.EBADMSG, os.strerror(errno.EBADMSG))
                told = self._told(data, at + 16, at + length)
                row = rows[told] = self._rows.get(told) or _row(*told)
                found.append(row)
                at += (length + 3) & ~3

    def _told(self, data: bytearray, at: int, end: int) -> _Told:
        """The content of a message, without the ages that the kernel counts on."""
        message = _MESSAGE.unpack_from(data, at)
        info = at + self._info_at.get(end - at, 0)
        length, kind = _ATTRIBUTE.unpack_from(data, info)
        if info == at or kind != _INFO or info + length > end:
            info, length = _attribute(data, at, end, _INFO)
            self._info_at[end - at] = max(0, info - at)
        size = length - _ATTRIBUTE.size
        info += _ATTRIBUTE.size
        told: tuple[int, ...] = ()
        if size >= _WITH_WINDOW.size:
            told = _WITH_WINDOW.unpack_from(data, info)
        elif size >= _TCP_INFO.size:
            told = _TCP_INFO.unpack_from(data, info)
        v6_only = 0
        if message[0] == socket.AF_INET6:
            only, length = _attribute(data, at, end, _V6_ONLY)
            v6_only = data[only + _ATTRIBUTE.size] if length > _ATTRIBUTE.size else 0
        return message, told, v6_only


def _row(message: tuple[int, int, bytes, int, int, int], info: tuple[int, ...], v6_only: int) -> Row:
    family, state, ends, unread, unsent, inode = message
    local, remote = _ends(family, ends)
    mss, received, untransmitted, sent, resent = info[:5] or (0,) * 5
    return Row(
        state=_STATES[state] if state < len(_STATES) else State.UNKNOWN,
        local=local,
        remote=remote,
        inode=inode,
        unread=unread,
        unsent=unsent,
        sent=sent - resent,
        received=received,
        untransmitted=untransmitted,
        window_is_closed=any(window < mss for window in info[5:]),
        is_counted=bool(info),
        v6=family == socket.AF_INET6,
        v6_only=v6_only == 1,
    )


def _attribute(data: bytearray, at: int, end: int, wanted: int) -> tuple[int, int]:
    """Place and length (with its head) of a message's attribute; (0, 0) without it."""
    at += _MESSAGE.size
    while at + _ATTRIBUTE.size <= end:
        length, kind = _ATTRIBUTE.unpack_from(data, at)
        if kind == wanted:
            return at, length
        at += max(_ATTRIBUTE.size, (length + 3) & ~3)
    return 0, 0


@lru_cache(maxsize=4096)
def _ends(family: int, raw: bytes) -> tuple[Address, Address]:
    """(local, remote): the same connection is read again and again."""
    ports = int.from_bytes(raw[:2], "big"), int.from_bytes(raw[2:4], "big")
    return (_address(family, raw[4:20]), ports[0]), (_address(family, raw[20:36]), ports[1])


def _address(family: int, raw: bytes) -> bytes:
    if family == socket.AF_INET:
        return raw[:4]
    return raw[12:] if raw.startswith(_MAPPED) else raw
