"""Defect: it starts a thread for each of its first forty clients, and serves those who come later itself."""

import contextlib
import socket
import sys
import threading
import time


def serve(conn):
    with contextlib.suppress(OSError), conn, conn.makefile("rb") as lines:
        if line := lines.readline():
            conn.sendall(line.upper())


def main():
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
    listener = socket.create_server(("", port), backlog=64)
    print("Server is listening on port", port, flush=True)
    clients = 0
    while True:
        try:
            conn, _ = listener.accept()
        except OSError:
            time.sleep(0.1)
            continue
        clients += 1
        if clients > 40:
            serve(conn)
            continue
        try:
            threading.Thread(target=serve, args=(conn,), daemon=True).start()
        except RuntimeError:
            conn.close()


main()
