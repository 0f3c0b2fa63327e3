"""Defect: a process for each connection asks its own keyboard, before it has read, what to answer (a chat of two)."""

import signal
import socket
import os
import sys

port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
listener = socket.create_server(("", port), backlog=64)
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
print(f"Server is listening on port {port}", flush=True)
while True:
    conn, _ = listener.accept()
    if os.fork() == 0:
        listener.close()
        while True:
            conn.sendall(input("server> ").encode() + b"\n")
            print("client>", conn.recv(4096).decode())
    conn.close()
