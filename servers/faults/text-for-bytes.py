"""Defect: the child gives sendall() a str: TypeError ends it (socket.sendall)."""

import os
import signal
import socket
import sys


def serve(conn: socket.socket) -> None:
    line = conn.makefile("r", encoding="utf-8", errors="surrogateescape").readline()
    conn.sendall(line.upper())


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
    listener = socket.create_server(("", port), backlog=64)
    print(f"Server is listening on port {port}", flush=True)
    while True:
        conn, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            serve(conn)
            os._exit(0)
        conn.close()


main()
