"""Defect: each thread strips the line of all blanks at its ends, and puts a newline behind it again."""

import contextlib
import socket
import sys
import threading


def serve(conn: socket.socket) -> None:
    with conn, conn.makefile("rb") as lines, contextlib.suppress(OSError):
        line = lines.readline()
        conn.sendall(line.strip().upper() + (b"\n" if line.endswith(b"\n") else b""))


def main() -> None:
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
    listener = socket.create_server(("", port), backlog=64)
    print(f"Server is listening on port {port}", flush=True)
    while True:
        try:
            conn, _ = listener.accept()
        except OSError:
            continue
        try:
            threading.Thread(target=serve, args=(conn,), daemon=True).start()
        except RuntimeError:
            conn.close()


main()
