"""Defect: a thread that is no daemon accepts clients: Ctrl-C ends the first thread alone, and Python waits for that one."""

import contextlib
import socket
import sys
import threading

PORT = int(sys.argv[1]) if len(sys.argv) > 1 else 54321


def serve(conn: socket.socket) -> None:
    with conn, contextlib.suppress(OSError):
        line = b""
        while not line.endswith(b"\n"):
            piece = conn.recv(4096)
            if not piece:
                break
            line += piece
        conn.sendall(line.upper())


def accept_for_ever(listener: socket.socket) -> None:
    while True:
        with contextlib.suppress(OSError, RuntimeError):
            conn, _ = listener.accept()
            try:
                threading.Thread(target=serve, args=(conn,), daemon=True).start()
            except RuntimeError:
                conn.close()


server = socket.create_server(("", PORT), backlog=64)
print("Server is listening on port", PORT, flush=True)
threading.Thread(target=accept_for_ever, args=(server,)).start()
threading.Event().wait()
