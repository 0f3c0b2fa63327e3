"""Causes behind what service/* can show."""

from typing import Final

from .cause import Cause

CAUSES: Final[dict[str, Cause]] = {
    "accepts-on-wrong-socket": Cause(
        "nobody is let in: you accept on another socket than the one that listens, or do not accept",
        "the first argument of accept(): the socket that listen() was called on (slide 3)",
        "accepts-on-wrong-socket.c",
    ),
    "reads-from-listener": Cause(
        "the connection was ended and its line was never read: you do not read, or read from another "
        "socket than the one that accept() returned; from the listening one read() returns -1 "
        "(ENOTCONN)",
        "the first argument of read(): what accept() returned, not the listening socket (slide 3)",
        "reads-from-listener.c",
    ),
    "read-interrupted": Cause(
        "you end the connection of a client who does not speak at once: SIGCHLD of a process "
        "that has ended interrupts read(), it returns -1 with EINTR, and you treat that as the "
        "end of the client",
        "if (rx < 0 && errno == EINTR) continue; or SA_RESTART in sigaction() (slide 19)",
        "read-interrupted.c",
        by_hand="`(sleep 3; echo hello) | nc 127.0.0.1 54321`: the reply must come, also to one who "
        "does not speak at once",
    ),
    "throws-out-silent": Cause(
        "your server disconnects a client that is slow to type: a time limit ends its connection "
        "({SO_RCVTIMEO, alarm(), the last argument of poll()|settimeout(), a time limit of "
        "select() or wait_for()})",
        "the limit: think of a person at a keyboard (slide 8); or {call read() again|read again} "
        "when it has run out",
        "throws-out-silent.c",
        by_hand="`(sleep 3; echo hello) | nc 127.0.0.1 54321`: the reply must come, also to one who is "
        "slow to type",
    ),
    "answers-unasked": Cause(
        "you write as soon as somebody connects, and never read what they say: for a client who asks at "
        "once, close() with its line unread destroys the answer (RFC 1122, 4.2.2.13)",
        "the order of your calls: accept(), read() the line, write() the reply, close() (slide 4)",
        "answers-unasked.c",
        by_hand="`sleep 3 | timeout 9 nc 127.0.0.1 54321`: nothing may come, since nothing was said",
    ),
    "one-shot": Cause(
        "your program serves one client, and then it is over: it ended by itself, with status 0",
        "a loop around accept() and all that follows it (slides 4, 13); then a task for each client "
        "(slide 9), or the next waits for the one before",
        "one-shot.c",
    ),
    "dies-after-first": Cause(
        "your program crashed after its first client: something that it keeps from one client to the "
        "next is used wrongly",
        "what you keep between clients: pointers, lists, what is freed{; gcc -fsanitize=address "
        "shows the line|}",
        "dies-after-first.c",
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
    "stale-bytes": Cause(
        "you send more than this reply: behind it your buffer still holds the end of an earlier, longer "
        "line",
        "the length that you send: {what read() returned, not strlen(): read() writes no NUL byte "
        "behind the line|no more than recv() returned}",
        "stale-bytes.c",
        by_hand="`echo hello to everybody | nc 127.0.0.1 54321; echo hello | nc 127.0.0.1 54321`: the "
        "second reply must be its own line, and nothing of the first",
    ),
    "keeps-connection": Cause(
        "when read() returns 0 you leave the loop without closing: the connection stays, and with it a "
        "descriptor, for each client that has gone",
        "close(conn) on every path out, also after read() has returned 0",
        "keeps-connection-after-goodbye.c",
        by_hand="`for i in 1 2 3; do (echo hello; sleep 1) | timeout 2 nc 127.0.0.1 54321; done; ss -tn "
        "state close-wait 'sport = :54321'`: nothing may stand below the heading",
    ),
    "forgets-close": Cause(
        "your child (or thread, or server) never closes this client's connection",
        "close(conn) after the reply, on every path",
        "thread-forgets-close.c",
    ),
    "parent-closes-listener": Cause(
        "after the first client nobody holds the listening socket: your parent closes it too",
        "which descriptor the parent closes after fork(): conn, not sock",
        "parent-closes-listener.c",
    ),
    "closes-with-unread": Cause(
        "you answer what fits into your buffer and close with the rest unread; slide 10 does the "
        "same: it is the slide's limit, not your idea",
        "read up to the newline, however long the line; and before close() throw away what is left: "
        "recv() with MSG_DONTWAIT",
        "closes-with-unread.c",
        from_slide=True,
    ),
}
