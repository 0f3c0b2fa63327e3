"""Causes behind what reaping/long-run can show: something grows with each client."""

from typing import Final

from .cause import Cause

CAUSES: Final[dict[str, Cause]] = {
    "leaks-zombies-slowly": Cause(
        "most of your children are waited for, and some never: if you wait for them by pid, from a "
        "list, a child that exits before its pid is in the list is missed",
        "in the handler: {while (waitpid(-1, NULL, WNOHANG) > 0)|os.waitpid(-1, os.WNOHANG) until "
        "there is none}: it takes any child, and needs no list",
        "leaks-zombies-slowly.c",
        calls=("SIGCHLD", "wait"),
    ),
    "leaks-descriptors": Cause(
        "your server opens something while clients come, and does not close it again",
        "what opens it ({open() a file; accept(), socket() or dup() a socket; pipe() or popen() a "
        "pipe|open() a file; accept() or socket() a socket; os.pipe() or Popen a pipe}): each needs its "
        "close(), in every process that has it, on every path",
        "leaks-descriptors.c",
    ),
    "leaks-memory": Cause(
        "memory is allocated for each client in the process that goes on to serve, and never freed "
        "there: what a child frees, or gives back when it exits, is its own copy",
        "every malloc() on the way to fork() and after it in the parent: free() it there too",
        "leaks-memory.c",
        calls=("allocation",),
    ),
    "thread-stays": Cause(
        "a thread that has served its client does not end: one more stays of each client",
        "what the thread's function does once the connection is closed: it must come to its end there, "
        "and wait for nothing",
        "thread-stays.c",
        calls=("thread",),
    ),
    "joins-no-thread": Cause(
        "nobody joins or detaches your threads: when a thread has ended, its stack stays in memory",
        "{pthread_detach(), or PTHREAD_CREATE_DETACHED (pthread_create(3))|join() each thread that has "
        "ended|each thread: detach it, or join it once it has ended}",
        "joins-no-thread.c",
        calls=("thread",),
    ),
    "leaks-in-thread": Cause(
        "memory that is allocated for a client is never freed: it adds up, since all threads share one "
        "memory",
        "{malloc() or new for a client (what the thread is given, its buffer): free() or delete it "
        "before the thread ends, on every path|what is kept of each client (in a list, a table): take "
        "it out again when the client has gone|what is kept of each client (in a list, a map): take "
        "it out again when the client has gone}",
        "leaks-in-thread.c",
        calls=("allocation",),
    ),
    "leaks-in-loop": Cause(
        "something is kept of each client when it has gone (which, was not seen), and adds up, since "
        "one process serves all",
        "{what you allocate for a client (malloc(), new): free() or delete it where you close its "
        "connection, on every path|what is kept of each client (in a list, a dict): take it out again "
        "where its connection is closed|what is kept of each client (in a list, a map): take it out "
        "again where its connection is closed}",
        "leaks-in-loop.c",
        calls=("allocation",),
    ),
    "listener-overwritten": Cause(
        "after some clients accept() fails on a number that is not your listening socket's, and that "
        "socket is still there: something has written over the variable, as a rule an array of pids or "
        "clients that is filled beyond its end",
        "what you keep of each client or child in an array: look whether there is a place before you "
        "write (-fsanitize=address tells the line)",
        "pids-beyond-array.c",
        calls=("fork",),
    ),
}
