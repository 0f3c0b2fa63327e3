"""Defect: it tries whether its port is free, and keeps it by that (bind(2), EADDRINUSE)."""

import socket
import sys


def is_free(port):
    probe = socket.socket()
    probe.bind(("", port))
    probes.append(probe)
    return True


probes = []
port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
if is_free(port):
    listener = socket.create_server(("", port), backlog=64)
    print(f"Server is listening on port {port}", flush=True)
    while True:
        with listener.accept()[0] as conn:
            conn.sendall(conn.recv(1024).upper())
