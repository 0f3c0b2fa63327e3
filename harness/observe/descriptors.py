"""Which process holds which socket, by inode.

Source: proc(5) on /proc/PID/fd: a socket's link reads "socket:[inode]".
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection
from typing import Final

from . import census

_EPOLL: Final = "anon_inode:[eventpoll]"
_EPOLLIN: Final = 1
_EPOLLET: Final = 1 << 31
_WATCHED: Final = re.compile(rb"events: *([0-9a-f]+) .* ino:([0-9a-f]+) ")


def socket_inodes(pid: int) -> tuple[int, list[int]]:
    """(number of open descriptors, inodes of those that are sockets); (0, []) when it has gone."""
    folder = f"/proc/{pid}/fd"
    try:
        names = os.listdir(folder)
    except OSError:
        return 0, []
    found = []
    for name in names:
        try:
            link = os.readlink(f"{folder}/{name}")
        except OSError:
            continue
        if link.startswith("socket:["):
            found.append(int(link[8:-1]))
    return len(names), found


def is_edge_triggered(pid: int, inodes: Collection[int]) -> bool:
    """Whether an epoll of the process watches one of these sockets with EPOLLET (proc(5), fdinfo)."""
    try:
        names = os.listdir(f"/proc/{pid}/fd")
    except OSError:
        return False
    return any(
        int(ino, 16) in inodes and int(mask, 16) & _EPOLLET and int(mask, 16) & _EPOLLIN
        for name in names
        if _link(pid, name) == _EPOLL
        for mask, ino in _WATCHED.findall(census.read_all(f"/proc/{pid}/fdinfo/{name}"))
    )


def _link(pid: int, name: str) -> str:
    try:
        return os.readlink(f"/proc/{pid}/fd/{name}")
    except OSError:
        return ""


def kind_of(pid: int, fd: int) -> tuple[str, int]:
    """("socket", inode), ("pipe", inode), or (path, 0) of one descriptor; ("", 0) when gone."""
    try:
        link = os.readlink(f"/proc/{pid}/fd/{fd}")
    except OSError:
        return "", 0
    kind, _, rest = link.partition(":[")
    return (kind, int(rest[:-1])) if rest else (link, 0)
