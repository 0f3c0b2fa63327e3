"""Defect: it takes what one recv() returns for the whole line; but TCP is a stream, and a line may come in pieces."""

import contextlib
import errno
import socket
import sys
import threading
import time

EXHAUSTED = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}


def answer(conn):
    with conn, contextlib.suppress(OSError):  # the client has gone, or has nothing left to throw away
        conn.sendall(conn.recv(1024).upper())
        while conn.recv(65536, socket.MSG_DONTWAIT):  # or close() would send RST
            pass


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
sock = socket.create_server(("", port), backlog=64)  # SO_REUSEADDR included
print(f"Server is listening on port {port}", flush=True)

while True:
    try:
        conn, _ = sock.accept()
    except OSError as error:
        if error.errno in EXHAUSTED:
            time.sleep(0.1)  # the client is still in the queue: without a pause this would spin
        continue
    try:
        threading.Thread(target=answer, args=(conn,), daemon=True).start()
    except RuntimeError:  # no more threads: this client is turned away
        conn.close()
