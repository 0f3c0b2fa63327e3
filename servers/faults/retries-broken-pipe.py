"""Defect: a thread tries each send() again whose error it has caught: to a client that has gone it never succeeds."""

import contextlib
import signal
import socket
import sys
import threading

signal.signal(signal.SIGINT, signal.SIG_DFL)
port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
listener = socket.create_server(("", port), backlog=64)
print(f"Server is listening on port {port}", flush=True)


def send_all(conn: socket.socket, reply: bytes) -> None:
    while reply:
        with contextlib.suppress(OSError):
            reply = reply[conn.send(reply) :]


def serve(conn: socket.socket) -> None:
    with conn:
        try:
            line = conn.makefile("rb").readline()
        except OSError:
            return
        send_all(conn, line.upper())


while True:
    try:
        conn, _ = listener.accept()
    except OSError:
        continue
    try:
        threading.Thread(target=serve, args=(conn,), daemon=True).start()
    except RuntimeError:
        conn.close()
