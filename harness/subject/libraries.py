"""Which Debian package brings a header or a library that C and C++ programs ask for.

Only what is known is told as the machine's lack: a header of any other name may be the student's own,
forgotten, or another system's (winsock2.h). Source: packages.debian.org, contents of packages.
"""

import re
from collections.abc import Collection
from pathlib import PurePosixPath
from typing import Final

_PACKAGES: Final = {
    "libssl-dev": ("openssl/", "-lssl", "-lcrypto"),
    "libcurl4-openssl-dev": ("curl/", "-lcurl"),
    "libncurses-dev": ("ncurses.h", "curses.h", "-lncurses", "-lncursesw", "-lcurses", "-ltinfo"),
    "libevent-dev": ("event.h", "event2/", "-levent", "-levent_core", "-levent_pthreads"),
    "libuv1-dev": ("uv.h", "-luv"),
    "libev-dev": ("ev.h", "-lev"),
    "libglib2.0-dev": ("glib.h", "glib/", "-lglib-2.0"),
    "libboost-all-dev": ("boost/", "-lboost_system", "-lboost_thread"),
    "libasio-dev": ("asio.hpp", "asio/"),
    "libreadline-dev": ("readline/", "-lreadline"),
    "zlib1g-dev": ("zlib.h", "-lz"),
    "liburing-dev": ("liburing.h", "-luring"),
    "libseccomp-dev": ("seccomp.h", "-lseccomp"),
    "libcap-dev": ("sys/capability.h", "-lcap"),
    "libbsd-dev": ("bsd/", "-lbsd"),
    "libpcap-dev": ("pcap.h", "pcap/", "-lpcap"),
    "libsqlite3-dev": ("sqlite3.h", "-lsqlite3"),
    "libjansson-dev": ("jansson.h", "-ljansson"),
    "libjson-c-dev": ("json-c/", "-ljson-c"),
    "libcjson-dev": ("cjson/", "-lcjson"),
    "libgtest-dev": ("gtest/", "-lgtest"),
    "check": ("check.h", "-lcheck"),
}
_MISSING: Final = (
    r"fatal error: ([\w./+-]+): No such file or directory",
    r"fatal error: '([\w./+-]+)' file not found",
    r"cannot find (-l[\w.+-]+)",
    r"library '?(-l[\w.+-]+)'? not found",
    r"unable to find library (-l[\w.+-]+)",
)


def lacking(log: str, own: Collection[str], promised: Collection[str] | None = None) -> str:
    """What this machine lacks by a build that failed, with its package; "" where nothing says so.

    `own` are the paths of all that was handed in: a header that lies there is not the machine's.
    `promised` as in lacks.of_build: by the package's name, or by what is asked for.
    """
    for pattern in _MISSING:
        for found in re.finditer(pattern, log):
            name = found[1]
            package = _package_of(name)
            is_own = any(PurePosixPath(path).name == PurePosixPath(name).name for path in own)
            is_theirs = promised is not None and not {name, package} & set(promised)
            if package and not is_own and not is_theirs:
                return (
                    f"this machine has no {name}: package {package} (Debian, Ubuntu: apt-get install "
                    f"{package})"
                )
    return ""


def _package_of(name: str) -> str:
    for package, brings in _PACKAGES.items():
        if any(name == each or (each.endswith("/") and name.startswith(each)) for each in brings):
            return package
    return ""
