"""Causes behind what concurrency/* can show."""

from typing import Final

from .cause import Cause

CAUSES: Final[dict[str, Cause]] = {
    "iterative": Cause(
        "you serve one client at a time: the next waits until the one before has been answered",
        "{fork() after accept(), so that each connection gets a task of its own|os.fork() or a thread "
        "after accept(), so that each connection gets a task of its own; Thread(target=serve, "
        "args=(conn,)), for target=serve(conn) serves at once, in the loop|what you do after "
        "accepting: each connection needs a task of its own, a thread (in Java start(), not run()), a "
        "goroutine or a process, and your loop waits for none of them (a join, a channel, a "
        "WaitGroup)} (slides 9-13)",
        "tcpserver.cpp",
        calls=("accept",),
    ),
    "reads-before-fork": Cause(
        "you {call fork(), or start a thread,|start a process or a thread|start a task} for each "
        "client, but only when its line has come: your loop itself waits in {read()|recv()|a read} "
        "until this one client speaks",
        "what stands between accept() and {fork() (or pthread_create()): nothing that waits for the "
        "client. read() belongs into the child, or the thread|the start of the process or thread: "
        "nothing that waits for the client. recv() belongs into what is started|the start of the task: "
        "nothing that waits for the client. Reading belongs into the task} (slide 10)",
        "reads-before-fork.c",
        calls=("accept", "read", "fork", "thread"),
    ),
    "concurrent-at-first": Cause(
        "you serve your first clients side by side, and those who come after many one at a time",
        "where you count: clients, children or threads that are counted up and never down again, a "
        "table that fills, a limit; fork() after accept() (slides 9-13) needs none of them",
        "forks-for-40.c",
        calls=("accept", "thread", "fork"),
    ),
    "waits-when-full": Cause(
        "when so many clients have come as you have room for (an array, a list, a counter), your "
        "server waits until all of them have gone, or the one that it waits for: who says nothing "
        "keeps everybody else out{, and children that have exited stay zombies until then||}",
        "the loop that joins the threads, or waits for the children, when there is no room: join only "
        "those that have ended, or keep no list: {pthread_detach(), or a SIGCHLD handler (slides "
        "17-19)|a thread ends by itself, without join()|a thread or task ends by itself}",
        "joins-when-full.c",
        by_hand="`nc 127.0.0.1 54321` in one window, typing nothing; `for i in $(seq 120); do echo "
        "hello | timeout 2 nc 127.0.0.1 54321; done | wc -l` in another: it must say 120",
        calls=("join", "wait", "thread", "fork"),
    ),
    "waits-in-loop": Cause(
        "your loop wakes up for a client, and then sleeps in {read()|recv()|a read} until this one "
        "client speaks: nobody else gets a turn",
        "what you do after accept(): ask {poll(), select() or epoll|select() or your selector|your "
        "loop} for the new connection too, and read only from one that is ready{|; in asyncio await "
        "reader.readline() or loop.sock_recv() instead of recv()|}; or give each connection a task of "
        "its own (slide 9){|; with socketserver: ThreadingTCPServer, or class "
        "Server(ThreadingMixIn, TCPServer)|}",
        "waits-in-loop.c",
        calls=("accept", "poll", "read"),
    ),
    "reads-unready": Cause(
        "your loop wakes up for one client, and then reads from another, which has said nothing: it "
        "sleeps in {read()|recv()|a read} until that one speaks, and nobody else gets a turn",
        "read only from what {poll(), select() or epoll_wait() has reported: fds[i].revents & POLLIN, "
        "or FD_ISSET(fd, &ready)|select() has returned, or your selector: for s in ready, and not for s "
        "in clients|your loop has been told is ready}",
        "reads-unready.c",
        calls=("poll", "read"),
    ),
    "waits-in-parent": Cause(
        "your parent sleeps in wait() until this client's child exits",
        "do not wait in the accept loop; let a SIGCHLD handler reap (slides 17-19)",
        "waits-in-parent.c",
        calls=("wait",),
    ),
    "waits-in-vfork": Cause(
        "you call vfork(), and its child serves: your parent sleeps until that child has exited or has "
        "executed another program",
        "fork() instead; vfork() is for a child that calls exec at once (vfork(2))",
        "vfork-without-exec.c",
        calls=("fork",),
    ),
    "closed-in-set": Cause(
        "since one client has been served your loop goes round without a pause: as a rule the "
        "descriptor that you have closed is still in the set of select() or poll(), which then fails "
        "(EBADF), or returns, at once",
        "where you close(): FD_CLR(), or take the entry out of poll()'s array; and what you do when "
        "select() or poll() returns -1",
        "closed-in-set.c",
        calls=("close",),
    ),
    "joins-at-once": Cause(
        "you start a thread for each client, and wait for its end before you accept the next",
        "the line after the thread's start, as a rule a join: {detach the thread instead|leave it "
        "out}, and accept() at once (slide 9){C++:; the future of std::async() waits too, in its "
        "destructor}",
        "joins-at-once.c",
        calls=("thread", "join"),
    ),
    "forks-before-accept": Cause(
        "you fork before accept(): your child lets a client in and serves it, and your parent sleeps "
        "in wait() until this child has ended, so that nobody is there for the next client",
        "the order in your loop: accept() in the parent, then fork() for the client that has come "
        "(slides 10, 12); and no wait() there: a handler for SIGCHLD reaps (slides 17-19)",
        "forks-before-accept.c",
        calls=("accept", "fork"),
    ),
    "lock-around-service": Cause(
        "you start a {thread|thread|task (a thread, a goroutine)} for each client, and yet serve one at "
        "a time: the others wait, as for a lock that is held until its client has been served",
        "each lock: take it for what the threads share, and not while you read from a client or write",
        "lock-around-service.c",
        calls=("lock",),
    ),
    "lock-among-workers": Cause(
        "you start several workers in advance, and yet serve one client at a time: the others wait, as "
        "for a lock that a worker holds until its client has been served",
        "each lock: hold it while you accept a client, or take one from a queue, and give it back "
        "before you read from that client{|| (in Rust a while let keeps the lock in its head until "
        "its body has ended: use let)}",
        "lock-among-workers.c",
        calls=("lock",),
    ),
    "one-worker": Cause(
        "you have one worker, a process or thread that you start in advance, and a silent client "
        "keeps it busy",
        "where you start it: a task that is made for each connection, after accept(), has no such "
        "limit (slides 9-13)",
        "pool-of-1.c",
        calls=("thread",),
    ),
    "listens-anew": Cause(
        "your loop makes its listening socket anew for each client: who comes while one is served is "
        "refused, or waits in a queue that is thrown away with the socket",
        "{socket(), bind() and listen(): once|what makes the listening socket: once|what makes the "
        "listening socket: once}, before the loop; in the loop accept() alone (slides 2-4)",
        "listens-anew.c",
        calls=("listen", "accept"),
    ),
    "limited-workers": Cause(
        "you serve a fixed number of clients at a time; the silent ones hold all the places",
        "what limits their number, be it the workers that you start or the size of a table: a task that "
        "is made for each connection, after accept(), has no such limit (slide 9)",
        "pool-of-4.c",
        calls=("thread",),
    ),
    "lock-among-children": Cause(
        "your children wait for each other: one holds a lock (lockf(), flock(), a semaphore) while it "
        "serves its client, and the next child waits for the lock",
        "where the lock is taken and given back: hold it for the one write to the file that all share, "
        "and never while you wait for a client",
        "lock-among-children.c",
        calls=("lock",),
    ),
    "reply-at-next-event": Cause(
        "you have read this client's line, and send its reply only when something else happens",
        "where your loop writes: before it goes to sleep{ in poll() or select()| in select() or your "
        "selector|}, not after{|; in asyncio, which reads by itself: what the task of this client "
        "awaits before it reads its line, such as a lock that another client's task holds|; in Node, "
        "which reads by itself: what the service of this client awaits first}",
        "reply-at-next-event.c",
        calls=("poll", "write"),
    ),
    "turns-away": Cause(
        "you let a client in, and send it away unserved while others are there already",
        "where you count your clients, or look whether somebody is being served: a task for each "
        "connection has no such limit (slide 9)",
        "says-busy.c",
        calls=("accept", "close"),
    ),
    "ends-when-two-come": Cause(
        "your server ends itself when a client comes while another one is there",
        "what calls exit() (also a function of yours that prints an error and exits), or returns from "
        "main(), after accept(): one client too many is no reason to end; close this client alone, and "
        "go back to accept()",
        "ends-when-two-come.c",
        calls=("exit",),
    ),
    "ends-after-so-many": Cause(
        "your server ends when so many clients have come as the loop around accept() counts to, or as "
        "there is room for",
        "the loop around accept(): {for (;;)|while True|one without a count} (slide 10, 13); and each "
        "exit() and each return from main() that can be reached after accept()",
        "ends-after-five.c",
        calls=("accept", "exit"),
    ),
    "would-block-is-fatal": Cause(
        "a call on a non-blocking socket would have had to wait (EAGAIN{|, BlockingIOError}), since "
        "nobody has come, or this client reads slowly or has said nothing yet; you take it for an "
        "error, and end the server",
        "what you do on EAGAIN: keep the rest of the reply with this client, and go back to {select(), "
        "poll() or epoll_wait()|select() or your selector|your loop} until the socket is ready; "
        "{write()|send()|writing} returns how many bytes it has taken",
        "would-block-is-fatal.c",
        calls=("nonblocking", "write"),
        beside={"abuse/every-error": "EAGAIN is none of these: who would have to wait has not failed."},
    ),
    "limited-places": Cause(
        "you have places for so many clients and no more: while silent ones hold them all, nobody else "
        "is let in",
        "the number of your workers, the size of your table, or your limit on children: a task for each "
        "connection has none (slide 9)",
        "max-clients-20.c",
    ),
    "half-line-blocks-loop": Cause(
        "your one process reads on until this client's line is complete, and serves nobody meanwhile",
        "read what is there, keep it with this client, and go back to {select() or poll()|select() or "
        "your selector|your loop} for the rest",
        "half-line-blocks-loop.c",
        calls=("read",),
    ),
    "blocking-write-in-loop": Cause(
        "your one process sleeps until one client reads its reply, in {what writes|what sends|what "
        "writes} or in a wait for this client alone, and serves nobody meanwhile",
        "{O_NONBLOCK|setblocking(False)|make the connection non-blocking}; keep the rest of the reply "
        "with this client, and wait for all clients in one {select(), poll() or "
        "epoll_wait()|select() or selector|loop} until a socket takes more{ (write(2), EAGAIN)|}",
        "blocking-write-in-loop.c",
        calls=("write",),
    ),
    "parent-sleeps": Cause(
        "something in your accept loop takes its time: while one client is let in, the next ones wait "
        "in the queue",
        "what you do between two calls of accept(): a sleep, a look-up, a log; leave it to the child",
        "parent-sleeps.c",
        calls=("accept", "sleep"),
    ),
    "handler-under-lock": Cause(
        "those who serve your clients wait for each other: what each does takes its time, and only one "
        "does it at a time",
        "the lock, or whatever else they share: hold it for a moment only, and never while you sleep, "
        "read or write",
        "handler-under-lock.c",
        calls=("lock",),
    ),
    "inherited": Cause(
        "you start processes with fork() (or popen(), system()) while other clients are "
        "connected: each has a copy of every connection that is open then, and none of them ends "
        "before this process does",
        "close all others in the child before it serves; {for a program that you execute, make "
        "them close-on-exec: accept4(..., SOCK_CLOEXEC)|a program that you execute inherits none "
        "unless you ask for it}",
        "forks-in-thread.c",
        calls=("fork",),
    ),
}
