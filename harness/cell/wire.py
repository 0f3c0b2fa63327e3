"""Messages between harness, zygote, keeper and init: JSON behind a length, descriptors beside it."""

from __future__ import annotations

import array
import json
import socket
import struct
from typing import Any, Final

_LENGTH: Final = struct.Struct("=I")
_MOST_FDS: Final = 250
Message = dict[str, Any]


def send(channel: socket.socket, message: Message, fds: list[int] | None = None) -> None:
    """Write one message, its descriptors attached to the first byte (unix(7), SCM_RIGHTS).

    Raises:
        OSError: the other end has gone.
    """
    body = json.dumps(message, separators=(",", ":")).encode()
    data = _LENGTH.pack(len(body)) + body
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
    sent = channel.sendmsg([data], rights)
    if sent < len(data):
        channel.sendall(data[sent:])


class Inbox:
    """Reassembles messages from a stream socket."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._buffer = bytearray()
        self._fds: list[int] = []

    def read(self) -> bool:
        """Take in what is there; False at end of stream.

        Raises:
            BlockingIOError: the channel does not block and nothing is there.
        """
        try:
            space = socket.CMSG_SPACE(_MOST_FDS * 4)
            data, ancillary, _, _ = self._channel.recvmsg(1 << 16, space, socket.MSG_CMSG_CLOEXEC)
        except ConnectionResetError:
            return False
        for level, kind, payload in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                self._fds.extend(array.array("i", payload[: len(payload) // 4 * 4]))
        self._buffer += data
        return bool(data)

    def take(self) -> tuple[Message, list[int]] | None:
        """The next whole message and the descriptors it announces as "fds"; None when incomplete."""
        if len(self._buffer) < _LENGTH.size:
            return None
        (length,) = _LENGTH.unpack_from(self._buffer)
        end = _LENGTH.size + length
        if len(self._buffer) < end:
            return None
        message: Message = json.loads(self._buffer[_LENGTH.size : end])
        del self._buffer[:end]
        count = int(message.get("fds", 0))
        fds, self._fds = self._fds[:count], self._fds[count:]
        return message, fds

    def wait(self) -> tuple[Message, list[int]] | None:
        """Block until one message is there; None at end of stream."""
        while (message := self.take()) is None:
            if not self.read():
                return None
        return message
