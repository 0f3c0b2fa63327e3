"""Causes behind what abuse/* can show."""

from typing import Final

from .cause import SHORT_OF_PROCESSES, Cause

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
    "emfile-is-fatal": Cause(
        "accept() fails {with EMFILE|(OSError, EMFILE)|(too many open files)} when you have no "
        "descriptor left, and you end the server for it",
        "where accept() {has returned -1|raises an OSError|fails} never exit: on EMFILE, ENFILE, "
        "ENOBUFS and ENOMEM sleep for a moment, and accept again; on ECONNABORTED, EPROTO and EINTR "
        "accept again (accept(2))",
        "exits-on-emfile.c",
        calls=("accept",),
    ),
    "fork-failure-is-fatal": Cause(
        "fork() {returns -1|raises an OSError} when no more processes are allowed (EAGAIN), and you "
        "end the server for it",
        "{on -1|on an OSError}: close this connection, and go on accepting (fork(2))",
        "exits-on-fork-failure.c",
        calls=("fork",),
    ),
    "leaks-on-fork-failure": Cause(
        "when fork() {returns -1|raises an OSError} you go on without closing the connection: "
        "nobody serves it, and it stays open for ever",
        "close(conn) in the parent also when fork() has failed",
        "leaks-on-fork-failure.c",
        by_hand=SHORT_OF_PROCESSES,
        calls=("fork",),
    ),
    "thread-failure-is-fatal": Cause(
        "no thread can be started when no more are allowed ({pthread_create() "
        "returns an error number{C++:, and std::thread throws std::system_error}|start() raises "
        "RuntimeError|EAGAIN, in Java OutOfMemoryError}), and you end the server for it",
        "on failure: close this connection, and go on accepting{ (pthread_create(3))||}",
        "thread-failure-is-fatal.c",
        calls=("thread",),
    ),
    "leaks-on-thread-failure": Cause(
        "when no thread can be started you go on without closing the connection: nobody serves "
        "it, and it stays open for ever{; pthread_create() returns a positive error number: a "
        "test for < 0 is never true||}",
        "{if (pthread_create(...) != 0) close(conn); it does not set errno "
        "(pthread_create(3))|conn.close() where start() raises RuntimeError|close the connection where "
        "starting the thread fails}",
        "thread-failure-unseen.c",
        by_hand=SHORT_OF_PROCESSES,
        calls=("thread",),
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
    "kills-minus-one": Cause(
        "you pass what fork() returned to kill(): -1 is not a child, it means every process that you "
        "may signal (kill(2))",
        "after fork(): where it returned -1, close(conn) and go back to accept(), before the pid is "
        "kept or used",
        "kills-minus-one.c",
        by_hand="end your server first; as an ordinary user (root has no such limit) `unshare -Urpf "
        "--mount-proc bash` opens a shell, which calls itself root, and in which no kill() reaches what "
        "is outside; in it `[ $$ = 1 ] && "
        "{ ./server & sleep 1; prlimit --pid $! --nproc=1:; (sleep 5; echo it lives) & echo hello | "
        "timeout 9 nc 127.0.0.1 54321; sleep 6; }`: the words it lives must come: they are from a "
        "process beside the server, which kill(-1) would have ended",
        calls=("fork", "kill"),
    ),
    "accept-error-is-fatal": Cause(
        "accept() has failed, and you end the server for it: neither one client (ECONNABORTED) nor a "
        "shortage that is over soon (EMFILE) is a reason (accept(2), Error handling)",
        "where accept() {has returned -1|raises an OSError|fails} never exit: on ECONNABORTED, "
        "EPROTO and EINTR accept again; on EMFILE, ENFILE, ENOBUFS and ENOMEM sleep for a moment, "
        "and accept again",
        "accept-error-is-fatal.c",
        calls=("accept",),
    ),
    "closes-listener-on-error": Cause(
        "when accept() had failed, your server closed the socket that it was called on: that is the "
        "listening one, and from then on nobody is let in",
        "what you close where a call has failed: a client's connection, and never the listening socket; "
        "after accept() has failed, sleep for a moment if no descriptor is left, and accept again",
        "closes-listener-on-error.c",
        calls=("accept", "close"),
    ),
    "acceptor-ends": Cause(
        "accept() fails because of one client, or of a shortage that is over soon, and nobody catches "
        "this error: it ends the thread that accepts; your other threads keep the program alive, but "
        "it lets nobody in any more",
        "catch the error of accept() inside the loop{| (OSError)| (IOException in Java)}: if no "
        "descriptor is left, sleep for a moment; then accept again",
        "acceptor-ends.py",
        calls=("accept",),
    ),
    "error-ends-acceptor": Cause(
        "an error that nobody caught has ended the thread that lets clients in; your program's own "
        "words name it. Other threads keep the program alive, but it lets nobody in any more",
        "the line at which the error was raised, in the loop around accept(): what goes wrong with one "
        "client, or where there is no room for it, closes this connection alone",
        "ErrorEndsAcceptor.java",
        calls=("accept",),
    ),
    "starter-ends": Cause(
        "no thread can be started when no more are allowed (EAGAIN), and nobody catches this "
        "error: it ends the thread that starts the others; these keep the program alive, but it serves "
        "nobody any more",
        "catch the error where you start the thread{| (RuntimeError)| (OutOfMemoryError in Java)}: "
        "close this connection, and go on accepting",
        "starter-ends.py",
        calls=("thread",),
    ),
    "crashes-on-shortage": Cause(
        "a call fails while there is a shortage, and you use its result all the same: a null pointer, "
        "or a variable that it did not set",
        "each call that can fail then, such as dup(), open(), fopen(), fdopen() or pthread_create(): "
        "what you do when it has failed (RETURN VALUE in its manual page)",
        "crashes-on-shortage.c",
        by_hand="`echo hello | nc 127.0.0.1 54321; prlimit --pid PID --nofile=5:1024` (one more than `"
        "ls /proc/PID/fd` shows: accept() gets a descriptor, and the call after it gets none); three "
        "windows with `nc 127.0.0.1 54321`, and a line in each; `prlimit --pid PID --nofile=1024; echo "
        "hello | nc 127.0.0.1 54321`: the reply must come",
        calls=("open",),
    ),
    "fork-error-is-fatal": Cause(
        "fork() {fails|raises an OSError} when there is no memory for another process (ENOMEM), and you "
        "end the server for it",
        "{on -1|on an OSError}: close this connection, and go on accepting (fork(2))",
        "enomem-at-fork-is-fatal.c",
        calls=("fork",),
        beside={"abuse/no-processes": "Here the error is EAGAIN, and its own limit is the reason."},
    ),
    "read-error-is-fatal": Cause(
        "{read() fails|recv() raises an error|reading fails} once on one connection, and you end the "
        "whole server for it",
        "{on EINTR read again; on any other error close this connection alone (read(2))|on an "
        "OSError: close this connection alone|on any error close this connection alone}",
        "read-eintr-is-fatal.c",
        calls=("read",),
    ),
    "write-error-is-fatal": Cause(
        "{write() fails|sendall() raises an error|writing fails} once on one connection, and you end "
        "the whole server for it",
        "{on EINTR write again; on any other error close this connection alone (write(2))|on an "
        "OSError: close this connection alone|on any error close this connection alone}",
        "write-error-is-fatal.c",
        calls=("write",),
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
    "wait-error-is-fatal": Cause(
        "wait() fails with EINTR when a signal interrupts it, and you end the server for it",
        "on EINTR wait again (wait(2))",
        "wait-eintr.c",
        calls=("wait",),
    ),
    "polls": Cause(
        "something in your program wakes up many times a second and looks round, though nothing has "
        "happened",
        "a loop with {sleep() or usleep(), or a short time limit of poll() or select()|time.sleep(), "
        "or a short time limit of select()|a sleep, or a short time limit}, also in another thread or "
        "process of yours: wait for a client in {accept(), or in poll() without a time "
        "limit|accept()|accept(), without a time limit}, and for a child by SIGCHLD (slide 18)",
        "polls-wnohang.c",
        by_hand="`grep -h ctxt /proc/PID/task/*/status; sleep 10; grep -h ctxt "
        "/proc/PID/task/*/status`, with no client: each number must stay the same, but for a few; "
        "if it has started other processes, the same for each of them",
        calls=("sleep", "poll"),
    ),
    "runs-beside": Cause(
        "one of your threads waits for clients, and another runs all the time, in a loop that never "
        "sleeps: around a variable that another thread is to set, or, in a server that forks, around "
        "{wait()|os.wait()|waiting for a child}, which {fails|raises ChildProcessError|fails} at once "
        "while there is no child (ECHILD)",
        "each loop of a thread that neither accepts nor serves: it sleeps until there is something to "
        "do. What another thread is to bring is waited for at {a condition variable or a semaphore "
        "(pthread_cond_wait(3p), sem_wait(3))|a Queue, an Event or a Condition|a queue or a condition}; "
        "children are reaped by a handler for SIGCHLD, which comes when one has exited (slide 18)",
        "reaper-never-sleeps.c",
        by_hand="`top`, with no client: the server must not stand at the top",
        calls=("wait",),
    ),
    "never-sleeps": Cause(
        "your program is at work though nobody is there: it asks for a client again and again, and does "
        "not sleep until one comes",
        "the listening socket: if it is non-blocking ({O_NONBLOCK by fcntl(), SOCK_NONBLOCK in "
        "socket()|setblocking(False), settimeout(0)|configureBlocking(false) in Java, accept_nonblock "
        "in Ruby}), accept() returns at once, without a client; take that away; or, if you need it, "
        "wait before accept() in {poll() or select()|select()|a select()} without a time limit{. Or "
        "select(): Linux counts its struct timeval down to 0, so that it must be set anew before each "
        "call (select(2))||}",
        "spins-on-accept.c",
        by_hand="`top`, with no client: the server must not stand at the top",
        calls=("nonblocking", "accept", "poll"),
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
    "spins-on-eagain": Cause(
        "you ask again and again whether a client has said something: on a non-blocking socket {read() "
        "returns at once with EAGAIN|recv() raises BlockingIOError at once|a read returns at once}, or "
        "your loop is told at once that the socket can be written, which it nearly always can",
        "{poll(2) or select(2)|select() or poll()|your loop} without a time limit before you read; and "
        "watch for writing only while something is left to be written{|; in asyncio await "
        "reader.readline(), and no loop around sleep(0)|}",
        "polls-silent-client.c",
        by_hand="`nc 127.0.0.1 54321` in one window, typing nothing; in another `grep ctxt "
        "/proc/P/status; sleep 10; grep ctxt /proc/P/status`, where P is the process that serves "
        "it, as `ss -tnp 'sport = :54321'` shows: the numbers may hardly grow",
        calls=("nonblocking", "read"),
    ),
    "spins-on-full-buffer": Cause(
        "send() {returns at once with EAGAIN|raises BlockingIOError at once}, since the client reads "
        "nothing, and you call it again and again",
        "{on EAGAIN|then} wait in poll() or select() until the socket takes more (send(2))",
        "spins-on-full-buffer.c",
        by_hand="`python3 -c \"import socket, time; s = socket.create_connection(('127.0.0.1', "
        "54321)); s.sendall(b'y' * 16000000 + b'\\n'); time.sleep(60)\"` in one window, a "
        "client that reads nothing; `top` in another: the server must not stand at the top",
        calls=("nonblocking", "write"),
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
