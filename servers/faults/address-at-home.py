"""Defect: it binds to the address that its author has at home (bind(2), EADDRNOTAVAIL)."""

import socket
import sys

SERVER = "203.0.113.9"
port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
listener = socket.create_server((SERVER, port), backlog=64)
print(f"Server is listening on port {port}", flush=True)
while True:
    with listener.accept()[0] as conn:
        conn.sendall(conn.recv(1024).upper())
