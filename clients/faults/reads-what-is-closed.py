"""Defect: the with block has closed the socket when recv() is called (recv(2), EBADF)."""

import socket
import sys

host = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1"
port = int(sys.argv[2]) if len(sys.argv) > 2 else 54321
try:
    with socket.create_connection((host, port)) as sock:
        line = input("Enter a line: ")
        sock.sendall(line.encode() + b"\n")
except EOFError:
    sys.exit(0)
except OSError as error:
    sys.exit(f"connection: {error.strerror}")
print(sock.recv(1024).decode(), end="")
