"""Defect: a line is looked up among commands, and one that is none of them is answered by nothing at all."""

import selectors
import socket
import sys

port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
listener = socket.create_server(("", port), backlog=64)
watched = selectors.DefaultSelector()
watched.register(listener, selectors.EVENT_READ)
print(f"Server is listening on port {port}", flush=True)
while True:
    for key, _ in watched.select():
        if key.fileobj is listener:
            watched.register(listener.accept()[0], selectors.EVENT_READ)
            continue
        conn = key.fileobj
        line = conn.recv(4096).strip()
        if line.startswith(b"upper "):
            conn.sendall(line.removeprefix(b"upper ").upper() + b"\n")
        if not line or line == b"quit":
            watched.unregister(conn)
            conn.close()
