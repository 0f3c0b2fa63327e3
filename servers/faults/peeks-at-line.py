"""Defect: recv() has MSG_PEEK, which only looks: the line lies unread when close() comes."""

import contextlib
import socket
import sys
import threading

port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321


def serve(conn: socket.socket) -> None:
    """Answer one line, capitalised."""
    with conn, contextlib.suppress(OSError):
        line = conn.recv(65536, socket.MSG_PEEK)
        conn.sendall(line.upper())


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
