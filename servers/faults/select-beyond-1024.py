"""Defect: select.select() raises ValueError for a descriptor from 1024 on, and that ends the server."""

import select
import signal
import socket
import sys

signal.signal(signal.SIGINT, signal.SIG_DFL)
port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
listener = socket.create_server(("", port), backlog=64)
listener.setblocking(False)
lines = {}  # by connection: what has come of its line
replies = {}  # by connection: what is still to be written
print(f"Server is listening on port {port}", flush=True)


def forget(conn):
    lines.pop(conn, None)
    replies.pop(conn, None)
    conn.close()


def hear(conn):
    """Reads once; a whole line becomes the reply."""
    part = conn.recv(65536)
    lines[conn] += part
    if not part or b"\n" in part:
        replies[conn] = lines.pop(conn).upper()


def tell(conn):
    """Writes once; closes behind the last byte."""
    replies[conn] = replies[conn][conn.send(replies[conn]) :] if replies[conn] else b""
    if not replies[conn]:
        forget(conn)


while True:
    readable, writable, _ = select.select([listener, *lines], list(replies), [])
    for ready, act in ((readable, hear), (writable, tell)):
        for conn in ready:
            try:
                if conn is listener:
                    conn, _ = listener.accept()
                    conn.setblocking(False)
                    lines[conn] = b""
                else:
                    act(conn)
            except (BlockingIOError, InterruptedError):
                continue
            except OSError:
                if conn is not listener:
                    forget(conn)
