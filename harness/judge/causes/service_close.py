"""Causes behind what service/* can show: the connection stays open after the reply, or is reset."""

from typing import Final

from .cause import Cause

CAUSES: Final[dict[str, Cause]] = {
    "resets-when-done": Cause(
        "the whole line was answered, and then the connection was reset: the socket has SO_LINGER with "
        "a time of 0, which makes close() a reset and throws away what is still on its way; or the line "
        "was only looked at (MSG_PEEK), and lies unread when close() comes",
        "{setsockopt(..., SO_LINGER, ...)|setsockopt() with SO_LINGER|where SO_LINGER is set}: delete "
        "this one; your other options may stay (socket(7)). And MSG_PEEK: what it showed is still to be "
        "read",
        "resets-when-done.c",
        calls=("setsockopt",),
    ),
    "keeps-connection": Cause(
        "when {read() returns 0|recv() returns b''|the input ends} you leave the loop without "
        "closing: the connection stays, and with it a descriptor, for each client that has gone",
        "{close(conn)|conn.close()} on every path out, also after {read() has returned 0|recv() has "
        "returned b''|the end of the input}",
        "keeps-connection-after-goodbye.c",
        by_hand="`for i in 1 2 3; do (echo hello; sleep 1) | timeout 2 nc 127.0.0.1 54321; done; ss "
        "-tn state close-wait 'sport = :54321'`: nothing may be listed below the heading",
        calls=("accept", "close"),
    ),
    "reads-after-reply": Cause(
        "after its reply your program reads from the client once more, and waits until the client says "
        "more or closes",
        "the loop around {read()|recv()|the read}: leave it after the reply, and then "
        "{close(conn)|conn.close()|close the connection} (slide 10)",
        "waits-for-client-to-close.c",
        calls=("read",),
    ),
    "passer-keeps-connection": Cause(
        "your process that accepts gives the connection to another one, which serves the client and "
        "closes it; but the first one keeps its own copy open, and the client sees no end while any "
        "copy is open",
        "in the process that accepts: {close(conn)|conn.close()|close the connection} after it has been "
        "passed on (after sendmsg()), as a parent does after fork() (slide 12)",
        "keeps-what-it-passes.py",
        calls=("accept", "close"),
    ),
    "pool-has-a-copy": Cause(
        "you start your pool of processes when the first client is connected already: each of them has "
        "a copy of its connection, which it never closes, and the client sees no end while anybody has "
        "one",
        "{where you fork the pool: before the loop of accept(), or close(conn) in each of its "
        "processes, first of all|where the pool is made: a ProcessPoolExecutor forks its processes at "
        "the first submit(), so submit something before the loop of accept(), or take "
        "mp_context=get_context('forkserver'); a Pool() is made before that loop, too|where the pool is "
        "made: before the loop that accepts clients}",
        "pool-has-a-copy.py",
        calls=("fork", "close"),
    ),
    "forgets-close": Cause(
        "nobody closes this client's connection after the reply",
        "{close(conn)|conn.close()} after the reply (slide 10), in whoever serves the client, on "
        "every path{; and then, in a child, exit()|. A file from conn.makefile() keeps the connection "
        "open, too: close it as well, and keep it in no list or dictionary|}",
        "thread-forgets-close.c",
        calls=("accept", "close"),
    ),
    "closes-with-unread": Cause(
        "you close a connection while the rest of a long line is still unread; slide 10 has the same "
        "fault",
        "read up to the newline, however long the line, and then answer; or, if you want to cut or "
        "refuse long lines, read and throw away up to the newline before close() (not only what has "
        "come by then)",
        "closes-with-unread.c",
        from_slide=True,
        calls=("read", "close"),
    ),
}
