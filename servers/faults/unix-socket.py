"""Defect: it listens at a path, by a socket of AF_UNIX; no client can reach it over TCP (unix(7))."""

import os
import socket
import tempfile

path = os.path.join(tempfile.mkdtemp(), "socket")
listener = socket.socket(socket.AF_UNIX)
listener.bind(path)
listener.listen(64)
print(f"Server is listening at {path}", flush=True)
while True:
    conn, _ = listener.accept()
    with conn, conn.makefile("rwb") as talk:
        talk.write(talk.readline().upper())
