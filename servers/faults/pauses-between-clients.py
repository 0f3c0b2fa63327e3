"""Defect: it sleeps for a tenth of a second after each client, so that "the thread can begin"."""

import socket
import sys
import threading
import time


def answer(conn: socket.socket) -> None:
    with conn, conn.makefile("rb") as lines:
        try:
            if (line := lines.readline()).endswith(b"\n"):
                conn.sendall(line.upper())
        except OSError:
            pass


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
with socket.create_server(("", port), backlog=128) as listener:
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
        time.sleep(0.1)
