"""Slide 19's handler; the child does not sleep in recv(): it asks again and again."""

import os
import signal
import socket
import sys


def reap(*_: object) -> None:
    os.wait()


def serve(conn: socket.socket) -> None:
    conn.setblocking(False)
    line = b""
    while not line.endswith(b"\n"):
        try:
            data = conn.recv(4096)
        except BlockingIOError:
            continue
        except OSError:
            return
        if not data:
            break
        line += data
    conn.setblocking(True)
    try:
        conn.sendall(line.upper())
    except OSError:
        return


signal.signal(signal.SIGCHLD, reap)
port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
listener = socket.create_server(("", port), backlog=64)
print(f"Server is listening on port {port}", flush=True)
while True:
    connection, _ = listener.accept()
    if os.fork() == 0:
        listener.close()
        serve(connection)
        connection.close()
        os._exit(0)
    connection.close()
