"""Defect: it reads on for ever, though recv() returns b"" once the server has closed (recv(2))."""

import socket
import sys

host = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1"
port = int(sys.argv[2]) if len(sys.argv) > 2 else 54321
with socket.create_connection((host, port)) as sock:
    print("Enter a line: ", end="", flush=True)
    sock.sendall(sys.stdin.readline().encode())
    while True:
        print(sock.recv(1024).decode(), end="", flush=True)
