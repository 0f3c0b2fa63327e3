"""Defect: one client at a time: the next waits until the one before has closed its connection (slides 6-8)."""

import contextlib
import errno
import socket
import sys
import time

EXHAUSTED = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
LONGEST_PIECE = 1 << 20  # a line longer than this is answered in pieces


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


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
sock = socket.create_server(("", port), backlog=64)  # SO_REUSEADDR included
print(f"Server is listening on port {port}", flush=True)

while True:
    with accept_client(sock) as conn:
        serve(conn)
