"""Where the functions of the C library lie that a signal handler may not call: signal-safety(7).

Source: proc(5), exe and maps.
"""

import os
from functools import lru_cache
from typing import Final

import msgspec

from . import elf, procfs
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


class Library(msgspec.Struct, frozen=True):
    """The code of the C library in one process, and by address the functions of UNSAFE."""

    code: tuple[tuple[int, int], ...]
    functions: dict[int, str]

    def holds(self, address: int) -> bool:
        """Whether this address lies in its code."""
        return any(start <= address < end for start, end in self.code)


def of(pid: int) -> Library | None:
    """The C library of a process; None if it has none, or its program calls none of UNSAFE."""
    if UNSAFE.isdisjoint(each.name for each in _of_program(pid) if not each.is_own):
        return None
    return _mapped(pid)


def is_told(pid: int) -> bool:
    """Whether the process says which functions it takes from the C library: a static one does not."""
    return bool(_of_program(pid)) and _mapped(pid) is not None


def _of_program(pid: int) -> tuple[elf.Symbol, ...]:
    path = f"/proc/{pid}/exe"
    return _functions(path, _identity(path))


def _mapped(pid: int) -> Library | None:
    rows = [row.split(None, 5) for row in procfs.read_all(f"/proc/{pid}/maps").splitlines()]
    rows = [row for row in rows if len(row) > 5 and _is_library(row[5])]  # noqa: PLR2004  (has a path)
    if not rows:
        return None
    path = f"/proc/{pid}/root{os.fsdecode(rows[0][5])}"
    base = address_range(rows[0])[0]
    functions = {
        base + each.address: elf.in_source(each.name)
        for each in _functions(path, _identity(path))
        if each.is_own and each.name in UNSAFE
    }
    code = tuple(address_range(row) for row in rows if b"x" in row[1])
    return Library(code, functions) if functions else None


def _is_library(path: bytes) -> bool:
    return os.path.basename(path).startswith((b"libc.so", b"libc-", b"ld-musl"))


def _identity(path: str) -> tuple[int, int, int]:
    try:
        status = os.stat(path)
    except OSError:
        return 0, 0, 0
    return status.st_dev, status.st_ino, status.st_mtime_ns


@lru_cache(maxsize=8)
def _functions(path: str, identity: tuple[int, int, int]) -> tuple[elf.Symbol, ...]:
    """The functions that a file shares, its own and others'."""
    del identity  # of the file: the same path may be another one
    image = elf.read(path)
    return tuple(each for each in image.symbols if each.is_function) if image is not None else ()
