"""Starts a thread for each client of its first five seconds, and serves those who come later itself."""

import contextlib
import socket
import sys
import threading
import time


def serve(conn):
    with contextlib.suppress(OSError), conn, conn.makefile("rb") as lines:
        if line := lines.readline():
            conn.sendall(line.upper())


since = time.monotonic()
port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
listener = socket.create_server(("", port), backlog=64)
print("Server is listening on port", port, flush=True)
while True:
    connection, _ = listener.accept()
    if time.monotonic() - since < 5:
        threading.Thread(target=serve, args=(connection,), daemon=True).start()
    else:
        serve(connection)
