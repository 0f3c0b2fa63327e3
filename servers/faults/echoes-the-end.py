"""Defect: recv() returns b'' once the client has gone; that is sent back, and the next recv() returns b'' too."""

import socket
import sys

port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
listener = socket.create_server(("", port), backlog=64)
print(f"Server is listening on port {port}", flush=True)
while True:
    conn, _ = listener.accept()
    while True:
        data = conn.recv(4096)
        conn.sendall(data.upper())
