"""Causes: hypotheses about the program behind the evidence, in the second person.

Each is shown only where its fault in `servers/faults/` reproduces exactly this evidence; a test
runs that fault and looks for that cause.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Cause:
    """Why (`because`) and what to try (`look_at`), with the fault that was seen to do this."""

    because: str
    look_at: str
    fault: str
    from_slide: bool = False


CAUSES: Final[dict[str, Cause]] = {
    "does-not-compile": Cause(
        "the compiler stops at this error; later ones often follow from it",
        "the line that the message names",
        "does-not-compile.c",
    ),
    "slide-10-slip": Cause(
        "slide 10 prints socket(AF_INET, SOCK_DGRAM, IPPROTO_TCP): there is no such socket; it is "
        "the slide's slip, not your idea",
        "your call of socket(): SOCK_STREAM",
        "slide10-checked.c",
        from_slide=True,
    ),
    "slide-10-runaway": Cause(
        "slide 10 prints SOCK_DGRAM with IPPROTO_TCP: socket() returns -1, accept() too, and the "
        "loop forks for each -1; it is the slide's slip, not your idea",
        "your call of socket(): SOCK_STREAM; and check every result for -1",
        "slide10-unchecked.c",
        from_slide=True,
    ),
    "nul-padding": Cause(
        "you write the whole buffer back, not only the bytes you have read",
        "the last argument of write(): what read() returned",
        "nul-padding.c",
    ),
    "last-byte": Cause(
        "your loop over the line stops one byte early",
        "the bound of the loop that capitalises",
        "last-byte-not-capitalised.c",
    ),
    "forgets-close": Cause(
        "whoever serves this client never closes its connection",
        "close(conn) after the reply, on every path",
        "thread-forgets-close.c",
    ),
    "parent-closes-listener": Cause(
        "after the first client nobody holds the listening socket: your parent closes it too",
        "which descriptor the parent closes after fork(): conn, not sock",
        "parent-closes-listener.c",
    ),
    "iterative": Cause(
        "you serve one client at a time: the next waits until the one before has been answered",
        "fork() after accept(), so that each connection gets a task of its own (slides 9-13)",
        "tcpserver.cpp",
    ),
    "waits-in-parent": Cause(
        "your parent sleeps in wait() until this client's child exits",
        "do not wait in the accept loop; let a SIGCHLD handler reap (slides 17-19)",
        "waits-in-parent.c",
    ),
    "one-worker": Cause(
        "you have one worker, and a silent client keeps it busy",
        "a worker for each connection (slide 9)",
        "pool-of-1.c",
    ),
    "limited-workers": Cause(
        "you serve a fixed number of clients at a time; the silent ones hold all the places",
        "the number of your workers: a task for each connection has no such limit (slide 9)",
        "pool-of-4.c",
    ),
    "forks-twice": Cause(
        "you fork more than once for a client",
        "every call of fork() between accept() and the end of the loop",
        "forks-twice.c",
    ),
    "parent-keeps-connection": Cause(
        "your parent does not close the connected socket after fork()",
        "close(conn) in the parent, after fork() (slide 12)",
        "parent-keeps-connection.c",
    ),
    "child-keeps-listener": Cause(
        "your child does not close the listening socket",
        "close(sock) in the child, first of all (slide 12)",
        "child-keeps-listener.c",
    ),
    "child-in-accept": Cause(
        "your child does not exit: it falls through into the loop and accepts clients itself",
        "exit(0) at the end of the child's branch (slide 10)",
        "child-falls-into-accept.c",
    ),
    "child-spins": Cause(
        "your child does not exit: it calls accept() on the socket it has closed, again and again",
        "exit(0) at the end of the child's branch (slide 10)",
        "child-spins-on-ebadf.c",
    ),
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
    "spins-on-goodbye": Cause(
        "read() returns 0 when the client has gone, and you read again",
        "treat read() == 0 as the end: close and exit",
        "spins-on-goodbye.c",
    ),
    "child-waits-for-ever": Cause(
        "your child goes on waiting although read() has returned 0",
        "treat read() == 0 as the end: close and exit",
        "child-waits-for-ever.c",
    ),
    "zombie-on-goodbye": Cause(
        "you reap the children that served, and not those whose client left",
        "reap every child, whatever it exited with",
        "zombie-on-goodbye.c",
    ),
}
