"""Causes behind what abuse/* can show: clients break off, leave early, or are too many."""

from typing import Final

from .cause import Cause

CAUSES: Final[dict[str, Cause]] = {
    "reset-is-fatal": Cause(
        "{read() fails with ECONNRESET|recv() raises ConnectionResetError|reading fails} when a client "
        "breaks off, and you end the whole server for it",
        "what you do where {read() returns -1|recv() raises an error|reading fails}: close this "
        "connection alone, and go on{; in a thread return, no exit()|}",
        "reset-ends-threads.c",
        calls=("read",),
    ),
    "reset-ends-workers": Cause(
        "{read() fails with ECONNRESET|recv() raises ConnectionResetError|reading fails} when a "
        "client breaks off, and this ends the process or thread that served it, one of those started "
        "in advance; none is started in its place, and at last nobody serves",
        "what a worker does where {read() returns -1|recv() raises an error|reading fails}: close "
        "this connection alone, and go on to the next accept()",
        "reset-ends-workers.c",
        calls=("read",),
    ),
    "spins-on-reset": Cause(
        "since a client has broken off your loop runs without rest, and its connection stays open: "
        "{poll() reports POLLERR and POLLHUP beside POLLIN then, and revents == POLLIN is false for "
        "ever|poll() reports POLLERR and POLLHUP beside POLLIN then, and event == POLLIN is false for "
        "ever|it is reported as ready again and again, and you pass it over}",
        "where you test what was reported: {by & and not by ==, for POLLIN, POLLERR and POLLHUP; then "
        "read(), and close() where it returns -1 or 0 (poll(2))|by & and not by ==, for POLLIN, POLLERR "
        "and POLLHUP; then recv(), and close where it raises an error|a connection with an error or a "
        "hang-up is to be taken out, and closed}",
        "revents-compared.c",
        calls=("poll",),
    ),
    "line-outlives-client": Cause(
        "what a client had typed when it broke off is still there when the next one comes, and begins "
        "its line: all have one buffer, or you keep lines under the descriptor's number or the place in "
        "a table, both of which the next client gets",
        "a buffer for each client; and wherever you close a connection, also after an error and at the "
        "end of the input, its buffer is to be emptied, too, or where accept() has returned",
        "line-outlives-client.c",
        calls=("close", "accept"),
    ),
    "frees-twice": Cause(
        "memory was given back that had been given back before, or is not what {malloc() (in C++ new)|"
        "an allocation|an allocation} returned, or had been spoilt: the C library ends a program for "
        "that",
        "each {free() (in C++ delete)|place where memory is given back|place where memory is given "
        "back}, on every path of a client that leaves: when one event has two reasons (EPOLLIN and "
        "EPOLLRDHUP, say), or read() returns 0, it is to be reached once; gcc -g -fsanitize=address "
        "names both places",
        "frees-twice.c",
    ),
    "retries-broken-pipe": Cause(
        "your server writes again and again to a client that has gone: {write() returns -1 (EPIPE) each "
        "time|send() raises an error (BrokenPipeError) each time|each attempt fails with EPIPE}, and "
        "your loop ends only once all is written",
        "the loop around {write() or send(): only EINTR is a reason to try again; on any other error "
        "leave the loop, and close(conn). Look also for sent += write(...), which counts backwards then|"
        "send(): leave it on any error, and close; or sendall() in its place|what writes: leave it on "
        "any error, and close}",
        "retries-broken-pipe.c",
        calls=("write",),
    ),
    "sigpipe-ends-workers": Cause(
        "after {read() has failed (ECONNRESET)|recv() has raised ConnectionResetError|reading has "
        "failed} you write to the broken connection all the same: SIGPIPE ends the process that served "
        "it, one of those started in advance; none is started in its place, and at last nobody serves",
        "what a worker does where {read() returns -1|recv() raises an error|reading fails}: write "
        "nothing, close this connection alone, and go on to the next accept(); and ignore SIGPIPE"
        "{: signal(SIGPIPE, SIG_IGN), or send() with MSG_NOSIGNAL||}",
        "sigpipe-ends-workers.c",
        calls=("read", "write"),
        beside={
            "abuse/broken-pipe": "Here another worker served the next client.",
            "abuse/reset": "Here another worker served the next client.",
        },
    ),
    "dies-of-sigpipe": Cause(
        "writing to a connection whose client has gone raises SIGPIPE, and you leave it to end your "
        "process",
        "{signal(SIGPIPE, SIG_IGN), or send() with MSG_NOSIGNAL|leave SIGPIPE ignored, as Python "
        "begins with|ignore SIGPIPE}; then treat EPIPE as the client's end",
        "dies-of-sigpipe.c",
        calls=("write",),
    ),
    "one-accept-per-edge": Cause(
        "your epoll watches the listening socket with EPOLLET, which tells once of all who wait, and "
        "you stop accepting before the queue is empty: the others stay in it",
        "accept() until it fails with EAGAIN, on a non-blocking socket; or no EPOLLET for the listening "
        "socket (epoll(7))",
        "accepts-once-per-edge.c",
        by_hand="`kill -STOP PID; for i in 1 2 3 4 5; do echo hello | timeout 9 nc 127.0.0.1 54321 & "
        "done; sleep 2; kill -CONT PID; sleep 9`: five replies must come, though all five "
        "clients wait at once",
        calls=("accept",),
    ),
    "sigpipe-handler-exits": Cause(
        "writing to a client that has gone raises SIGPIPE, and your handler for this signal ends the "
        "program: one client that has gone ends the service for all",
        "that handler: leave it out, and ignore the signal{ (signal(SIGPIPE, SIG_IGN))|, as Python "
        "begins with|}; then {write() fails with EPIPE|sendall() raises BrokenPipeError|writing fails}: "
        "close this connection alone",
        "sigpipe-handler-exits.cpp",
        calls=("SIGPIPE",),
    ),
    "drops-beyond-16": Cause(
        "you have places for so many clients; who comes beyond them is accepted, and then neither "
        "served nor closed",
        "the table: let it grow, so that whoever is accepted has a place (realloc(3))",
        "drops-beyond-16.c",
    ),
    "lock-kept": Cause(
        "a thread of yours waits for a lock that nobody gives back: the one that had taken it is over, "
        "and has left by a way on which it is not given back",
        "each way out between taking the lock and giving it back, also where {read() returns 0 or -1: "
        "return and break need pthread_mutex_unlock() before them|recv() returns b'', or raises an "
        "error: with lock: gives it back on every way|the input ends, or reading fails: give it back "
        "on every way (in Go by defer, in Java in finally; in Rust a panic while it is held spoils it "
        "for all: PoisonError, so let nothing panic there)}",
        "lock-kept-on-goodbye.c",
        by_hand="`for i in 1 2 3; do nc -z 127.0.0.1 54321; done; echo hello | timeout 9 nc 127.0.0.1 "
        "54321`: the reply must come",
        calls=("lock",),
    ),
    "places-used-up": Cause(
        "you take a place for each client (an entry of a table, a count), and never give it back: when "
        "all are taken nobody is served any more, though all clients have gone",
        "where you close a connection: {give its place back (fds[i] = fds[--nfds] in poll()'s array, "
        "or look for an entry with -1 before you take a new one), and count down|take it out of the "
        "list, and count down|give its place back, and count down}",
        "places-used-up.c",
    ),
    "places-not-returned": Cause(
        "you take a place for each client (a slot, a count, a semaphore), and do not give it back "
        "where {read() returns 0 or -1|recv() returns nothing, or raises an error|the input ends, or "
        "reading fails}",
        "one way out for every client: whatever {read() returned|recv() did|reading did}, close the "
        "connection and give its place back there",
        "places-not-returned.c",
    ),
    "counts-in-child": Cause(
        "you count your clients in a variable, and the child subtracts one when it has served: "
        "but after fork() that is the child's own copy, and the parent's does not change",
        "count in the parent: subtract one for each child that waitpid() returns",
        "counts-in-child.c",
        calls=("fork", "wait"),
    ),
    "waits-in-vain": Cause(
        "waiting for a child fails with ECHILD, as your program itself prints (No child processes): the "
        "kernel reaps those of a parent that ignores SIGCHLD, or a handler was quicker. The place that "
        "your server takes for each client, and gives back when it has waited for the child, is never "
        "free again",
        "who reaps: one place only may do it. Leave out {signal(SIGCHLD, SIG_IGN)|signal.signal("
        "signal.SIGCHLD, signal.SIG_IGN)|what makes the system ignore SIGCHLD}, or the waiting; and "
        "give the place back also where waiting fails with ECHILD (wait(2), ERRORS and NOTES)",
        "waits-in-vain.c",
        calls=("SIGCHLD", "wait"),
    ),
    "leaks-on-goodbye": Cause(
        "a client that leaves before its line is whole is forgotten and not closed: where {read() "
        "returns 0|recv() returns b''|the input ends} you leave without close(), and its descriptor "
        "stays open for ever",
        "each way out of what serves a client, also where {read() returns 0|recv() returns b''|the "
        "input ends}, and on an error: close the connection on all of them{C++:, as a destructor does}",
        "leaks-on-goodbye.c",
        by_hand="`ls /proc/PID/fd | wc -l`; `for i in $(seq 104); do nc -z 127.0.0.1 54321; done`; `ls "
        "/proc/PID/fd | wc -l`: it must be the same number",
        calls=("close",),
    ),
    "leaks-on-reset": Cause(
        "{read() fails with ECONNRESET|recv() raises ConnectionResetError|reading fails} when a client "
        "breaks off, and you leave without close()",
        "close the connection also where {read() returns -1|recv() raises an error|reading fails}",
        "leaks-on-reset.c",
        by_hand='`ls /proc/PID/fd | wc -l`; then 104 clients that break off: `python3 -c "from '
        "socket import *; from struct import pack; [(s.send(b'hel'), s.setsockopt(SOL_SOCKET, "
        "SO_LINGER, pack('ii', 1, 0)), s.close()) for s in (create_connection(('127.0.0.1', 54321)) "
        "for _ in "
        'range(104))]"`; then once more `ls /proc/PID/fd | wc -l`: both numbers must be the same',
        calls=("read", "close"),
    ),
    "beyond-fd-setsize": Cause(
        "{your server takes descriptors from 1,024 on, and gives them to FD_SET() and select(), or to "
        "a table of its own that has places for 1,024 only (FD_SETSIZE)|you give select() a "
        "descriptor from 1,024 on (FD_SETSIZE)|you give select() a descriptor from 1,024 on "
        "(FD_SETSIZE)}",
        "{after accept(): if (conn >= FD_SETSIZE) close(conn); or use poll() or epoll, which have no "
        "such limit (select(2))|the default selector of the module selectors, or poll(): they have no "
        "such limit|what waits for your clients: poll() or epoll have no such limit}",
        "beyond-fd-setsize.c",
        calls=("accept", "watch"),
    ),
}
