"""What this machine grants a keeper: namespaces of its own, or none.

Source: namespaces(7), user_namespaces(7); `lo` comes up by SIOCSIFFLAGS (netdevice(7)).
"""

import contextlib
import errno
import fcntl
import os
import socket
import struct
from functools import cache
from typing import Final

from harness.observe import linux

_SIOCSIFFLAGS: Final = 0x8914
_SIOCSIFADDR: Final = 0x8916
_IFF_UP: Final = 0x1
FIRST_SUBJECT_UID: Final = 61_000
SUBJECT_UIDS: Final = 4_000
SCRATCH: Final = ("/tmp", "/var/tmp")
_PLACES: Final = ("/mnt", "/srv", "/opt", "/media")
_CONTAINERS_LEAVE: Final = ("/.dockerenv", "/run/.containerenv")


class Refused(Exception):
    """The kernel or the container refuses; `code` is one of ours, the text what it said."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


def is_in_container() -> bool:
    """Whether this machine is one that nothing else lives in: Docker, Podman, Kubernetes, LXC.

    Source: systemd's "Container Interface"; docker and podman leave files in the root.
    """
    if any(map(os.path.exists, _CONTAINERS_LEAVE)) or "KUBERNETES_SERVICE_HOST" in os.environ:
        return True
    with contextlib.suppress(OSError), open("/proc/1/environ", "rb") as file:
        return any(entry.startswith(b"container=") for entry in file.read().split(b"\0"))
    return False


def subject_uid() -> int:
    """The uid a subject runs under: a spare one when we are root, else our own."""
    return uid_of(os.getpid()) if os.getuid() == 0 else os.getuid()


def uid_of(keeper: int) -> int:
    """The spare uid of the subject of such a keeper."""
    return FIRST_SUBJECT_UID + keeper % SUBJECT_UIDS


def enter_namespaces(uid: int) -> None:
    """Give this process a network namespace, and its next child a pid namespace.

    As root with CAP_SYS_ADMIN without a user namespace, otherwise within one; root drops to `uid`
    in both cases, later in the first (its child still has to mount).

    Raises:
        Refused: nothing is granted; nothing has changed but perhaps the uid.
    """
    if os.getuid() == 0:
        try:
            linux.unshare(linux.CLONE_NEWNET | linux.CLONE_NEWPID)
        except OSError as error:
            if error.errno != errno.EPERM:
                raise Refused("namespaces", f"unshare: {error.strerror}") from error
            drop_to(uid)
            _enter_as_user(uid)
    else:
        _enter_as_user(uid)
    _shrink_socket_table()
    try:
        raise_loopback()
    except OSError as error:
        raise Refused("loopback", f"lo cannot be raised: {error.strerror}") from error


def _shrink_socket_table() -> None:
    """Make a second network namespace with a TCP table of its own, if the kernel can do that.

    A new namespace shares the machine's table, and every dump walks all its buckets: 0.4 ms
    instead of 0.1 ms (docs/decisions/0003). Source: ip-sysctl, tcp_child_ehash_entries (6.1).
    """
    with contextlib.suppress(OSError):
        with open("/proc/sys/net/ipv4/tcp_child_ehash_entries", "w") as file:
            file.write("512")
        linux.unshare(linux.CLONE_NEWNET)


def _enter_as_user(uid: int) -> None:
    try:
        linux.be_user(uid, os.getgid(), linux.CLONE_NEWNET | linux.CLONE_NEWPID)
    except OSError as error:
        raise Refused("namespaces", f"unshare: {error.strerror}") from error


def drop_to(uid: int, *, looks: bool = False, owns_network: bool = False) -> None:
    """From root to an ordinary uid, whole and for good; observable by that uid again.

    A process that `looks` keeps the rights to see a process that hides (PR_SET_DUMPABLE, set-uid):
    the files of such a process in /proc are root's (proc(5)). One that `owns_network` may also end
    the connections of its network namespace. No program that it starts inherits these rights.
    """
    if os.getuid() != 0:
        return
    if looks:
        linux.prctl(linux.PR_SET_KEEPCAPS, 1)
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    if looks:
        with contextlib.suppress(OSError):
            kept = [linux.CAP_DAC_READ_SEARCH, linux.CAP_SYS_PTRACE]
            linux.keep_only([*kept, linux.CAP_NET_ADMIN] if owns_network else kept)
    linux.prctl(linux.PR_SET_DUMPABLE, 1)


def raise_loopback() -> None:
    """Bring `lo` up; a new network namespace has it down.

    It gets a second address: with 127.0.0.1 alone a machine has no IPv4 for getaddrinfo(3), which
    refuses AF_INET with AI_ADDRCONFIG there, as Perl's IO::Socket::IP asks. No student's has so little.
    """
    with socket.socket() as any_socket:
        request = struct.pack("16sH14x", b"lo", _IFF_UP)
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, request)
        second = struct.pack("16sHH4s16x", b"lo:0", socket.AF_INET, 0, socket.inet_aton("127.0.0.2"))
        with contextlib.suppress(OSError):
            fcntl.ioctl(any_socket, _SIOCSIFADDR, second)


@cache
def open_place() -> str:
    """A folder that every user can reach, and where nothing lies that anybody may need."""
    empty = (place for place in _PLACES if os.path.isdir(place) and not os.listdir(place))
    return next(empty, _PLACES[-1])


def own_mounts() -> str:
    """Make namespaces for mounts and System V's objects, and an own /proc; why not, or ""."""
    try:
        linux.unshare(linux.CLONE_NEWNS | linux.CLONE_NEWIPC)
        linux.mount("none", "/", None, linux.MS_REC | linux.MS_PRIVATE)
        linux.mount("proc", "/proc", "proc", linux.MS_NOSUID_NODEV)
        linux.mount("tmpfs", open_place(), "tmpfs", linux.MS_NOSUID_NODEV, "mode=0755,size=32m")
    except OSError as error:
        return f"own /proc: {error.strerror}"
    return ""


def show_queues() -> None:
    """Let this process see POSIX's message queues (mq_overview(7)); to be done after `own_mounts`."""
    with contextlib.suppress(OSError):
        os.mkdir(queues(), 0o700)
        linux.mount("none", queues(), "mqueue", linux.MS_NOSUID_NODEV)


def queues() -> str:
    """The folder in which `show_queues` shows them."""
    return f"{open_place()}/queues"


def show_folders(folders: list[str]) -> dict[str, str]:
    """Where an ordinary uid reaches these folders, bound to an open place; needs root, `own_mounts`."""
    shown = {folder: folder for folder in folders}
    closed = [folder for folder in folders if not is_open(folder)]
    for number, folder in enumerate(closed):
        shown[folder] = f"{open_place()}/{number}"
        os.mkdir(shown[folder], 0o755)
        linux.mount(folder, shown[folder], None, linux.MS_BIND | linux.MS_REC)
    return shown


def is_open(folder: str) -> bool:
    """True when an ordinary uid can reach the folder by its path."""
    while folder != "/":
        if not os.stat(folder).st_mode & 0o001:
            return False
        folder = os.path.dirname(folder)
    return True
