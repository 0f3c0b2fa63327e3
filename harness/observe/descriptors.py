"""Which process holds which socket, by inode.

Source: proc(5) on /proc/PID/fd: a socket's link reads "socket:[inode]".
"""

from __future__ import annotations

import os


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


def kind_of(pid: int, fd: int) -> tuple[str, int]:
    """("socket", inode), ("pipe", inode), or (path, 0) of one descriptor; ("", 0) when gone."""
    try:
        link = os.readlink(f"/proc/{pid}/fd/{fd}")
    except OSError:
        return "", 0
    kind, _, rest = link.partition(":[")
    return (kind, int(rest[:-1])) if rest else (link, 0)
