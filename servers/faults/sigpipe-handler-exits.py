"""Defect: a handler for SIGPIPE ends the program: one client that has gone ends the service for all."""

import contextlib
import os
import signal
import socket
import sys
import threading
from types import FrameType

port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321


def give_up(_: int, frame: FrameType | None) -> None:
    """End it all."""
    os._exit(1)


def serve(conn: socket.socket) -> None:
    """Answer one line, capitalised."""
    with conn, contextlib.suppress(OSError):
        line = conn.makefile("rb").readline()
        conn.sendall(line.upper())


signal.signal(signal.SIGPIPE, give_up)
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
