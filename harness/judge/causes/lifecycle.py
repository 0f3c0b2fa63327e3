"""Causes behind what lifecycle/* can show."""

from typing import Final

from .cause import Cause

CAUSES: Final[dict[str, Cause]] = {
    "no-reuseaddr": Cause(
        "the kernel remembers a connection for a minute after its end, and refuses the port for that "
        "long to a socket without SO_REUSEADDR (tcp(7))",
        "{setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, ...) between socket() and "
        "bind()|sock.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1) between socket() and bind()|SO_REUSEADDR "
        "on the listening socket, before it is bound (in Java setReuseAddress(true))} (socket(7))",
        "no-reuseaddr.c",
        calls=("bind",),
    ),
    "bind-refused-again": Cause(
        "bind() failed: the kernel remembers a connection for a minute after its end, and refuses the "
        "port for that long to a socket without SO_REUSEADDR (tcp(7)); you did not look at what it "
        "returned, and listen() took any free port (ip(7))",
        "{setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, ...) between socket() and "
        "bind()|sock.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1) between socket() and bind()|SO_REUSEADDR "
        "on the listening socket, before it is bound} (socket(7)); and where bind() fails, say why and "
        "end",
        "listens-elsewhere-again.c",
        calls=("bind",),
    ),
    "ignores-sigterm": Cause(
        "your program ignores SIGTERM (SIG_IGN)",
        "leave SIGTERM alone, or let its handler end the program (signal(7))",
        "ignores-sigterm.c",
        calls=("SIGTERM ignored",),
    ),
    "orphans-keep-listener": Cause(
        "SIGTERM ends only your first process: the processes that it started live on, and hold the "
        "listening socket",
        "a handler for SIGTERM in the first process: {kill(pid, SIGTERM) for each process that it "
        "started, and then _exit(0); or prctl(PR_SET_PDEATHSIG, SIGTERM) in each of them, first of "
        "all|os.kill(pid, SIGTERM) for each process that it started, and then os._exit(0)}",
        "orphans-keep-listener.c",
        calls=("fork",),
    ),
    "ignores-sigint": Cause(
        "your program ignores SIGINT (SIG_IGN)",
        "leave SIGINT alone, or let its handler end the program (signal(7))",
        "ignores-sigint.c",
    ),
    "blocks-sigint": Cause(
        "SIGINT is blocked in your program: it stays pending, and nothing ends",
        "{sigprocmask() or pthread_sigmask()|signal.pthread_sigmask()|what blocks it}: SIG_UNBLOCK in "
        "one thread or more",
        "blocks-sigint.c",
        calls=("mask",),
    ),
    "catches-sigint": Cause(
        "your program catches SIGINT and goes on: a handler that sets a flag does not end accept(), "
        "{which signal() has restarted (SA_RESTART)|which Python restarts; nor does an except that "
        "takes KeyboardInterrupt and stays in the loop}",
        "leave SIGINT alone; or {install the handler by sigaction() without SA_RESTART, and look at "
        "the flag when accept() fails with EINTR (signal(7))|raise SystemExit in the handler|end the "
        "program in the handler}",
        "catches-sigint.c",
        calls=("accept",),
    ),
    "threads-outlive-interrupt": Cause(
        "Ctrl-C has ended your first thread alone (KeyboardInterrupt), and the program waits at its end "
        "for each thread that is no daemon",
        "where a thread is started: daemon=True; or let the first thread tell the others to end, and "
        "close the listening socket",
        "threads-outlive-interrupt.py",
        calls=("thread",),
    ),
    "cuts-on-sigterm": Cause(
        "your program catches SIGTERM and ends at once, with all who are being served",
        "on SIGTERM close the listening socket, wait until who is connected has gone {(waitpid() for "
        "each child; a process with many clients serves them all)|(each child, thread or task that "
        "serves)|(each task that serves)}, and then exit",
        "cuts-on-sigterm.c",
        calls=("SIGTERM",),
    ),
    "reload-drops-clients": Cause(
        "your program catches SIGHUP, and ends at once what serves a client then, be it a worker, a "
        "thread or a task: the client gets no answer",
        "what the handler ends, and how: what serves a client takes no new one, serves this one to the "
        "end, and then ends; a worker cannot do so after SIGKILL",
        "reload-drops-clients.c",
        calls=("SIGHUP", "kill"),
    ),
    "reload-loses-listener": Cause(
        "your program catches SIGHUP, closes its listening socket, and has none afterwards",
        "keep the listening socket, or make the new one before the old one is closed (SO_REUSEPORT, "
        "socket(7)); look at what bind() and listen() return",
        "reload-loses-listener.c",
        calls=("SIGHUP",),
    ),
    "reload-leaves-zombies": Cause(
        "your program catches SIGHUP, ends its old workers, and waits for none of them",
        "wait for each worker that has been told to go {(waitpid(-1, NULL, WNOHANG) until it returns "
        "none)|(os.waitpid(-1, os.WNOHANG) until it returns none)|(waitpid with WNOHANG, until there "
        "is none)}",
        "reload-leaves-zombies.c",
        calls=("SIGHUP", "wait"),
    ),
    "interrupted-sleep-is-fatal": Cause(
        "the call in which your server slept failed with EINTR when it was stopped and went on, and you "
        "took that for the end; no handler is needed for it in epoll_wait(), sigwaitinfo(), semop(), or "
        "in a call with a time limit (SO_RCVTIMEO)",
        "where the call fails: if (errno == EINTR) continue; as after any other signal",
        "epoll-eintr-is-fatal.c",
        by_hand="`kill -STOP PID; sleep 1; kill -CONT PID; echo hello | nc 127.0.0.1 54321`: the reply "
        "must come",
        calls=("poll",),
    ),
    "interrupted-read-ends-clients": Cause(
        "read() or recv() with a time limit (SO_RCVTIMEO) fails with EINTR when the server was stopped "
        "and goes on, and you take that for the client's end, or for the end of the time limit",
        "if (rx < 0 && errno == EINTR) read again; a time limit that is over says EAGAIN (socket(7))",
        "time-limit-eintr.c",
        calls=("read",),
    ),
    "interrupted-reaper-ends": Cause(
        "a thread of yours waits for SIGCHLD in sigwaitinfo() or sigtimedwait(); when the server was "
        "stopped and went on, that call failed with EINTR and the thread ended: now nobody waits for "
        "children",
        "the loop of that thread: on EINTR wait for the signal again; sigwait() does that by itself",
        "reaper-interrupted.c",
        by_hand="`kill -STOP PID; sleep 1; kill -CONT PID; for i in 1 2 3; do echo hello | nc 127.0.0.1 "
        "54321; done; ps --ppid PID -o pid,stat,args`: no <defunct> may be listed",
    ),
}
