"""Bytes, wait statuses and system calls as a person reads them."""

import os
import signal
from typing import Final

_LONGEST: Final = 60
_AS_WRITTEN: Final = {
    "sendto": "send()",
    "recvfrom": "recv()",
    "wait4": "wait() or waitpid()",
    "accept4": "accept()",
    "pselect6": "select()",
    "ppoll": "poll()",
    "epoll_pwait": "epoll_wait()",
    "epoll_pwait2": "epoll_wait()",
    "rt_sigsuspend": "sigsuspend()",
    "rt_sigtimedwait": "sigwait()",
    "clock_nanosleep": "sleep()",
    "nanosleep": "sleep()",
    "futex": "a lock, join or semaphore (futex)",
}

# Library functions of which the source does not show what system calls they make (signal-safety(7)).
CALL_OTHERS: Final = frozenset({
    "syslog", "vsyslog", "openlog", "printf", "fprintf", "vprintf", "vfprintf", "dprintf", "puts",
    "fputs", "putchar", "fputc", "fwrite", "fflush", "fclose", "fopen", "fread", "fgets", "getline",
    "perror", "malloc", "calloc", "realloc", "free", "localtime", "mktime", "strftime", "ctime", "time",
    "exit", "system", "popen", "pclose", "getaddrinfo", "gethostbyname", "getnameinfo", "inet_ntoa",
})  # fmt: skip


def spell(data: bytes, at: int = 0, more: int = 0) -> str:
    """Bytes as one quoted word, cut around byte `at` if it is long; `more` bytes were not kept."""
    if len(data) + more <= _LONGEST:
        return repr(data)[1:]
    start, end = max(0, at - 24), at + 16
    before, after = "..." if start else "", "..." if end < len(data) + more else ""
    return f"{before}{repr(data[start:end])[1:]}{after} ({len(data) + more} bytes)"


def ending(status: int) -> str:
    """A raw wait status in words, by wait(2)."""
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        try:
            return f"was killed by {signal.Signals(-code).name}"
        except ValueError:
            return f"was killed by signal {-code}"
    return f"exited with status {code}"


def called(call: str) -> str:
    """A system call as the program that made it writes it: "send()" for sendto (syscalls(2))."""
    return _AS_WRITTEN.get(call, f"{call}()")
