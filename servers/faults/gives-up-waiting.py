"""Defect: accept() has a time limit, which nobody catches: when no client comes for eight seconds, the server ends."""

import contextlib
import socket
import sys
import threading


def answer(conn):
    conn.settimeout(None)
    with conn, contextlib.suppress(OSError):
        line = conn.makefile("rb").readline()
        conn.sendall(line.upper())
        conn.shutdown(socket.SHUT_WR)
        conn.recv(1 << 20, socket.MSG_DONTWAIT)


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
listener = socket.create_server(("", port), backlog=64)
listener.settimeout(8)
print(f"Server is listening on port {port}", flush=True)
while True:
    conn, _ = listener.accept()
    threading.Thread(target=answer, args=(conn,), daemon=True).start()
