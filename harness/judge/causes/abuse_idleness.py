"""Causes behind what abuse/* can show: the server runs though there is nothing to do."""

from typing import Final

from .cause import Cause

CAUSES: Final[dict[str, Cause]] = {
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
        by_hand="`top`, with no client: the server must not be at the top",
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
        by_hand="`top`, with no client: the server must not be at the top",
        calls=("nonblocking", "accept", "poll"),
    ),
    "spins-on-eagain": Cause(
        "you ask again and again whether a client has said something: {read() returns at once with "
        "EAGAIN on a non-blocking socket, and ioctl() with FIONREAD on any|recv() raises "
        "BlockingIOError at once on a non-blocking socket|a read returns at once on a non-blocking "
        "socket, and ready() and available() in Java or nread() in Ruby on any}, or your loop is told "
        "at once that the socket can be written, which it nearly always can",
        "{poll(2) or select(2)|select() or poll()|your loop} without a time limit before you read; and "
        "watch for writing only while something is left to be written{|; in asyncio await "
        "reader.readline(), and no loop around sleep(0)|}",
        "polls-silent-client.c",
        by_hand="`nc 127.0.0.1 54321` in one window, typing nothing; in another `grep ctxt "
        "/proc/P/status; sleep 10; grep ctxt /proc/P/status`, where P is the process that serves "
        "it, as `ss -tnp 'sport = :54321'` shows: the numbers may hardly grow",
        calls=("nonblocking", "ready", "read"),
    ),
    "spins-on-full-buffer": Cause(
        "send() {returns at once with EAGAIN|raises BlockingIOError at once}, since the client reads "
        "nothing, and you call it again and again",
        "{on EAGAIN|then} wait in poll() or select() until the socket takes more (send(2))",
        "spins-on-full-buffer.c",
        by_hand="`python3 -c \"import socket, time; s = socket.create_connection(('127.0.0.1', "
        "54321)); s.sendall(b'y' * 16000000 + b'\\n'); time.sleep(60)\"` in one window, a "
        "client that reads nothing; `top` in another: the server must not be at the top",
        calls=("nonblocking", "write"),
    ),
}
