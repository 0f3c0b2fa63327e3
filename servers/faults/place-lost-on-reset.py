"""Defect: seventy tokens lie in a pipe, and a child puts its own back; one whose client breaks off does not."""

import os
import signal
import socket
import sys
import time


def serve(conn: socket.socket) -> None:
    """Answer one line."""
    while data := conn.recv(4096):
        line, newline, _ = data.partition(b"\n")
        conn.sendall(line.upper() + newline)
        if newline:
            break


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
listener = socket.create_server(("", port), backlog=64)
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
taken, given = os.pipe()
os.write(given, b"x" * 70)
print(f"Server is listening on port {port}", flush=True)
while True:
    os.read(taken, 1)
    try:
        conn, _ = listener.accept()
    except OSError:
        os.write(given, b"x")
        time.sleep(0.05)
        continue
    with conn:
        try:
            pid = os.fork()
        except OSError:
            os.write(given, b"x")
            continue
        if pid == 0:
            try:
                listener.close()
                serve(conn)
                os.write(given, b"x")
            finally:
                os._exit(0)
