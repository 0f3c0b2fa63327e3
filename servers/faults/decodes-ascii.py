"""Defect: it decodes the line as ASCII, so a byte from 0x80 on raises UnicodeDecodeError, and the child ends."""

import contextlib
import ctypes
import errno
import os
import signal
import socket
import sys
import time

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
EXHAUSTED = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}


def serve(conn):
    with conn.makefile("rb") as lines:
        line = lines.readline()
    conn.sendall(line.decode("ascii").upper().encode())
    while conn.recv(65536, socket.MSG_DONTWAIT):  # or close() would send RST
        pass


def fork():
    try:
        return os.fork()
    except OSError:  # this client is turned away
        return -1


libc = ctypes.CDLL(None)
port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps (wait(2), NOTES)

sock = socket.create_server(("", port), backlog=64)  # SO_REUSEADDR included
print(f"Server is listening on port {port}", flush=True)

while True:
    try:
        conn, _ = sock.accept()
    except OSError as error:
        if error.errno in EXHAUSTED:
            time.sleep(0.1)  # the client is still in the queue: without a pause this would spin
        continue
    if fork() == 0:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)  # the child ends with its parent
        sock.close()
        with (
            conn,
            contextlib.suppress(OSError),
        ):  # the client has gone, or has nothing left to throw away
            serve(conn)
        sys.exit()
    conn.close()
