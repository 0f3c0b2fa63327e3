"""Defect: SO_LINGER with a time of 0: each close() is a reset, and no orderly end (socket(7))."""

import socket
import struct
import sys
import threading


def answer(conn):
    try:
        with conn, conn.makefile("rb") as lines:
            conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            conn.sendall(lines.readline().upper())
    except OSError:
        pass


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
listener = socket.create_server(("", port), backlog=64)
print(f"Server is listening on port {port}", flush=True)
while True:
    try:
        conn, _ = listener.accept()
    except OSError:
        continue
    try:
        threading.Thread(target=answer, args=(conn,), daemon=True).start()
    except RuntimeError:
        conn.close()
