"""Messages between harness, zygote, keeper and init: structs behind a length, descriptors beside them.

MessagePack, by msgspec: both ends are of one version and one machine, so nothing is gained by text, and
a path that is no UTF-8 travels as it is (docs/decisions/0038).
"""

import array
import errno
import socket
import struct
from collections.abc import Iterable, Sequence
from typing import Final, Generic, TypeVar

import msgspec

_HEAD: Final = struct.Struct("=II")  # how many bytes follow, and how many descriptors belong to them
_MOST_FDS: Final = 250
_LONGEST: Final = 1 << 29
_ENCODER: Final = msgspec.msgpack.Encoder()
Heard = TypeVar("Heard")


class Garbled(OSError):
    """A message came that is none of ours: the channel is of no use any more."""


def send(
    channel: socket.socket, message: object, fds: Sequence[int] = (), *, before: Iterable[object] = ()
) -> None:
    """Write one message, its descriptors attached to the first byte (unix(7), SCM_RIGHTS).

    The messages `before` it, which have none, go along: the other end is woken once.
    """
    data = b"".join(map(_framed, before)) + _framed(message, len(fds))
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
    sent = channel.sendmsg([data], rights)
    if sent < len(data):
        channel.sendall(data[sent:])


def _framed(message: object, fds: int = 0) -> bytes:
    body = _ENCODER.encode(message)
    return _HEAD.pack(len(body), fds) + body


class Inbox(Generic[Heard]):
    """Reassembles messages from a stream socket; what they are, its decoder says."""

    def __init__(self, channel: socket.socket, decoder: msgspec.msgpack.Decoder[Heard]) -> None:
        self._channel = channel
        self._decoder = decoder
        self._buffer = bytearray()
        self._fds: list[int] = []

    def read(self) -> bool:
        """Take in what is there, False at end of stream; raises BlockingIOError without anything."""
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

    def take(self) -> tuple[Heard, list[int]] | None:
        """The next whole message with its descriptors, or None; raises Garbled if it is none of ours."""
        if len(self._buffer) < _HEAD.size:
            return None
        length, count = _HEAD.unpack_from(self._buffer)
        end = _HEAD.size + length
        if length > _LONGEST:
            raise Garbled(errno.EBADMSG, f"no message of ours has {length} bytes")
        if len(self._buffer) < end:
            return None
        try:
            message = self._decoder.decode(self._buffer[_HEAD.size : end])
        except msgspec.MsgspecError as error:
            raise Garbled(errno.EBADMSG, f"no message of ours: {error}") from error
        del self._buffer[:end]
        fds, self._fds = self._fds[:count], self._fds[count:]
        return message, fds

    def wait(self) -> tuple[Heard, list[int]] | None:
        """Block until one message is there; None at end of stream."""
        while (message := self.take()) is None:
            if not self.read():
                return None
        return message
