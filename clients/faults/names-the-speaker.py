"""Defect: recv() is called once, and what it brings is shown behind a word of its own (slide 8)."""

import socket
import sys

host = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1"
port = int(sys.argv[2]) if len(sys.argv) > 2 else 54321
try:
    sock = socket.create_connection((host, port))
except OSError as error:
    sys.exit(f"connect: {error.strerror}")
try:
    line = input("Enter a line: ")
except EOFError:
    sys.exit(0)
sock.sendall(line.encode() + b"\n")
reply = sock.recv(4096)
if not reply:
    sys.exit("the server left without a reply")
print("Server:", reply.decode())
