"""Which process holds which socket, by inode.

Source: proc(5) on /proc/PID/fd: a socket's link reads "socket:[inode]".
"""

import os
import re
import stat
from collections import Counter
from collections.abc import Collection, Iterable
from typing import Final

from . import procfs

_MANY, _MOST_PATHS = 8, 8
_KIND: Final = re.compile(r"(?:anon_inode:\[)?([a-z]+)(?::\[\d+\]|\])")  # proc(5): type:[inode]
_INODE: Final = re.compile(r"([a-z]+):\[(\d+)\]", re.ASCII)
_TERMINALS: Final = {4, 5, *range(136, 144)}  # major numbers: tty, console, pts
_EPOLLIN: Final = 1
_EPOLLET: Final = 1 << 31
_FLAGS: Final = re.compile(rb"^flags:\s*([0-7]+)", re.MULTILINE)
_WATCHED: Final = re.compile(rb"events: *([0-9a-f]+) .* ino:([0-9a-f]+) ")


def links(pid: int) -> list[tuple[str, str]]:
    """The open descriptors of a process, each with its link ("" where it cannot be read)."""
    folder = f"/proc/{pid}/fd"
    try:
        return [(name, _link(f"{folder}/{name}")) for name in os.listdir(folder)]
    except OSError:
        return []


def _link(path: str) -> str:
    try:
        return os.readlink(path)
    except OSError:
        return ""


def count(pid: int) -> int:
    """How many descriptors are open (proc(5), since Linux 6.2); 0 where that is not told."""
    try:
        return os.stat(f"/proc/{pid}/fd").st_size
    except OSError:
        return 0


def socket_inodes(pid: int) -> list[int]:
    """The inodes of the sockets that a process holds; none when it has gone."""
    return [inode for _, link in links(pid) if (inode := inode_in(link)) is not None]


def inode_in(link: str) -> int | None:
    """The inode of the socket to which a descriptor's link points; None where it is no socket."""
    return int(link[8:-1]) if link.startswith("socket:[") else None


def by_what(links: Collection[tuple[str, str]]) -> dict[str, int]:
    """How many descriptors lead to each target: "socket", "pipe", "eventpoll", or a file's path.

    Nothing of the few that every program has; and files together, where there are many.
    """
    if len(links) < _MANY:
        return {}
    told = Counter(_KIND.sub(r"\1", link) for _, link in links)
    paths = [each for each in told if each.startswith("/")]
    if len(paths) > _MOST_PATHS:
        told["file"] = sum(told.pop(path) for path in paths)
    return dict(told)


def never_waits(pid: int, inode: int) -> bool:
    """Whether the process has this socket in non-blocking mode (proc(5), fdinfo)."""
    names = (name for name, link in links(pid) if inode_in(link) == inode)
    told = (_FLAGS.search(procfs.read_all(f"/proc/{pid}/fdinfo/{name}")) for name in names)
    return any(found is not None and int(found[1], 8) & os.O_NONBLOCK for found in told)


def is_edge_triggered(pid: int, epolls: Iterable[str], inodes: Collection[int]) -> bool:
    """Whether one of these epolls watches one of these sockets with EPOLLET (proc(5), fdinfo)."""
    return any(
        int(ino, 16) in inodes and int(mask, 16) & _EPOLLET and int(mask, 16) & _EPOLLIN
        for name in epolls
        for mask, ino in _WATCHED.findall(procfs.read_all(f"/proc/{pid}/fdinfo/{name}"))
    )


def is_terminal(pid: int, fd: int) -> bool:
    """Whether a descriptor leads to a terminal, by its device (pts(4))."""
    try:
        told = os.stat(f"/proc/{pid}/fd/{fd}")
    except OSError:
        return False
    return stat.S_ISCHR(told.st_mode) and os.major(told.st_rdev) in _TERMINALS


def kind_of(pid: int, fd: int) -> tuple[str, int]:
    """("socket", inode), ("pipe", inode), or (path, 0) of one descriptor; ("", 0) when gone."""
    return kind_in(_link(f"/proc/{pid}/fd/{fd}"))


def kind_in(link: str) -> tuple[str, int]:
    """As `kind_of`, by the text of a descriptor's link."""
    found = _INODE.fullmatch(link)
    return (found[1], int(found[2])) if found else (link, 0)
