"""Causes behind what abuse/* can show: a call fails, by a shortage or an error put into it."""

from typing import Final

from .cause import SHORT_OF_PROCESSES, Cause

CAUSES: Final[dict[str, Cause]] = {
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
    "mask-kept-on-failure": Cause(
        "where fork() fails you leave SIGCHLD blocked: it is never delivered any more, and nobody waits "
        "for your children",
        "each way out between {sigprocmask(SIG_BLOCK) and SIG_SETMASK|pthread_sigmask(SIG_BLOCK) and "
        "SIG_SETMASK|blocking SIGCHLD and unblocking it}, also where fork() {returns -1|raises an "
        "OSError}: the old mask again",
        "mask-kept-on-failure.c",
        by_hand="with a server that does not run as root, which has no such limit: `prlimit --pid PID "
        "--nproc=1:; echo hello | timeout 9 nc 127.0.0.1 54321; prlimit --pid PID --nproc=1000:; echo "
        "hello | timeout 9 nc 127.0.0.1 54321; sleep 1; ps --ppid PID -o pid,stat,args`: no <defunct> "
        "may be listed",
        calls=("mask", "fork"),
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
    "reads-from-minus-one": Cause(
        "accept() has failed, and you go on with what it returned: each read from it fails at once, and "
        "your loop ends where a read returns 0, and not where it fails",
        "behind accept(): if (conn < 0) continue; and in the loop that reads, treat -1 as the end, too, "
        "but for EINTR (read(2))",
        "reads-from-minus-one.c",
        calls=("accept", "read"),
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
        "a call fails for want of a descriptor or a process, and you use its result all the same: a "
        "null pointer, or a variable that it did not set",
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
    "wait-error-is-fatal": Cause(
        "wait() fails with EINTR when a signal interrupts it, and you end the server for it",
        "on EINTR wait again (wait(2))",
        "wait-eintr.c",
        calls=("wait",),
    ),
}
