"""It waits a second for each piece of the reply, and no longer."""

import socket
import sys

host = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1"
port = int(sys.argv[2]) if len(sys.argv) > 2 else 54321
try:
    sock = socket.create_connection((host, port), timeout=1)
except OSError as error:
    sys.exit(f"connect: {error.strerror}")
try:
    line = input("Enter a line: ")
except EOFError:
    sys.exit(0)
reply = b""
try:
    sock.sendall(line.encode() + b"\n")
    while not reply.endswith(b"\n") and (piece := sock.recv(1024)):
        reply += piece
except TimeoutError:
    sys.exit("the server takes too long")
except OSError as error:
    sys.exit(f"connection: {error.strerror}")
if not reply:
    sys.exit("the server left without a reply")
print(reply.decode(), end="")
