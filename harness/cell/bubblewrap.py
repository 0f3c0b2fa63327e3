"""The bubblewrap around a subject: nothing visible but the toolchain and the submission.

Source: bwrap(1). The pid namespace and its /proc are the cell's own (see `init`), so bubblewrap
adds user, uts, cgroup and mount namespaces; one for System V's objects where the cell has none.
"""

import contextlib
import glob
import os
import shutil
import stat
from collections.abc import Sequence
from functools import cache
from typing import Final

from . import surroundings

_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_SETTINGS: Final = "/proc/sys/user"
_EMPTY: Final = (
    "/boot", "/home", "/media", "/mnt", "/opt", "/root", "/run", "/run/lock", "/srv", "/sys", "/var",
    "/var/cache", "/var/lib", "/var/log", "/var/tmp",
)  # fmt: skip
_MODES: Final = {"/root": "0700", "/sys": "0555", "/run/lock": "1777", "/var/tmp": "1777"}
_FILES_OF_ETC: Final = (
    "alternatives", "group", "hostname", "hosts", "ld.so.cache", "ld.so.conf", "ld.so.conf.d",
    "localtime", "nsswitch.conf", "os-release", "passwd", "protocols", "services", "ssl/openssl.cnf",
    # Where a run-time's settings lie: without them PHP loads no extension that its packages bring.
    "java-*-openjdk", "java", "perl", "php/*/cli", "php/*/mods-available", "php.ini", "php.d",
)  # fmt: skip


def find() -> str | None:
    """The path of bwrap, None when it is not installed."""
    return shutil.which("bwrap", path=_PATH)


@cache
def closes_namespaces() -> tuple[str, ...]:
    """The words by which a build makes no user namespace; none where that is refused. A server may.

    Bubblewrap knows how since 0.8, and writes to /proc/sys, which containers may have read-only.
    All capabilities of such a namespace's maker meet code of the kernel that it could not reach before.
    Whether its bubblewrap knows the word is looked for in the program: to ask it is a process more.
    """
    bwrap = find()
    with contextlib.suppress(OSError):
        is_shut = os.statvfs(_SETTINGS).f_flag & os.ST_RDONLY
        if bwrap is not None and not is_shut and not os.stat(bwrap).st_mode & stat.S_ISUID:
            with open(bwrap, "rb") as file:
                return ("--disable-userns",) if b"disable-userns" in file.read() else ()
    return ()


def wrap(
    shown: dict[str, str], at_home: dict[str, int], folders: Sequence[str], *, in_folder: bool
) -> list[str]:
    """The arguments of bubblewrap for one program, which starts in the first folder or at home.

    Every folder of `shown` appears inside under its own path; its value is where it can be reached
    from here. `at_home` are copies of files, each from an open descriptor; `folders` are empty ones.
    """
    uid, host = str(surroundings.UID), surroundings.host_name()
    # fmt: off
    words = [
        "--unshare-user", "--unshare-uts", "--unshare-cgroup-try",
        "--new-session", "--cap-drop", "ALL", "--hostname", host, "--uid", uid, "--gid", uid,
        *system(),
        *_empty_folders(),
        "--bind", "/proc", "/proc", "--dev", "/dev",
        "--size", "16777216", "--perms", "1777", "--tmpfs", "/dev/shm",
        "--size", "16777216", "--perms", "1777", "--tmpfs", "/tmp",
        *parents(surroundings.HOME),
        "--size", "33554432", "--perms", "0755", "--tmpfs", surroundings.HOME,
        "--remount-ro", "/dev",
    ]
    for folder, place in shown.items():
        words += [*parents(folder), "--ro-bind", place, folder]
    for name, fd in at_home.items():
        path = f"{surroundings.HOME}/{name}"
        words += [*parents(path), "--perms", "0755", "--file", str(fd), path]
    for name in folders:
        path = f"{surroundings.HOME}/{name}".rstrip("/")
        words += [*parents(path), "--perms", "0755", "--dir", path]
    inside = next(iter(shown)) if in_folder else surroundings.HOME
    words += ["--remount-ro", "/", "--chdir", inside]
    # fmt: on
    return words


def around_build(bwrap: str, folder: str, inside: str, tools: Sequence[str]) -> list[str]:
    """The beginning of a command line that builds: all alone, and nothing to write to but a folder.

    The folder appears as `inside`; the `tools` are folders that a compiler lives in. The command is
    process 1 there: bubblewrap does not wait for one of its own, and would leave it to somebody else.
    """
    # fmt: off
    words = [
        bwrap, "--unshare-all", "--unshare-user", *closes_namespaces(), "--as-pid-1",
        "--new-session", "--die-with-parent", "--cap-drop", "ALL",
        *system(),
        "--proc", "/proc", "--dev", "/dev",
        "--size", "268435456", "--tmpfs", "/tmp",
        "--bind", folder, inside,
    ]
    for tool in tools:
        words += [*parents(tool), "--ro-bind", tool, tool]
    # fmt: on
    return [*words, "--remount-ro", "/", "--chdir", inside, "--"]


@cache
def system() -> tuple[str, ...]:
    """The toolchain, and what of /etc it needs."""
    words = ["--ro-bind", "/usr", "/usr"]
    for place in ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"):
        if os.path.islink(place):
            words += ["--symlink", os.readlink(place), place]
        elif os.path.isdir(place):
            words += ["--ro-bind", place, place]
    words += ["--perms", "0755", "--dir", "/etc"]
    for name in _FILES_OF_ETC:
        for place in sorted(glob.glob(f"/etc/{name}")):
            words += [*parents(place), "--ro-bind", place, place]
    return tuple(words)


@cache
def _empty_folders() -> tuple[str, ...]:
    """The folders that each machine has in its root, which nothing is to be read from (hier(7))."""
    words: list[str] = []
    for folder in _EMPTY:
        words += ["--perms", _MODES.get(folder, "0755"), "--dir", folder]
    return tuple(words)


def parents(folder: str) -> list[str]:
    """Bwrap makes missing parents with mode 0700, closed to a dropped uid: make them first."""
    words: list[str] = []
    parts = folder.strip("/").split("/")
    for depth in range(1, len(parts)):
        parent = "/" + "/".join(parts[:depth])
        if parent not in {"/usr", "/tmp", "/etc", surroundings.HOME}:
            words += ["--perms", "0755", "--dir", parent]
    return words
