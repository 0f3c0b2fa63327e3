"""Defect: args=(conn) is no tuple: the thread unpacks the connection, and ends by a TypeError."""

import socket
import sys
import threading


def answer(conn):
    with conn:
        conn.sendall(conn.makefile("rb").readline().upper())


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
listener = socket.create_server(("", port), backlog=64)
print(f"Server is listening on port {port}", flush=True)
while True:
    conn, _ = listener.accept()
    threading.Thread(target=answer, args=(conn), daemon=True).start()
