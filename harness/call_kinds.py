"""Kinds of system calls by their names, the same for what observes and for what judges."""

from typing import Final

READS: Final = frozenset({"read", "readv", "recvfrom", "recvmsg", "recvmmsg"})
WRITES: Final = frozenset({"write", "writev", "sendto", "sendmsg"})
ACCEPTS: Final = frozenset({"accept", "accept4"})
POLLS: Final = frozenset(
    {"poll", "ppoll", "select", "pselect6", "epoll_wait", "epoll_pwait", "epoll_pwait2"}
)
LETS_IN: Final = ACCEPTS | POLLS
SLEEPS: Final = frozenset({"nanosleep", "clock_nanosleep"})  # nothing but a clock ends them
AT_BIRTH: Final = frozenset({"rseq", "set_robust_list", "rt_sigprocmask"})  # of a thread: clone(2)
