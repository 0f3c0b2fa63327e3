"""Causes behind what service/* can show: a client's line brings no reply."""

from typing import Final

from .cause import ASK_LATE, ASK_ONCE, Cause

CAUSES: Final[dict[str, Cause]] = {
    "waits-for-keyboard": Cause(
        "your server waits for its own keyboard while a client waits for the reply: it reads from "
        "standard input {(scanf(), fgets())|(input(), sys.stdin)|}, and nobody sits at a server",
        "where you read from standard input: the reply is made from the line that the client has sent "
        "(slide 4). A talk between two keyboards is another exercise, and cannot be judged",
        "types-its-replies.c",
        by_hand=ASK_ONCE,
    ),
    "reads-on": Cause(
        "your server has read the line and reads on, and wrote nothing back: it writes only when "
        "something else has come (other words, more bytes, the end of the input, what somebody types "
        "at the server), or never",
        "the way from {read() to write()|recv() to sendall()|reading to writing}: what must have come "
        "before it writes? The newline ends a line (slide 4). Where other words are meant, they belong "
        "into the assignment: [dialogue]",
        "reads-on.c",
        by_hand=ASK_ONCE,
        calls=("read", "write"),
    ),
    "never-woken": Cause(
        "the thread that has read the line sleeps: it waits for a lock, or for another thread to wake "
        "it (a condition, a semaphore, a queue, a join), and nobody does so",
        "who wakes it: {pthread_cond_signal() for the very condition that it waits for, under the same "
        "lock, after each change that it waits for; and a thread that holds a lock cannot take it once "
        "more (pthread_cond_wait(3p))|notify(), set() or put() on the very condition, event or queue "
        "that it waits for; and who holds a Lock cannot take it once more|the one who is to wake it "
        "must do so at the very lock, condition or queue at which it waits}",
        "wakes-another.c",
        by_hand=ASK_ONCE,
        calls=("lock", "thread"),
    ),
    "never-awaited": Cause(
        "you call a coroutine (async def), and nobody awaits it: a call alone runs nothing of it, and "
        "Python says so",
        "the line that Python names: await in front of the call, or asyncio.create_task() around it",
        "never-awaited.py",
    ),
    "error-in-service": Cause(
        "an error, which your program's own words name, has ended what served this client before it "
        "wrote the reply",
        "the line at which the error was raised, and which value is wrong there{|: sendall() takes "
        "bytes and not a str, recv() returns bytes, and the args of a Thread are a tuple, (conn,)}",
        "text-for-bytes.py",
    ),
    "expects-own-form": Cause(
        "your server does not read a line: what it calls expects another form, with a length, a header "
        "or an object in front{| (pickle, struct, json)| (in Java readUTF() and readObject())}, and "
        "takes the first letters of the line for that",
        "what reads from the client: {read() up to the newline|makefile().readline()|a call that reads "
        "a line (in Java BufferedReader.readLine()), and for the reply one that adds nothing to its "
        "bytes} (slide 4)",
        "expects-pickle.py",
        calls=("read",),
    ),
    "no-buffer": Cause(
        "read() or write() failed on the connection with EFAULT: what it was told as its buffer is no "
        "memory of your program",
        "the arguments of read() and write(): the connection, the buffer, a number of bytes, in this "
        "order; and where the buffer is a pointer, that it points to something: an array, or what "
        "malloc() has returned (read(2))",
        "arguments-swapped.c",
        by_hand=ASK_ONCE,
        calls=("read", "write"),
    ),
    "reads-too-early": Cause(
        "the connection does not block, and {read()|recv()|a read} returned at once, before the client "
        "had said anything ({-1 with |BlockingIOError, |}EAGAIN); {you take that for the end of the "
        "client|nobody catches that, or it is taken for the client's end|nobody catches that, or it is "
        "taken for the client's end}",
        "{where it is made so: fcntl(..., O_NONBLOCK), accept4(..., SOCK_NONBLOCK): leave it out where "
        "a child or a thread serves one client|setblocking(False), settimeout(0): leave it out where a "
        "process or a thread serves one client|where the connection is made non-blocking, or read by a "
        "call that does not wait (Ruby's read_nonblock): leave it out where a task serves one client}; "
        "in an event loop wait until something has come, and then read",
        "reads-too-early.c",
        by_hand=f"{ASK_LATE}, also to one who does not speak at once",
        calls=("nonblocking", "read"),
    ),
    "closes-too-early": Cause(
        "a close() of the connection comes too early, before the line is answered: the next call on it "
        "fails, since nothing is open at that number any more (EBADF)",
        "which close() runs before the reply is sent: it must stand after it. Who serves the client "
        "closes after the reply; a parent closes its copy after fork() (slide 12){C++:; an object that "
        "closes in its destructor must not be copied}",
        "closes-before-write.c",
        by_hand=ASK_LATE,
        calls=("close",),
    ),
    "shuts-down-early": Cause(
        "shutdown() was called before the reply was written: it ends the connection for all who have it "
        "open, also for the child; close() ends it for the one who calls",
        "each shutdown(): in the parent close(conn) alone (slide 12); in whoever serves after the "
        "reply, or not at all (shutdown(2))",
        "parent-shuts-down.c",
        by_hand=ASK_LATE,
        calls=("shutdown",),
    ),
    "writes-elsewhere": Cause(
        "the line was read, and what your program then wrote did not go to this client: it went to "
        "another descriptor than the one that accept() returned",
        "{the first argument of write() or send(): conn, and not sock; printf() and puts() write to "
        "your own terminal|what sends the reply: conn.sendall(), and not print() or another socket|what "
        "writes the reply: the connection, and not your own terminal}",
        "writes-to-listener.c",
        calls=("accept", "write"),
    ),
    "dup2-reversed": Cause(
        "dup2() has put your own terminal in the connection's place: its first argument is what there "
        "is, its second what is to become a copy of it",
        "dup2(conn, 0) and dup2(conn, 1), and not dup2(0, conn) (dup2(2))",
        "dup2-reversed.c",
        calls=("dup2",),
    ),
    "writes-nothing": Cause(
        "write() was called with a length of 0: it writes nothing, and that is no error",
        "the length that you give to write(): what read() returned. strlen() is 0 where the buffer "
        "begins with a NUL byte, as it does after memset() or bzero()",
        "writes-nothing.c",
        calls=("write",),
    ),
    "ends-without-a-word": Cause(
        "the line was read and the connection ended, and nothing was written to it: {write() was not "
        "reached|sendall() was not reached, or the reply stayed in the buffer of makefile(), which "
        "nobody flushed|what writes was not reached, or came after the connection's end, or the reply "
        "stayed in a buffer that nobody flushed}",
        "the way from {read() to write()|recv() to sendall()|reading to writing}: each condition on "
        "it{|; and after writing to what makefile() returned: flush(). An error in a task of a pool is "
        "kept in silence until somebody asks submit()'s Future for its result()|; a flush after "
        "writing; and what ends the connection: after that}",
        "answers-no-small-letter.c",
        by_hand=ASK_ONCE,
        calls=("read", "write"),
    ),
    "reads-standard-input": Cause(
        "your program calls read() on its standard input, and not on the connection{: in if (conn = "
        "accept(...) < 0) the < comes before the =, so that conn becomes 0 or 1, which is no "
        "connection||}",
        "{every call whose result you assign and test at once: it needs two more parentheses, if ((conn "
        "= accept(...)) < 0), or a line of its own; and the first argument of read()|what you read "
        "from: conn.recv(), and not input() or sys.stdin|what you read from: it must be the connection}",
        "connection-compared.c",
        calls=("accept", "read"),
    ),
    "reply-in-stream": Cause(
        "the line was read and the connection ended, and nothing was sent: your reply stayed in the "
        "buffer of a stream (fdopen()) that nobody flushed; _exit() and close() do not",
        "after you have written to the stream: fflush(), or fclose() in place of close() (stdio(3))",
        "ends-without-a-word.c",
        calls=("stream",),
    ),
    "reads-from-listener": Cause(
        "the connection was ended before the client had said anything: nothing waited for its line. As "
        "a rule {read() was called|recv() was called|reading was tried} on another socket than the one "
        "that accept() returned, or not at all; on the listening socket it {returns -1|fails|fails} at "
        "once (ENOTCONN)",
        "the {first argument of read()|socket that you call recv() on|socket that you read from}: what "
        "accept() returned, not the listening socket (slide 3); and that it is called before "
        "close(){C++:, also before one in "
        "the destructor of an object that was copied}",
        "reads-from-listener.c",
        by_hand=f"{ASK_LATE}, also to one who does not speak at once",
        calls=("accept", "read"),
    ),
    "line-left-unread": Cause(
        "{read()|recv()|what reads} took only a part of what the client had sent, and then the "
        "connection was closed, without a reply: where bytes are left unread, close() resets it (RST)",
        "{the third argument of read(): the size of the buffer, not of a pointer to it; and|the "
        "argument of recv(), and|how many bytes are read, and} that the newline is waited for: a line "
        "may come in several pieces",
        "reads-eight-bytes.c",
        by_hand="`echo hello, and some more | nc 127.0.0.1 54321`: the reply must come",
        calls=("read",),
    ),
    "closes-for-thread": Cause(
        "the thread that accepts closes the connection, as a parent does after fork(); but threads "
        "share their descriptors, and the thread that serves this client can no longer write",
        "delete close() in the thread that accepts, and call it at the end of the thread that serves "
        "(slide 12 is about processes)",
        "closes-for-thread.c",
        by_hand=ASK_LATE,
        calls=("close", "thread"),
    ),
    "read-interrupted": Cause(
        "your server starts a process when a client comes (system(), popen() or fork()), and itself "
        "goes on to read from the client; when that process exits, SIGCHLD interrupts this read(), "
        "which returns -1 with EINTR, and you take that for the end of the client",
        "at read(): if (rx < 0 && errno == EINTR) read again; or install the handler by sigaction() "
        "with SA_RESTART (sigaction(2))",
        "read-interrupted.c",
        by_hand=f"{ASK_LATE}, also to one who does not speak at once",
        calls=("read",),
    ),
    "status-taken": Cause(
        "your program runs another one{ (system(), popen())| (os.system(), os.popen())|}, and when it "
        "asks how that has ended the answer is an error (ECHILD): SIGCHLD is ignored, or your handler "
        "has waited for this child, too, and nobody knows its exit status any more. You take that for a "
        "failure of the program that you have run, and send no reply",
        "where you run the other program: before that, in the process that serves, give SIGCHLD its "
        "default again: {signal(SIGCHLD, SIG_DFL) after fork() (system(3))|signal.signal("
        "signal.SIGCHLD, signal.SIG_DFL) after os.fork()|in the child, after the fork}",
        "asks-for-lost-status.c",
        by_hand=ASK_ONCE,
        calls=("SIGCHLD",),
    ),
    "throws-out-silent": Cause(
        "your server disconnects a client that is slow to type: a time limit ends its connection "
        "({of the call in which it waited: the last argument of poll(), SO_RCVTIMEO for read(); or "
        "alarm()|settimeout(), a time limit of select() or wait_for()|setTimeout() in Node, "
        "setSoTimeout() in Java, a deadline})",
        "where the limit is set: take it away, or make it long enough for a person at a keyboard "
        "(slide 8); or {call read() again|read again|read again} when it has run out",
        "throws-out-silent.c",
        by_hand="`(sleep 3; echo hello) | nc 127.0.0.1 54321`: the reply must come, also to one who "
        "is slow to type",
        calls=("limit",),
    ),
    "wants-tls": Cause(
        "your server speaks TLS, and these clients speak plainly",
        "what wraps the connection in TLS ({SSL_accept()|SSLContext.wrap_socket()|tls.createServer(),"
        " SSLServerSocket and the like}): the contract is a plain line; leave it out, or let the server "
        "be started without it, and judge that",
        "wants-tls.py",
    ),
}
