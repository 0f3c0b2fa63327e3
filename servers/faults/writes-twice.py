"""Defect: one function sends the reply, and its caller sends what it has returned."""

import contextlib
import socket
import sys
import threading

port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321


def reply_to(conn: socket.socket) -> bytes:
    """Read one line, and answer it."""
    reply = conn.makefile("rb").readline().upper()
    conn.sendall(reply)
    return reply


def serve(conn: socket.socket) -> None:
    """Serve one client."""
    with conn, contextlib.suppress(OSError):
        conn.sendall(reply_to(conn))


listener = socket.create_server(("", port), backlog=64)
print(f"Server is listening on port {port}", flush=True)
while True:
    try:
        conn, _ = listener.accept()
    except OSError as error:
        print(error, file=sys.stderr)
        continue
    try:
        threading.Thread(target=serve, args=(conn,), daemon=True).start()
    except RuntimeError:
        conn.close()
