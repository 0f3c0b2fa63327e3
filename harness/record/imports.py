"""Functions of a library that a program may call: which of them it has tells one cause from another."""

from collections.abc import Collection
from typing import Final

ENDS_THREADS: Final = frozenset(
    {
        *("pthread_join", "pthread_detach", "pthread_attr_setdetachstate", "thrd_join", "thrd_detach"),
        *("_ZNSt6thread4joinEv", "_ZNSt6thread6detachEv"),  # std::thread's
    }
)
WRITES: Final = frozenset({"write", "writev", "send", "sendto", "sendmsg"})
READS_INPUT: Final = frozenset(
    {
        "fgets", "scanf", "__isoc99_scanf", "__isoc23_scanf", "getline", "getchar", "getc", "fgetc",
        "fread", "_ZSt3cin",
    }
)  # fmt: skip
LEAPS: Final = frozenset({"longjmp", "siglongjmp", "_longjmp", "__longjmp_chk"})
ALARMS: Final = frozenset({"alarm", "ualarm", "setitimer"})
ABORT: Final = "abort"
LOCK: Final = "pthread_mutex_lock"
WAITS_FOR_PLACES: Final = frozenset({
    "pthread_cond_wait", "pthread_cond_timedwait", "pthread_cond_clockwait", "sem_wait", "sem_trywait",
    "sem_timedwait", "semop", "semtimedop", "syscall",
    "_ZNSt18condition_variable4waitERSt11unique_lockISt5mutexE",
})  # fmt: skip
"""Semaphores and conditions, for which a thread may wait until there is a place."""
TOLD_APART: Final = (
    ENDS_THREADS | WRITES | READS_INPUT | LEAPS | WAITS_FOR_PLACES | ALARMS | {LOCK, ABORT}
    | {"socket", "bind", "listen", "fdopen", "wait", "waitpid", "wait3", "wait4"}
    | {"pthread_create", "sigwait", "sigwaitinfo", "sigtimedwait", "signalfd"}
)  # fmt: skip
"""What is asked of a program's imports: which of these calls it has."""


def writes_by_stream(imports: Collection[str] | None) -> bool:
    """Whether what a program sends goes through a stream (fdopen(3)): it has no other call to write."""
    return "fdopen" in (imports or ()) and WRITES.isdisjoint(imports or ())
