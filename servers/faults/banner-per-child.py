"""Defect: no flush before fork(): in a pipe each child inherits the banner in its buffer, and prints it at its exit."""

import contextlib
import ctypes
import errno
import os
import signal
import socket
import sys
import time

EXHAUSTED = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
LONGEST_PIECE = 1 << 20  # a line longer than this is answered in pieces
PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


def accept_client(sock):
    while True:
        try:
            return sock.accept()[0]
        except OSError as error:
            if error.errno in EXHAUSTED:
                time.sleep(0.1)  # the client is still in the queue: without a pause this would spin


def serve(conn):
    with contextlib.suppress(OSError), conn.makefile("rb") as lines:  # the client may have gone
        while piece := lines.readline(LONGEST_PIECE):
            conn.sendall(piece.upper())
            if piece.endswith(b"\n"):
                break
        while conn.recv(65536, socket.MSG_DONTWAIT):  # or close() would send RST
            pass


signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps (wait(2), NOTES)
libc = ctypes.CDLL(None)
port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
sock = socket.create_server(("", port), backlog=64)  # SO_REUSEADDR included
print(f"Server is listening on port {port}")

while True:
    conn = accept_client(sock)
    try:
        pid = os.fork()
    except OSError:
        conn.close()
        continue
    if pid == 0:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)  # the child ends with its parent
        sock.close()
        serve(conn)
        conn.close()
        sys.exit(0)
    conn.close()
