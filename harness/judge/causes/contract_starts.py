"""Causes behind what contract/starts can show of a program that was built."""

from typing import Final

from .cause import Cause

CAUSES: Final[dict[str, Cause]] = {
    "ends-unvisited": Cause(
        "the call in which your server waits for clients has a time limit ({select(), poll(), "
        "SO_RCVTIMEO, alarm()|settimeout(), select()|setSoTimeout() in Java, a deadline in Go}), and "
        "when nobody has come for so long, your server ends",
        "where the limit is set: leave it out, or accept again when it has run out; a server waits for "
        "its next client as long as it takes (slide 13)",
        "gives-up-waiting.py",
        by_hand="`sleep 70; echo hello | timeout 9 nc 127.0.0.1 54321`: a reply must come, however long "
        "nobody came before",
        calls=("accept", "poll"),
    ),
    "alarm-ends-server": Cause(
        "SIGALRM has ended your server: somebody has called {alarm() or setitimer()|signal.alarm()|"
        "alarm()}, and nobody handles the signal, so that it ends the process (signal(7)), whomever it "
        "serves then",
        "each call of alarm(): a limit for one client belongs into the process that serves it, after "
        "fork(), and alarm(0) behind it; a server itself has none",
        "alarm-ends-server.c",
        by_hand="`sleep 70; echo hello | timeout 9 nc 127.0.0.1 54321`: a reply must come, however long "
        "it runs",
        calls=("alarm",),
    ),
    "slide-10-slip": Cause(
        "you call socket() as slide 10 prints it, with SOCK_DGRAM and IPPROTO_TCP: there is no such "
        "socket, and the slide has this mistake",
        "your call of socket(): TCP needs SOCK_STREAM",
        "slide10-checked.c",
        from_slide=True,
        calls=("socket",),
    ),
    "socket-failed": Cause(
        "socket() has returned -1, and you go on with it: bind(), listen() and accept() fail for it, "
        "too (EBADF). Slide 10 has SOCK_DGRAM together with IPPROTO_TCP, which fails on every machine",
        "your call of socket(): TCP needs SOCK_STREAM (slide 3); and test what it returns before you go "
        "on",
        "slide10-in-a-loop.c",
        from_slide=True,
        calls=("socket",),
    ),
    "no-loop": Cause(
        "your program listens, and then comes to its end: nothing keeps it from it",
        "{a loop around accept() and all that follows it, for (;;) (slide 10); threads end with "
        "main()|a loop around accept() (slide 10); in asyncio await server.serve_forever(); threads "
        "with daemon=True end with the main program|what your program waits for at its end: the loop "
        "around accept() (slide 10), or the thread that has it}",
        "exits-at-once.c",
    ),
    "address-not-here": Cause(
        "bind() fails: no interface of this machine has the address that you give it (EADDRNOTAVAIL)",
        'the address that you give to {bind(): INADDR_ANY|bind(): ""|the listening socket: none, or '
        "0.0.0.0}, with which clients reach you at every address of the machine (ip(7)){; "
        "INADDR_LOOPBACK and others of these names need htonl()||}",
        "address-of-another.c",
        calls=("bind",),
    ),
    "port-of-root": Cause(
        "bind() fails: a port below 1024 is root's alone (EACCES)",
        "the port that you give to {bind(): 54321 as on slide 8, or argv[1]|bind(): 54321 as on slide 8,"
        " or sys.argv[1]|the listening socket: 54321 as on slide 8, or the argument}",
        "port-of-root.c",
        calls=("bind",),
    ),
    "not-permitted": Cause(
        "the kernel refuses it a call that only root may make, or a process with a capability (EPERM); "
        "here as in real use a server is started as an ordinary user",
        "the call that {perror()|the exception|the message} names: raw sockets, chroot(), mount(), "
        "setgroups() and setuid() to another user are root's (capabilities(7)); a server for these "
        "clients can do without, or goes on when it fails",
        "raw-socket.c",
    ),
    "port-taken": Cause(
        "bind() fails: another socket has this port already (EADDRINUSE), and where we started your "
        "program nobody else could have taken it",
        "every other place where a socket gets this port (one that tries whether it is free; a loop, a "
        "thread, a child): make one listening socket, once, and before fork()",
        "binds-twice.c",
        calls=("bind", "fork"),
    ),
    "compares-first": Cause(
        "you take the result of a comparison for a descriptor: in if (sock = socket(...) < 0) the < "
        "comes before the =, so that sock becomes 0, which is standard input and no socket",
        "every call whose result you assign and test at once: it needs two more parentheses, if ((sock "
        "= socket(...)) < 0), or a line of its own",
        "compares-first.c",
        calls=("socket", "accept"),
    ),
    "shadows-module": Cause(
        "one of your files has the name of a module of Python's own (socket.py, say): import takes your "
        "file, and what you use of that module is not in it",
        "the module that the message names: give your file another name, and delete __pycache__",
        "sched.py",
    ),
    "wants-arguments": Cause(
        "your program wants other arguments than a port, says so, and ends: it was started with "
        "none; PORT; HOST PORT; PORT HOST; -p PORT; --port PORT; -h HOST -p PORT; --host HOST --port "
        "PORT; and with PORT as an environment variable",
        "what your usage line asks for: your server must start without it, or with the port alone; if "
        "the assignment wants it, say how your program is started: write a file forkspec.toml beside "
        "it, with [submission] in its first line, and run = ... in its second",
        "wants-a-folder.c",
    ),
}
