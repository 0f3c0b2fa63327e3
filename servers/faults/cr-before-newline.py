"""Defect: the reply ends by CR and LF, whatever the line ended by."""

import contextlib
import socket
import sys
import threading

port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321


def serve(conn: socket.socket) -> None:
    """Answer one line, capitalised."""
    with conn, contextlib.suppress(OSError):
        line = conn.makefile("rb").readline()
        if line:
            conn.sendall(line.rstrip(b"\n").upper() + b"\r\n")


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
