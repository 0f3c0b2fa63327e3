"""Causes of moments/*."""

from typing import Final

from .cause import Cause

CAUSES: Final[dict[str, Cause]] = {
    "pid-entered-late": Cause(
        "the parent enters a child into its table, list or count after fork(); a child that has exited "
        "by then was waited for before it stood there, and its place is never free again",
        "{block SIGCHLD before fork() (sigprocmask(2)), and unblock it once the child is entered|block "
        "SIGCHLD before fork() (signal.pthread_sigmask()), and unblock it once the child is entered|"
        "enter the child before anybody can wait for it}; or wait for children in the main loop alone",
        "pid-entered-late.c",
    ),
}
