"""Causes behind what concurrency/* can show where those who serve share what each should have alone."""

from typing import Final

from .cause import Cause

OTHERS_REPLY: Final = (
    '`python3 -c "import socket, threading, time; s = '
    "socket.create_connection(('127.0.0.1', 54321)); threading.Thread(target=s.sendall, "
    "args=(b'y' * 16000000 + b'\\n',)).start(); time.sleep(9); "
    "print(s.makefile('rb').read().upper().count(b'N'))\"` in one window, a client that "
    "reads only after 9 s; meanwhile `(head -c 1000000 /dev/zero | tr '\\0' n; echo) | nc "
    "127.0.0.1 54321 | wc -c` in another: the first must print 0, for no n of the other's "
    "is in its reply"
)
CAUSES: Final[dict[str, Cause]] = {
    "several-serve-one": Cause(
        "when one client comes several of your workers wake, and all of them read from this one; none "
        "is left for the next",
        "what a worker does when it wakes: {pthread_cond_wait() stands in a while|Condition.wait() "
        "stands in a while|waiting for a condition stands in a while}, and not behind an if, which does "
        "not look again whether there is still a client for it; and it takes that client away before it "
        "lets go of the lock",
        "condition-by-if.c",
        calls=("lock",),
    ),
    "unwatched-since": Cause(
        "your loop sleeps, and the line of this client has come: it was watched before, and no longer "
        "is since another one has left or has come",
        "what tells {select(), poll() or epoll_wait()|select() or your selector|the call in which it "
        "sleeps} whom to watch{: its first argument is the highest descriptor of all, + 1, and not that "
        "of the latest client|}; where a client leaves, take out its own entry and no other"
        "{ (fds[i] = fds[n - 1], and then n--)|}",
        "latest-for-highest.c",
        calls=("poll", "watch"),
    ),
    "shared-connection": Cause(
        "all who serve your clients have the connection in one variable: when the next client comes, it "
        "holds the new connection, and what is meant for the client before goes to that one",
        "the variable that holds the new connection: give its value to who serves, and keep it in a "
        "local variable{; of a thread, (void *)(intptr_t)conn (pthread_create(3)); in a loop around "
        "select(), poll() or epoll_wait(), read, write and close what it has reported, and not what "
        "accept() has returned last|; of a thread, Thread(target=serve, args=(conn,)); of an object, "
        "self.conn, and no name of its class; in a loop around select(), the socket that it has "
        "reported|}{C++:; a lambda takes it by value: [conn], not [&]}",
        "shared-connection.c",
        calls=("accept", "thread"),
    ),
    "closes-latest": Cause(
        "when a thread has served its client, it closes a variable which by then holds the connection "
        "of whoever came last: that one is cut off, and its own client's connection stays open",
        "what the thread closes: its own copy, from which it has read, and no variable that the loop "
        "around accept() writes to",
        "closes-latest.c",
        calls=("close",),
    ),
    "shared-buffer": Cause(
        "all who serve clients collect the lines in one buffer, and what comes from two clients "
        "by turns is mixed in it",
        "a buffer for each client: a local variable of its handler, not a {static or global|global} one",
        "shared-buffer.c",
        beside={
            "concurrency/shared-buffer": "Here it is the replies that wait, and not the lines.",
            "moments/threads": "Here each line came whole.",
        },
    ),
    "line-left-behind": Cause(
        "when a client leaves, its place in your table goes to another client, and what that one has "
        "typed so far stays behind: it goes on with what stands at its new place",
        "where you take a client out of the table: whatever you keep in {a second array|a second list|a "
        "second array or list} for each client moves along with its {descriptor|socket|connection}; or "
        "keep both in one {struct|object|object}, or under the {descriptor|socket|connection} itself",
        "line-left-behind.c",
        calls=("close",),
    ),
    "connfd-pointer": Cause(
        "you hand the new thread the address of the variable that holds the connection, and accept() "
        "puts the next one there before the thread has looked",
        "pass the number itself{, (void *)(intptr_t)conn,| or|} or a copy{ from malloc() "
        "(pthread_create(3))||}"
        "{C++:; a lambda takes it by value: [conn], not [&]}",
        "connfd-pointer.c",
        calls=("accept", "thread"),
    ),
    "shared-reply-buffer": Cause(
        "all threads write their replies from one buffer: while one waits in {write()|sendall()|a "
        "write} for its client, another puts its own reply there",
        "a buffer for each client: a local variable of its handler, not a {static or global|global} one",
        "shared-reply-buffer.c",
        by_hand=OTHERS_REPLY,
        calls=("write",),
    ),
}
