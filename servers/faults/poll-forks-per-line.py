"""Defect: a child is forked for each line, and keeps its copies of all other clients' connections."""

import os
import selectors
import signal
import socket
import sys

signal.signal(signal.SIGINT, signal.SIG_DFL)
signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps them (waitpid(2), NOTES)
port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
listener = socket.create_server(("", port), backlog=64)
listener.setblocking(False)
watched = selectors.DefaultSelector()
watched.register(listener, selectors.EVENT_READ)
print(f"Server is listening on port {port}", flush=True)


def answer(conn: socket.socket, line: bytes) -> None:
    """In the child: the reply takes the time that the client takes to read it."""
    try:
        conn.setblocking(True)
        conn.sendall(line.upper())
    except OSError:
        pass
    os._exit(0)


while True:
    for key, _ in watched.select():
        if key.fileobj is listener:
            try:
                conn, _ = listener.accept()
            except OSError:
                continue
            conn.setblocking(False)
            watched.register(conn, selectors.EVENT_READ, bytearray())
            continue
        conn, line = key.fileobj, key.data
        try:
            part = conn.recv(65536)
        except BlockingIOError:
            continue
        except OSError:
            part = b""
            line.clear()
        line += part
        if part and b"\n" not in part:
            continue
        watched.unregister(conn)
        try:
            if line and os.fork() == 0:
                listener.close()
                answer(conn, line)
        except OSError:
            pass
        conn.close()
