"""Causes behind what reaping/* can show."""

from __future__ import annotations

from typing import Final

from .cause import Cause

CAUSES: Final[dict[str, Cause]] = {
    "never-reaps": Cause(
        "nobody waits for the children",
        "a handler for SIGCHLD that calls waitpid() (slides 16-19)",
        "never-reaps.c",
    ),
    "reaps-first-only": Cause(
        "only the first child was reaped: your handler is not installed any more after its first call",
        "sigaction() without SA_RESETHAND, or reinstall the handler (slide 19)",
        "sysv-one-shot.c",
    ),
    "once-per-signal": Cause(
        "signals do not queue: many exits became one signal, and you wait once per signal; slide "
        "19 does the same: it is the slide's limit, not your idea",
        "in the handler: while (waitpid(-1, NULL, WNOHANG) > 0)",
        "waits-once-per-signal.c",
        from_slide=True,
    ),
    "wait-loop-in-handler": Cause(
        "your handler loops over wait(), which sleeps as long as any child lives",
        "waitpid(-1, NULL, WNOHANG) instead of wait(NULL) in the loop",
        "wait-loop-in-handler.c",
    ),
    "eintr-is-fatal": Cause(
        "SIGCHLD interrupted accept(), it returned -1 with EINTR, and you took that for the end",
        "SA_RESTART in sigaction(), or: if (errno == EINTR) continue; the handler must save errno",
        "eintr-is-fatal.c",
    ),
    "forks-on-eintr": Cause(
        "SIGCHLD interrupted accept(), it returned -1, and you forked for it: each such child exits "
        "at once and interrupts again. With gcc -std=c11, signal() does not restart accept(): "
        "then it is the flag, not your idea",
        "if (conn < 0) continue; and -std=gnu11, or sigaction() with SA_RESTART",
        "slide19-std-c11.c",
        from_slide=True,
    ),
}
