"""Defect: the loop makes its socket anew for each client, and closes it as soon as that one has come."""

import contextlib
import errno
import socket
import sys
import time

EXHAUSTED = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
LONGEST_PIECE = 1 << 20  # a line longer than this is answered in pieces


def serve(conn):
    with contextlib.suppress(OSError), conn.makefile("rb") as lines:  # the client may have gone
        while piece := lines.readline(LONGEST_PIECE):
            conn.sendall(piece.upper())
            if piece.endswith(b"\n"):
                break
        while conn.recv(65536, socket.MSG_DONTWAIT):  # or close() would send RST
            pass


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
is_announced = False
while True:
    try:
        with socket.create_server(("", port), backlog=64) as sock:
            if not is_announced:
                print(f"Server is listening on port {port}", flush=True)
                is_announced = True
            conn = sock.accept()[0]
    except OSError as error:
        if error.errno in EXHAUSTED:
            time.sleep(0.1)
        continue
    with conn:
        serve(conn)
