"""Design: a child for each connection, which answers line after line until the client closes; the kernel reaps."""

import contextlib
import ctypes
import errno
import os
import signal
import socket
import sys
import time

EXHAUSTED = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
libc = ctypes.CDLL(None)


def serve(conn):
    with contextlib.suppress(OSError), conn.makefile("rb") as lines:  # the client may go
        for line in lines:
            conn.sendall(line.upper())


def serve_in_child(sock, conn):
    with contextlib.suppress(OSError):  # fork() may fail: then this client is turned away
        if os.fork() == 0:
            try:
                libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)  # the child ends with its parent
                sock.close()
                serve(conn)
            finally:
                os._exit(0)  # whatever happens, the child must not come back into the parent's loop


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
signal.signal(signal.SIGCHLD, signal.SIG_IGN)

sock = socket.create_server(("", port), backlog=64)
print(f"Server is listening on port {port}", flush=True)

while True:
    try:
        conn, _ = sock.accept()
    except OSError as error:
        if error.errno in EXHAUSTED:
            time.sleep(0.1)  # the client is still in the queue: without a pause the loop would spin
        continue
    with conn:
        serve_in_child(sock, conn)
