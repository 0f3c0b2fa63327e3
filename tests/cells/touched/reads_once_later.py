"""Reads a line to its end for its first forty clients; later it takes whatever one read() gives."""

import contextlib
import socket
import sys
import threading


def serve(conn, number):
    with contextlib.suppress(OSError), conn, conn.makefile("rb") as lines:
        if line := lines.readline() if number <= 40 else conn.recv(65536):
            conn.sendall(line.upper())


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
listener = socket.create_server(("", port), backlog=64)
print("Server is listening on port", port, flush=True)
clients = 0
while True:
    connection, _ = listener.accept()
    clients += 1
    threading.Thread(target=serve, args=(connection, clients), daemon=True).start()
