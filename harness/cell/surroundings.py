"""What a subject sees around itself: a machine with one user who has logged in, and nothing of ours.

A server that recognised its judge could be sound for it alone. Made before the subject starts, by the
cell's init, with the rights that this has in its namespaces; what is refused stays as it is.
Source: proc(5), /proc/sys/kernel/ns_last_pid; passwd(5), group(5), hosts(5).
"""

import contextlib
import glob
import os
import platform
import random
import socket
from collections.abc import Collection
from functools import cache
from typing import Final

from harness.observe import linux

from .isolation import SCRATCH, drop_to, open_place

USER: Final = "student"
UID: Final = 1000
HOME: Final = f"/home/{USER}"
_INIT: Final = ("systemd", b"/sbin/init")
_FIRST_PIDS: Final = range(900, 9000)
_SYSTEMS_OWN: Final = 1000
_NOBODY: Final = 65534
_LOCKS: Final = "/tmp/forkspec-*.lock"


@cache
def host_name() -> str:
    """A usual host name: that of the system, as a machine has it whose owner has chosen none."""
    with contextlib.suppress(OSError):
        return platform.freedesktop_os_release().get("ID", "linux")
    return "linux"


def put_on(bwrap: str | None, uid: int) -> None:
    """Give this cell a host name, users, pids and a process 1 as other machines have them.

    Its `bwrap`, if it has one, is told as a shell; without one its subject has this `uid` at first.
    """
    with contextlib.suppress(OSError):
        linux.unshare(linux.CLONE_NEWUTS)
        socket.sethostname(host_name())
    for name, text in files():
        with contextlib.suppress(OSError):
            with open(f"{open_place()}/{name}", "w", encoding="utf-8") as file:
                file.write(text)
            linux.mount(f"{open_place()}/{name}", f"/etc/{name}", None, linux.MS_BIND)
    if bwrap is None:
        _hide_what_is_shared(uid)
        with contextlib.suppress(OSError):
            linux.unshare(linux.CLONE_NEWCGROUP)
    with contextlib.suppress(OSError):
        if bwrap:
            os.symlink(bwrap, f"{open_place()}/bash")
    with contextlib.suppress(OSError), open("/proc/sys/kernel/ns_last_pid", "w") as file:
        file.write(str(random.choice(_FIRST_PIDS)))
    with contextlib.suppress(OSError):
        linux.set_command(*_INIT)


def _hide_what_is_shared(uid: int) -> None:
    """No memory of the machine's to leave files in, and none of our locks to hold.

    Bubblewrap shows neither of them. A process that can read a file can lock it: flock(2). Where the
    subject can have a /tmp of its own it sees no lock; a mount over each lock would name it.
    """
    with contextlib.suppress(OSError):
        linux.mount("tmpfs", "/dev/shm", "tmpfs", linux.MS_NOSUID_NODEV, "mode=1777,size=16m")
    if _can_hide_scratch(uid):
        return
    closed = f"{open_place()}/closed"
    with contextlib.suppress(OSError):
        os.close(os.open(closed, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0))
    for path in glob.glob(_LOCKS):
        with contextlib.suppress(OSError):
            linux.mount(closed, path, None, linux.MS_BIND)


def _can_hide_scratch(uid: int) -> bool:
    """Whether a subject of this uid will be granted a /tmp of its own: tried by a child."""
    try:
        pid = os.fork()
    except OSError:  # the machine is short of processes: a start will say so, if it still is
        return False
    if pid == 0:
        with contextlib.suppress(OSError):
            drop_to(uid)
            os._exit(0 if be_the_user() and hide_scratch(()) else 1)
        os._exit(1)
    return os.waitpid(pid, 0)[1] == 0


def as_shell(program: str) -> str:
    """A path by which /proc calls this program a shell (proc(5), comm); its own where there is none."""
    link = f"{open_place()}/bash"
    return link if os.path.islink(link) else program


def make_home(uid: int) -> str:
    """A home where there is no bubblewrap to make one: its path."""
    home = f"{open_place()}/{USER}"
    os.mkdir(home, 0o755)
    os.chown(home, uid, -1)
    return home


def be_the_user() -> bool:
    """Become user UID in a new user namespace; False where the kernel refuses."""
    try:
        linux.be_user(UID, UID)
    except OSError:
        return False
    return True


def hide_scratch(reads: Collection[str]) -> bool:
    """Give this process empty folders for scratch of its own, /tmp among them; False if refused.

    Of what others have there it sees the folders that it `reads`.
    """
    try:
        linux.unshare(linux.CLONE_NEWNS)
        kept = {
            folder: os.open(folder, os.O_PATH | os.O_CLOEXEC)
            for folder in reads
            if folder.startswith(tuple(f"{place}/" for place in SCRATCH))
        }
        for place in filter(os.path.isdir, SCRATCH):
            linux.mount("tmpfs", place, "tmpfs", linux.MS_NOSUID_NODEV, "mode=1777,size=16m")
        for folder, opened in kept.items():
            os.makedirs(folder)
            linux.mount(f"/proc/self/fd/{opened}", folder, None, linux.MS_BIND | linux.MS_REC)
            os.close(opened)
    except OSError:
        return False
    return True


@cache
def files() -> tuple[tuple[str, str], ...]:
    """Files of /etc by name: the system's own users, and ours."""
    hosts = f"127.0.0.1\tlocalhost\n127.0.1.1\t{host_name()}\n::1\tlocalhost ip6-localhost\n"
    return (
        ("passwd", _systems("passwd") + f"{USER}:x:{UID}:{UID}::{HOME}:/bin/bash\n"),
        ("group", _systems("group") + f"{USER}:x:{UID}:\n"),
        ("hosts", hosts),
        ("hostname", f"{host_name()}\n"),
    )


def _systems(name: str) -> str:
    with open(f"/etc/{name}", encoding="utf-8", errors="replace") as file:
        lines = [line for line in file if line.count(":") > 1]
    numbers = [int(line.split(":")[2] or 0) for line in lines]
    return "".join(
        line for line, n in zip(lines, numbers, strict=True) if n < _SYSTEMS_OWN or n == _NOBODY
    )
