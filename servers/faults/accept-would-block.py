"""Defect: the listening socket does not block, and accept() that finds nobody ends the server."""

import contextlib
import socket
import sys
import threading

port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321


def serve(conn: socket.socket) -> None:
    """Answer one line, capitalised."""
    with conn, contextlib.suppress(OSError):
        line = conn.makefile("rb").readline()
        conn.sendall(line.upper())


listener = socket.create_server(("", port), backlog=64)
listener.setblocking(False)
print(f"Server is listening on port {port}", flush=True)
while True:
    conn, _ = listener.accept()
    conn.setblocking(True)
    threading.Thread(target=serve, args=(conn,), daemon=True).start()
