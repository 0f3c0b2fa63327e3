"""Causes behind what service/* can show: the next client is not let in, or not heard."""

from typing import Final

from .cause import ASK_ONCE, Cause
from .fork import TOLD_APART

CAUSES: Final[dict[str, Cause]] = {
    "accepts-on-wrong-socket": Cause(
        "nobody is let in: no accept() of yours is called on the socket that listens",
        "the {first argument of accept()|socket that you call accept() on|socket that accepts}: the one "
        "that listen() was called on (slide 3)",
        "accepts-on-wrong-socket.c",
        by_hand=ASK_ONCE,
        calls=("listen", "accept"),
    ),
    "never-gets-to-accept": Cause(
        "nobody is let in: your program runs without rest, in a loop that does not come to accept()",
        "the loop in which it runs, and what is to end it: accept() sleeps until a client comes, and "
        "needs no loop that asks again and again{|; in asyncio nothing else runs until you await}",
        "busy-before-accept.c",
        by_hand=ASK_ONCE,
        calls=("accept",),
    ),
    "selected-key-stays": Cause(
        "your loop over selectedKeys() meets a key again that it has dealt with: select() adds keys to "
        "this set and takes none out, and for the old key of the listening socket accept() returns null",
        "the loop over selectedKeys(): an iterator, and remove() after each next() (Selector)",
        "SelectedKeyStays.java",
    ),
    "accept-arguments": Cause(
        "accept() {fails when a client has come: its third argument is no pointer to a length, or the "
        "length is wrong (EFAULT, EINVAL)|fails when a client has come|fails when a client has come}",
        "the arguments of accept(): the address of a socklen_t, which holds the size of the address "
        "(socklen_t calen = sizeof(clientaddr); accept(sock, ..., &calen)), or NULL, NULL (accept(2))",
        "accept-length.c",
        calls=("accept",),
    ),
    "listener-unwatched": Cause(
        "nobody is let in: poll() or select(), in which your server sleeps, does not watch the socket "
        "that listens",
        "{what you give to poll() or select(): the socket that listen() was called on, with POLLIN or "
        "in the set for reading, FD_ZERO() before FD_SET(), and as select()'s first argument the "
        "highest descriptor + 1|the list for reading that you give to "
        "select(), or what you register: the socket that listen() was called on|what the loop waits "
        "for: the socket that listens must be among it}",
        "empties-its-set.c",
        by_hand=ASK_ONCE,
        calls=("poll", "watch"),
    ),
    "child-removes-listener": Cause(
        "your child takes the listening socket out of the epoll that it shares with your parent: after "
        "fork() both have the same one, and from then on your parent hears of no client",
        "what the child does first: {close() its copies of the listening socket and of the epoll, and "
        "no epoll_ctl(..., EPOLL_CTL_DEL, ...)|close() the listening socket and the selector, and no "
        "unregister(): the selector is an epoll|close its copies, and take nothing out of the epoll} "
        "(epoll(7))",
        "child-removes-listener.c",
        calls=("fork", "watch"),
    ),
    "listener-lost": Cause(
        "since one client has been served your loop sleeps in {select(), poll() or epoll_wait()|"
        "select() or your selector|the call in which it sleeps}, and the listening socket is no longer "
        "among what it waits for",
        "{select() takes out of its sets what was not ready: give it a copy of yours each time "
        "(select(2)). And where a client is done with, take out|where a client is done with, take out "
        "(remove(), unregister())|where a client is done with, take out} its connection, and never the "
        "listening socket",
        "select-without-copy.c",
        calls=("poll", "watch"),
    ),
    "both-accept": Cause(
        "after fork() parent and child both do the parent's part: both close this connection and go "
        "back to accept(), and nobody serves",
        TOLD_APART,
        "both-accept.c",
        by_hand=ASK_ONCE,
        calls=("fork",),
    ),
    "not-watched": Cause(
        "your loop sleeps, and this client's line has come: {select() or poll() is|select() or your "
        "selector is|the call in which it sleeps is} not told to watch this connection",
        "{the first argument of select(), the highest descriptor + 1; and after accept() FD_SET() "
        "into the set that is given to select(), or a new entry with POLLIN, or EPOLL_CTL_ADD with "
        "EPOLLIN|after accept(): the connection must be in the list that select() is given, or be "
        "registered for EVENT_READ|after accepting: each connection must be registered for reading}",
        "not-watched.c",
        calls=("poll", "watch"),
    ),
    "accepts-before-reading": Cause(
        "this client's line has come, and your server waits in accept() for the next client: it does "
        "not read before more clients have come, or never reads",
        "what follows accept(): give this connection to a task of its own (slide 9), or read from it "
        "before you accept the next; and close it in the end",
        "two-before-one.c",
        by_hand=ASK_ONCE,
        calls=("accept", "read"),
    ),
    "parent-closes-listener": Cause(
        "after the first client nobody holds the listening socket: your parent closes it too",
        "which descriptor the parent closes after fork(): conn, not sock; and what is assigned to "
        "sock: what accept() returns is another socket, and belongs into another variable",
        "parent-closes-listener.c",
        calls=("fork", "close"),
    ),
    "listener-shut-down": Cause(
        "the socket has stopped listening when the first child ended: the child calls shutdown() on "
        "it, which is no matter of its own descriptor as close() is, but ends it for your parent, too",
        "what runs when the child ends: {exit() calls what atexit() was told{C++:, a return runs "
        "destructors}|an __exit__() or a finally|what is run on leaving}. There close the listening "
        "socket, and shut nothing down; and close it in the child first of all (slide 12)",
        "shuts-listener-down.c",
    ),
}
