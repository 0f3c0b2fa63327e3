"""Defect: it prints the reply, which is still empty, and then reads it (slide 8)."""

import socket
import sys

host = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1"
port = int(sys.argv[2]) if len(sys.argv) > 2 else 54321
try:
    sock = socket.create_connection((host, port))
except OSError as error:
    sys.exit(f"connect: {error}")
reply = b""
try:
    line = input("Please type a short sentence: ")
except EOFError:
    sys.exit(0)
sock.sendall((line + "\n").encode())
print("Reply:", reply.decode(), flush=True)
while not reply.endswith(b"\n"):
    came = sock.recv(4096)
    if not came:
        break
    reply += came
sock.close()
if not reply:
    sys.exit("the server left without a reply")
