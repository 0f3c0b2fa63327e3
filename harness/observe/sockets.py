"""TCP sockets of this network namespace, as the kernel reports them.

Source: sock_diag(7); struct inet_diag_msg and struct tcp_info of linux/inet_diag.h, linux/tcp.h.
"""

import errno
import os
import socket
import struct
from enum import IntEnum
from functools import lru_cache
from typing import Any, Final

import msgspec

_TCPDIAG_GETSOCK: Final = 18  # the older request: one dump for IPv4 and IPv6
_NLM_F_REQUEST_DUMP: Final = 0x301
_NLMSG_ERROR, _NLMSG_DONE = 2, 3
_INFO, _V6_ONLY = 2, 11  # INET_DIAG_INFO, INET_DIAG_SKV6ONLY
_WITH_TCP_INFO: Final = 1 << (2 - 1)
MAPPED: Final = b"\0" * 10 + b"\xff\xff"
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
_REQUEST: Final = struct.pack(
    "=IHHII", 16 + 60, _TCPDIAG_GETSOCK, _NLM_F_REQUEST_DUMP, 1, 0
) + struct.pack("=BBBB48xII", socket.AF_UNSPEC, 0, 0, _WITH_TCP_INFO, _ASKED_FOR, 0)
Address = tuple[bytes, int]
# Family, state, both ends, two queues, inode; then V6_ONLY with its head, and the counters with theirs.
_Told = tuple[Any, ...]
_V6_BYTES: Final = _ATTRIBUTE.size + 1
_WITH_V6_ONLY: Final = (3, 3 + 2 + 5, 3 + 2 + 6)
_MOST_ROWS: Final = 4096


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


class _Layout:
    """Where messages of one length hold what is told; one unpacking reads it, with attributes' heads."""

    def __init__(self, data: bytearray, at: int, end: int) -> None:
        """As the message has it that lies there."""
        self.places = _places(data, at, end)
        only, _, info, length = self.places
        text, reached = _MESSAGE.format, _MESSAGE.size
        if only:
            text += f"{only - reached}xHHB"
            reached = only + _V6_BYTES
        size = length - _ATTRIBUTE.size
        if size >= _TCP_INFO.size:
            last = _WITH_WINDOW if size >= _WITH_WINDOW.size else _TCP_INFO
            text += f"{info - reached}xHH{last.format[1:]}"
        told = struct.Struct(text)
        self.told_at = told.unpack_from
        left = ((end - at + 3) & ~3) - told.size  # behind what counts, to the next message
        self.whole = f"IH{16 - _HEADER.size}x{text[1:]}{left}x"


class _Part:
    """What one read of a dump has brought: its bytes, the heads in it, and the rows they told.

    Most dumps tell what the last one did, but for ages in milliseconds. One unpacking of all that counts
    finds that out.
    """

    def __init__(self, data: bytes, size: int, layouts: list[_Layout], rows: list[Row]) -> None:
        """`data` may go on behind the `size` bytes: the last message need not fill its words."""
        self.rows = rows
        self._data = data
        self._size = size
        self._layouts = layouts
        self._told: tuple[Any, ...] | None = None
        self._told_at = _MESSAGE.unpack_from

    def tells(self, data: bytearray, size: int) -> bool:
        """Whether as many bytes tell the same, message by message."""
        if size != self._size:
            return False
        if self._told is None:
            self._told_at = _whole(tuple(layout.whole for layout in self._layouts)).unpack_from
            self._told = self._told_at(self._data)
        return self._told_at(data) == self._told


@lru_cache(maxsize=64)
def _whole(messages: tuple[str, ...]) -> struct.Struct:
    return struct.Struct("=" + "".join(messages))


class SocketTable:
    """Dumps the TCP table of the namespace it was made in. Owns one netlink socket.

    A socket of which the same is told as in the last dump keeps its row.
    """

    def __init__(self) -> None:
        self._netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 4)  # NETLINK_SOCK_DIAG
        self._netlink.settimeout(2.0)
        self._buffer = bytearray(1 << 17)
        self._rows: dict[_Told, Row] = {}
        self._layouts: dict[int, _Layout] = {}  # by the length of a message
        self._parts: list[_Part] = []

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
        self._netlink.send(_REQUEST)
        if len(self._rows) > _MOST_ROWS:
            self._rows.clear()
        found: list[Row] = []
        number, is_over = 0, False
        while not is_over:
            size = self._netlink.recv_into(self._buffer)
            known = self._parts[number] if number < len(self._parts) else None
            if known is None or not known.tells(self._buffer, size):
                known, is_over = self._read(size)
                self._parts[number:] = [known]
            found = found + known.rows if found else known.rows
            number += 1
        return found

    def _read(self, size: int) -> tuple[_Part, bool]:
        """What came in one read, and whether it was the last."""
        found: list[Row] = []
        seen: list[_Layout] = []
        data, rows, layouts, head = self._buffer, self._rows, self._layouts, _HEADER.unpack_from
        at = 0
        while at + 16 <= size:
            length, kind = head(data, at)
            if kind == _NLMSG_DONE:
                return _Part(b"", 0, [], found), True
            if kind == _NLMSG_ERROR:
                code = -struct.unpack_from("=i", data, at + 16)[0]
                raise OSError(code, os.strerror(code))
            if not 16 + _MESSAGE.size <= length <= size - at:
                raise OSError(errno.EBADMSG, os.strerror(errno.EBADMSG))
            row = rows.get(layouts[length].told_at(data, at + 16)) if length in layouts else None
            found.append(row or self._new(data, at + 16, at + length))
            seen.append(layouts[length])
            at += (length + 3) & ~3
        return _Part(bytes(memoryview(data)[: size + 4]), size, seen, found), False

    def _new(self, data: bytearray, at: int, end: int) -> Row:
        """A row for a message with new content, or with a new layout."""
        length = end - at + 16
        layout = self._layouts.get(length)
        if layout is None or layout.places != _places(data, at, end):
            layout = self._layouts[length] = _Layout(data, at, end)
        told: _Told = layout.told_at(data, at)
        row = self._rows[told] = _row(told)
        return row


def _row(told: _Told) -> Row:
    """A row by the content of a message, without the ages that the kernel counts on."""
    family, state, ends, unread, unsent, inode = told[:6]
    v6_only, info = 0, told[6:]
    if len(info) in _WITH_V6_ONLY:
        v6_only, info = info[2], info[3:]
    local, remote = _ends(family, ends)
    mss, received, untransmitted, sent, resent = info[2:7] or (0,) * 5
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
        window_is_closed=any(window < mss for window in info[7:]),
        is_counted=bool(info),
        v6=family == socket.AF_INET6,
        v6_only=v6_only == 1,
    )


def _places(data: bytearray, at: int, end: int) -> tuple[int, int, int, int]:
    """Places and lengths of the two attributes that are asked for; 0 without them.

    The kernel puts V6_ONLY first. Only an IPv6 socket's counts.
    """
    info, length = _attribute(data, at, end, _INFO)
    if info + length > end or length < _ATTRIBUTE.size + _TCP_INFO.size:
        info = length = 0
    only, bytes_ = 0, 0
    if data[at] == socket.AF_INET6:
        only, bytes_ = _attribute(data, at, info or end, _V6_ONLY)
    if bytes_ <= _ATTRIBUTE.size or only + bytes_ > (info or end):
        only = bytes_ = 0
    return max(0, only - at), bytes_, max(0, info - at), length


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
    return raw[12:] if raw.startswith(MAPPED) else raw
