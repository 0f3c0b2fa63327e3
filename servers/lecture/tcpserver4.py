"""tcpserver4.py - not in the lecture: a child for each connection, and it holds.

It reaps every child however many exit at once, and no error met on the way costs more than one connection.
"""

import contextlib
import errno
import os
import select
import signal
import socket
import sys
import time

LONGEST_PIECE = 16 << 20  # a line longer than this is answered in pieces
EXHAUSTED = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
OUR_MISTAKE = {errno.EBADF, errno.EFAULT, errno.EINVAL, errno.ENOTSOCK, errno.EOPNOTSUPP}


def reap_children():
    """One signal may stand for many children, so wait until none is left."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0] > 0:
            pass


def end_together(signo, frame):
    """SIGTERM ends the children too, as ^C does: the leader of a process group passes it on to the others."""
    signal.signal(signo, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signo})  # or it would fork once more before it ends
    os.kill(0 if os.getpid() == os.getpgrp() else os.getpid(), signo)


def serve(conn):
    """TCP is a stream of bytes: the line may come in many pieces, and may end by FIN instead of a newline."""
    line = bytearray()
    ended = False
    while not ended:
        received = conn.recv(4096)
        head, newline, _ = received.partition(b"\n")
        line += head + newline
        ended = bool(newline) or not received
        if ended or len(line) >= LONGEST_PIECE:
            conn.sendall(line.upper())
            line.clear()

    # close() with input unread would send RST, and RST destroys a reply that is still on its way (RFC 1122, 4.2.2.13).
    conn.shutdown(socket.SHUT_WR)
    while conn.recv(4096, socket.MSG_DONTWAIT):
        pass


def accept_client(sock):
    """Return the next client's connection, or None when there is none after all (accept(2), "Error handling")."""
    try:
        return sock.accept()[0]
    except OSError as error:
        if error.errno in OUR_MISTAKE:
            raise
        if error.errno in EXHAUSTED:
            time.sleep(0.1)  # the client is still in the queue: without a pause the loop would spin
        return None


def fork():
    """Fork, and keep SIGTERM back until the child leaves it alone: a new Python forgets what came earlier."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    try:
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
        return pid
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})


def serve_in_child(sock, conn):
    try:
        pid = fork()
    except OSError as error:  # this client is turned away, the next may be luckier
        print(f"fork: {error}", file=sys.stderr)
        return
    if pid == 0:
        try:
            sock.close()
            with contextlib.suppress(OSError):  # the client has gone, or has nothing left to drain
                serve(conn)
            conn.close()
        finally:
            os._exit(0)  # whatever happens, the child must not come back into the parent's loop


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321

# Python runs a handler only between two of its own instructions: one that arrives just before accept() blocks would
# wait for the next client. So the signal writes a byte (signal.set_wakeup_fd), and select() waits for both.
bell, clapper = socket.socketpair()
clapper.setblocking(False)
signal.set_wakeup_fd(clapper.fileno(), warn_on_full_buffer=False)
signal.signal(signal.SIGCHLD, lambda signo, frame: None)
signal.signal(signal.SIGTERM, end_together)

sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # or TIME_WAIT would refuse a restart
sock.bind(("", port))
sock.listen(socket.SOMAXCONN)
sock.setblocking(False)  # a client may leave between select() and accept()
print(f"Server is listening on port {port}", flush=True)

while True:
    ready, _, _ = select.select([sock, bell], [], [])
    if bell in ready:
        with contextlib.suppress(OSError):  # a bell not read rings again
            bell.recv(4096)
        reap_children()
    if sock in ready:
        conn = accept_client(sock)
        if conn is not None:
            conn.setblocking(True)
            serve_in_child(sock, conn)
            conn.close()
