"""Where the functions of the C library lie that a signal handler may not call: signal-safety(7).

Source: elf(5), the header, the section headers and .dynsym; proc(5), maps.
"""

import os
import struct
from functools import lru_cache
from typing import Final

import msgspec

from . import census
from .stacks import address_range

UNSAFE: Final = frozenset(
    {
        "malloc", "calloc", "realloc", "reallocarray", "free", "posix_memalign",
        "aligned_alloc", "strdup", "strndup", "printf", "fprintf", "vprintf", "vfprintf",
        "sprintf", "vsprintf", "snprintf", "vsnprintf", "asprintf", "vasprintf", "dprintf",
        "vdprintf", "__printf_chk", "__fprintf_chk", "__vprintf_chk", "__vfprintf_chk",
        "__sprintf_chk", "__vsprintf_chk", "__snprintf_chk", "__vsnprintf_chk",
        "__asprintf_chk", "__vasprintf_chk", "__dprintf_chk", "__vdprintf_chk", "puts",
        "putchar", "putc", "fputc", "fputs", "fwrite", "perror", "psignal", "fflush", "fopen",
        "fdopen", "fclose", "freopen", "setvbuf", "getline", "fgets", "fgetc", "getc",
        "getchar", "fread", "open_memstream", "popen", "pclose", "system", "syslog", "vsyslog",
        "__syslog_chk", "__vsyslog_chk", "openlog", "closelog", "localtime", "gmtime", "ctime",
        "asctime", "mktime", "strftime", "tzset", "localtime_r", "getenv", "setenv", "unsetenv",
        "putenv", "strtok", "strerror", "strsignal", "inet_ntoa", "rand", "srand", "random",
        "srandom", "drand48", "lrand48", "mrand48", "getpwuid", "getpwnam", "getgrgid",
        "getgrnam", "gethostbyname", "gethostbyaddr", "getservbyname", "getservbyport",
        "readdir", "opendir", "closedir", "ttyname", "ptsname", "basename", "dirname", "crypt",
        "setlocale", "localeconv", "exit", "atexit",
    }
)  # fmt: skip
_ELF_64: Final = b"\x7fELF\x02\x01"
_DYNAMIC_SYMBOLS: Final = 11  # SHT_DYNSYM
_FUNCTIONS: Final = frozenset({2, 10})  # STT_FUNC, STT_GNU_IFUNC


class Library(msgspec.Struct, frozen=True):
    """The code of the C library in one process, and by address the functions of UNSAFE."""

    code: tuple[tuple[int, int], ...]
    functions: dict[int, str]

    def holds(self, address: int) -> bool:
        """Whether this address lies in its code."""
        return any(start <= address < end for start, end in self.code)


def of(pid: int) -> Library | None:
    """The library of a process whose program calls any of UNSAFE; None also where there is none."""
    taken = _symbols(f"/proc/{pid}/exe", _identity(f"/proc/{pid}/exe"))
    if UNSAFE.isdisjoint(name for name, address in taken if not address):
        return None
    return _mapped(pid)


def is_told(pid: int) -> bool:
    """Whether the process says which functions it takes from the C library: a static one does not."""
    return bool(_symbols(f"/proc/{pid}/exe", _identity(f"/proc/{pid}/exe"))) and _mapped(pid) is not None


def _mapped(pid: int) -> Library | None:
    rows = [row.split(None, 5) for row in census.read_all(f"/proc/{pid}/maps").splitlines()]
    rows = [row for row in rows if len(row) > 5 and _is_library(row[5])]  # noqa: PLR2004  (has a path)
    if not rows:
        return None
    path = f"/proc/{pid}/root{os.fsdecode(rows[0][5])}"
    base = address_range(rows[0])[0]
    functions = {
        base + at: _as_written(name)
        for name, at in _symbols(path, _identity(path))
        if at and name in UNSAFE
    }
    code = tuple(address_range(row) for row in rows if b"x" in row[1])
    return Library(code, functions) if functions else None


def _as_written(name: str) -> str:
    """A function's name in the source, where gcc(1) has taken that with checks (-D_FORTIFY_SOURCE)."""
    return name.removeprefix("__").removesuffix("_chk")


def _is_library(path: bytes) -> bool:
    return os.path.basename(path).startswith((b"libc.so", b"libc-", b"ld-musl"))


def _identity(path: str) -> tuple[int, int, int]:
    try:
        status = os.stat(path)
    except OSError:
        return 0, 0, 0
    return status.st_dev, status.st_ino, status.st_mtime_ns


@lru_cache(maxsize=8)
def _symbols(path: str, identity: tuple[int, int, int]) -> tuple[tuple[str, int], ...]:
    """The name and the address of each function, 0 of one that it takes from a library."""
    del identity  # of the file: the same path may be another one
    try:
        with open(path, "rb") as file:
            data = file.read()
        if not data.startswith(_ELF_64):
            return ()
        (table,) = struct.unpack_from("<Q", data, 40)
        size, count = struct.unpack_from("<HH", data, 58)
        rows = [struct.unpack_from("<IIQQQQII", data, table + size * n) for n in range(count)]
        loaded = next((row for row in rows if row[1] == _DYNAMIC_SYMBOLS), None)
        if loaded is None:
            return ()
        names = rows[loaded[6]][4]
        found = []
        for name, info, _, _, value, _ in struct.iter_unpack(
            "<IBBHQQ", data[loaded[4] : loaded[4] + loaded[5] // 24 * 24]
        ):
            if info & 15 in _FUNCTIONS:
                end = data.index(b"\0", names + name)
                found.append((data[names + name : end].decode(errors="replace"), value))
        return tuple(found)
    except (OSError, struct.error, IndexError, ValueError):
        return ()
