"""Defect: a thread takes eight bytes, which hold no whole line, and hangs up with the rest unread."""

import socket
import sys
import threading


def answer(conn: socket.socket) -> None:
    with conn:
        line = conn.recv(8)
        if line.endswith(b"\n"):
            conn.sendall(line.upper())


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
listener = socket.create_server(("", port), backlog=64)
print(f"Server is listening on port {port}", flush=True)
while True:
    threading.Thread(target=answer, args=[listener.accept()[0]], daemon=True).start()
