"""Defect: the handler for SIGTERM ends the program, and the loop sleeps in accept() alone.

Python runs a handler only between two of its own instructions: a SIGTERM that comes just before accept() falls asleep waits
for the next client.
"""

import contextlib
import errno
import os
import signal
import socket
import sys
import time

EXHAUSTED = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}


def serve(conn):
    with contextlib.suppress(OSError), conn.makefile("rb") as lines:
        conn.sendall(lines.readline().upper())
    with contextlib.suppress(OSError):
        conn.shutdown(socket.SHUT_WR)
        while conn.recv(65536, socket.MSG_DONTWAIT):
            pass


def accept_client():
    try:
        return listener.accept()[0]
    except OSError as error:
        if error.errno in EXHAUSTED:
            time.sleep(0.1)  # the client is still in the queue: without a pause the loop would spin
        return None


def serve_in_child(conn):
    try:
        pid = os.fork()
    except OSError as error:
        print(f"fork: {error}", file=sys.stderr)
        return
    if pid == 0:
        try:
            listener.close()
            serve(conn)
        finally:
            os._exit(0)


signal.signal(signal.SIGCHLD, signal.SIG_IGN)
signal.signal(signal.SIGTERM, lambda signo, frame: sys.exit())
listener = socket.create_server(
    ("0.0.0.0", int(sys.argv[1]) if len(sys.argv) > 1 else 54321), backlog=64
)
print(f"Server is listening on port {listener.getsockname()[1]}", flush=True)

while True:
    conn = accept_client()
    if conn is not None:
        serve_in_child(conn)
        conn.close()
