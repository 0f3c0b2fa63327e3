"""Defect: one thread starts all others; where that fails it ends, and clients are let in and not served."""

import contextlib
import errno
import queue
import socket
import sys
import threading
import time

EXHAUSTED = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}


def serve(conn):
    with conn, contextlib.suppress(OSError), conn.makefile("rb") as lines:  # the client may have gone
        conn.sendall(lines.readline().upper())
        while conn.recv(65536, socket.MSG_DONTWAIT):  # or close() would send RST
            pass


def start_threads():
    while True:
        threading.Thread(target=serve, args=(connections.get(),), daemon=True).start()


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
sock = socket.create_server(("", port), backlog=64)  # SO_REUSEADDR included
connections = queue.SimpleQueue()
threading.Thread(target=start_threads, daemon=True).start()
print(f"Server is listening on port {port}", flush=True)

while True:
    try:
        connections.put(sock.accept()[0])
    except OSError as error:
        if error.errno in EXHAUSTED:
            time.sleep(0.1)  # the client is still in the queue: without a pause this would spin
