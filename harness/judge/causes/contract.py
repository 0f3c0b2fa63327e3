"""Causes behind what contract/* can show of a server that has started."""

from typing import Final

from .cause import Cause

CAUSES: Final[dict[str, Cause]] = {
    "slide-10-runaway": Cause(
        "you call socket() as slide 10 prints it, with SOCK_DGRAM and IPPROTO_TCP: it returns -1, "
        "then accept() does too, and the loop forks for each -1; the slide has this mistake",
        "your call of socket(): TCP needs SOCK_STREAM; and check every result for -1",
        "slide10-unchecked.c",
        from_slide=True,
        calls=("socket",),
    ),
    "datagrams": Cause(
        "your socket takes datagrams (UDP): {you wait in recv() or recvfrom()|you wait in recv() or "
        "recvfrom()|you wait for one}, and nobody can connect to it",
        "{the second argument of socket(): SOCK_STREAM for TCP; and then listen() and accept()|the "
        "second argument of socket(): SOCK_STREAM for TCP; and then listen() and accept()|a socket of "
        "TCP (in Java ServerSocket, in Node net and not dgram, in Go net.Listen()), and then "
        "accept()}, which give you a socket for each client (slides 3 and 10)",
        "datagrams.c",
        calls=("socket", "read"),
    ),
    "not-tcp": Cause(
        "the socket that you wait at in accept() is none of TCP, as one of AF_UNIX is none: no client "
        "can connect to it",
        "{the first argument of socket(): AF_INET for TCP, and the port in the address that you give to "
        "bind()|the first argument of socket.socket(): socket.AF_INET for TCP, and a host and a port "
        "for bind()|what you listen at: a host and a port, and no path of a file} (slide 10, unix(7))",
        "unix-socket.c",
        calls=("socket", "bind"),
    ),
    "no-listen": Cause(
        "your program has no call of listen(): a socket without it lets nobody in",
        "after bind(): listen(sock, 5), and then accept(), in which a server waits for its clients "
        "(slide 10); look at what each returns",
        "never-listens.c",
        calls=("bind",),
    ),
    "never-listens": Cause(
        "listen() was not reached, or not called for your socket, or it returned -1 and you went on",
        "socket(), bind(), listen() (slide 10): that each is reached, and what each returned; and then "
        "accept(), in which a server waits for its clients",
        "waits-before-listen.c",
        calls=("listen",),
    ),
    "accepts-closed": Cause(
        "the socket that you call accept() on has been closed before (EBADF: nothing is open at that "
        "number), and you go on when accept() fails",
        "the close() of the listening socket before your loop: only a child may close it (slide 10)",
        "closes-before-accept.c",
        calls=("close", "accept"),
    ),
    "accepts-in-vain": Cause(
        "the socket that you call accept() on does not listen, and you go on when accept() fails",
        "socket(), bind(), listen() and accept() (slides 3 and 10): that all four are given the same "
        "descriptor, and what each of them returned",
        "shut-down-before-accept.c",
        calls=("listen", "accept"),
    ),
    "htons-forgotten": Cause(
        "the port goes into the address in your machine's byte order, and the network reads it the "
        "other way round: 54321 becomes 12756",
        "htons(port) for sin_port, and htonl() for the address (ip(7), byteorder(3))",
        "htons-forgotten.c",
        calls=("bind",),
    ),
    "bind-unchecked": Cause(
        "your socket had no port when {you called listen()|you called listen()|it began to listen}, "
        "which then takes any free one (ip(7)): {bind() failed and its result was not tested, or it "
        "was given port 0|bind() was not called, or it was given port 0|it was given port 0}",
        "{what bind() returned: where it is -1, perror() says why, and one reason is a third argument "
        "that is the size of a pointer, not of the struct; where it is 0, the|the call of bind(), and "
        "the|the} port that it is given",
        "bind-unchecked.c",
        calls=("bind",),
    ),
    "bind-failed": Cause(
        "bind() failed, and its result was not tested: your socket had no port when you called "
        "listen(), which then takes any free one (ip(7))",
        "what bind() returns, with perror(); and its arguments: INADDR_ANY and INADDR_LOOPBACK go "
        "through htonl(), and the third is the size of the struct, not of a pointer to it (bind(2))",
        "bind-unchecked.c",
        calls=("bind",),
    ),
    "port-0": Cause(
        "{you gave bind() port 0|you gave bind() port 0|you listen on port 0}, for which the kernel "
        "takes any free port (ip(7))",
        "the port that you {give to bind()|give to bind()|listen on}{: htons(port) and not htonl(), "
        "of which the half that fits is 0; atoi() of what is no number is 0, and argv[0] is the "
        "program's name|: sys.argv[1], where one is given|}",
        "port-0.c",
        calls=("bind",),
    ),
    "bound-another": Cause(
        "you call bind() and listen() for two different sockets: the one that listens had no port, and "
        "listen() then takes any free one (ip(7))",
        "the first arguments of bind() and listen(): one and the same socket (slides 3 and 10)",
        "binds-another.c",
        calls=("bind", "listen"),
    ),
    "no-bind": Cause(
        "your program has no call of bind(): its socket had no port when you called listen(), which "
        "then takes any free one (ip(7))",
        "after socket(): bind() with the address and the port, and then listen() (slides 3 and 10)",
        "never-binds.c",
        calls=("listen",),
    ),
    "never-throws-out": Cause(
        "nothing in your program ends the connection of a client that says nothing within that time",
        "{the time limit of read(): SO_RCVTIMEO (socket(7)) on the connection, or poll() before "
        "it: its last argument counts milliseconds|conn.settimeout(), or the time limit of "
        "select() before you read}",
        "never-throws-out.c",
        calls=("accept", "read"),
    ),
    "wrong-port": Cause(
        "the port is written into your program, and it is not the one that clients use",
        "{sin_port: 54321 as on slide 8, or argv[1] where a port is given|the port that you give to "
        "bind(): 54321 as on slide 8, or sys.argv[1] where one is given|the port that you listen on: "
        "54321 as on slide 8, or the argument where one is given}",
        "wrong-port.c",
        calls=("bind",),
    ),
    "only-v6": Cause(
        "you are bound to ::1, and 127.0.0.1 is another address (ipv6(7))",
        "{bind() to INADDR_ANY with an AF_INET socket; or to in6addr_any, with IPV6_V6ONLY off|bind() "
        'to "" with an AF_INET socket|the address that you listen on: 0.0.0.0, or none, which takes '
        "every client}",
        "only-v6-loopback.c",
        calls=("bind",),
    ),
    "one-address": Cause(
        "you are bound to one address of your machine, the one of its name perhaps, and 127.0.0.1 is "
        "another one (bind(2))",
        "{the address that bind() gets: INADDR_ANY, and not what gethostbyname() or gethostname() lead "
        'to|the address that bind() gets: "" takes every client; socket.gethostname() leads to one '
        "address|the address that you listen on: 0.0.0.0, or none, which takes every client}",
        "binds-to-host-name.c",
        calls=("bind",),
    ),
    "v6-only": Cause(
        "your listening socket takes IPv6 alone: the option IPV6_V6ONLY is on (ipv6(7))",
        "{setsockopt(..., IPPROTO_IPV6, IPV6_V6ONLY, ...) with 0, before bind(); or an AF_INET socket "
        "and INADDR_ANY|socket.create_server(..., family=socket.AF_INET6, dualstack_ipv6=True), which "
        "turns it off; or an AF_INET socket|where the listening socket is made: for both, or for IPv4}",
        "v6-only.c",
        calls=("bind",),
    ),
    "daemonises": Cause(
        "your program goes into the background: it forks, the parent exits, and the child serves",
        "no daemon(), and no exit() in the parent before the loop; whoever wants it in the background "
        "writes an &",
        "daemonises.c",
        calls=("fork", "exit"),
    ),
    "small-backlog": Cause(
        "{the second argument of your listen()|the backlog, listen()'s argument,|the backlog of your "
        "listening socket} is so small that hardly anybody can wait to be accepted",
        "{the second argument of listen(): 5 as on slide 10, SOMAXCONN for hundreds at once|the "
        "argument of listen(), or create_server(backlog=...): 5 as on slide 10, more for hundreds at "
        "once|where you make the listening socket (in Java the second argument of ServerSocket(), in "
        "Node listen(..., backlog)): 5 as on slide 10, more for hundreds at once} (listen(2))",
        "backlog-0.c",
        calls=("listen",),
    ),
    "not-by-fork": Cause(
        "you serve without fork(), which the assignment asks for",
        "fork() after accept(): a child for each connection (slides 9-13)",
        "threads-not-fork.c",
        calls=("accept",),
    ),
    "ready-made": Cause(
        "you start a server that others have written; your own program, if you have one, serves nobody",
        "the command that starts it: socket(), bind(), listen() and accept() (slides 2-4) belong into a "
        "program of yours",
        "ready-made-perl.c",
    ),
    "no-banner": Cause(
        "nothing that your program prints names the port",
        'after listen(): {printf("Server is listening on port %d\\n", port), and '
        'fflush(stdout)|print("Server is listening on port", port, flush=True)|a line that names the '
        "port, written at once} (slide 8)",
        "no-banner.c",
    ),
    "banner-stuck": Cause(
        "your banner waits in {the buffer of stdio|the buffer of sys.stdout|a buffer}: "
        "on a terminal a newline sends it off, in a pipe "
        "only a full buffer does, or the program's end{ (setbuf(3))|}",
        "{fflush(stdout) after the printf()|print(..., flush=True)|flush the output after the banner}",
        "banner-stuck.c",
    ),
    "banner-per-child": Cause(
        "your banner was still in {the buffer of stdio|the buffer of sys.stdout|a buffer} at "
        "fork(): each child inherits a copy, and "
        "prints it when it exits{ (setbuf(3), exit(3))|}",
        "{fflush(stdout) before fork()|print(..., flush=True)|flush the output before you fork}",
        "banner-per-child.py",
    ),
    "banner-in-loop": Cause(
        "the line that names the port is printed in your loop, once for each client, and not once when "
        "the server begins to listen",
        "print it once: after listen(), and before the loop around accept() (slide 8)",
        "PrintsInLoop.java",
        calls=("accept",),
    ),
}
