"""Defect: it listens on port 47000, wherever it was told to; the kernel gives such ports, too (ip(7))."""

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
sock = socket.create_server(("", 47000), backlog=64)  # SO_REUSEADDR included
print("Server is listening on port 47000", flush=True)

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
