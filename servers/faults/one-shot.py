"""Defect: there is no loop, and once a client is let in the listening socket is closed (one client, one program)."""

import socket
import sys

port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
with socket.create_server(("", port)) as listener:
    print(f"Server is listening on port {port}", flush=True)
    conn, _ = listener.accept()
with conn:
    conn.sendall(conn.makefile("rb").readline().upper())
