"""Defect: its thread ends as a child does, by os._exit(): that ends all threads, and the server."""

import contextlib
import os
import socket
import sys
import threading
import time


def answer(conn):
    with conn, contextlib.suppress(OSError):
        line = conn.makefile("rb").readline()
        conn.sendall(line.upper())
        conn.shutdown(socket.SHUT_WR)
        with contextlib.suppress(BlockingIOError):
            conn.recv(1 << 20, socket.MSG_DONTWAIT)
    os._exit(0)


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
listener = socket.create_server(("", port), backlog=64)
print(f"Server is listening on port {port}", flush=True)
while True:
    try:
        conn, _ = listener.accept()
        threading.Thread(target=answer, args=(conn,), daemon=True).start()
    except (OSError, RuntimeError) as error:  # of the client's, or a shortage
        print(error, file=sys.stderr)
        time.sleep(0.1)
