"""Defect: send() is given a str, and raises TypeError."""

import socket
import sys

try:
    sock = socket.create_connection((sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 54321))
except OSError as error:
    sys.exit(f"connect: {error.strerror}")
print("Please type a short sentence: ", end="", flush=True)
line = sys.stdin.readline()
if not line:
    sys.exit(0)
sock.send(line)
reply = b""
while b"\n" not in reply:
    received = sock.recv(1024)
    if not received:
        break
    reply += received
if not reply:
    sys.exit("the server left without a reply")
sys.stdout.buffer.write(reply)
sock.close()
